import type { CopyRule, StretchEvent, TurnSource } from '../events.ts';
import { type Claim, countedClaims, type Mark } from './claims.ts';
import type { Database } from './driver.ts';
import { mergeTurn, sameRow, type TurnRow } from './turn-row.ts';
import { createTurnTable, type TurnTable } from './turn-table.ts';

/** Keeps turns of which another source may tell the same: those that count in `turn`, the others in `spare_turn`. */
export interface TurnSources {
  add(key: Buffer, row: TurnRow, told: Telling): void;
  part(sessionId: number, provider: string, at: number, told: StretchEvent['told']): void;
  /** Finds out anew, in the sessions something was added to, what counts. */
  settle(): void;
  forget(): void;
}

export interface Telling extends TurnSource {
  /** Row of its session. */
  readonly sessionId: number;
  readonly provider: string;
  readonly copies: CopyRule | undefined;
}

interface SourceRow extends Claim {
  readonly key: Buffer;
  readonly isCounted: number;
}

export function createTurnSources(
  db: Database,
  store: {
    readonly turns: TurnTable;
    readonly pathOf: (fileId: number) => string;
    readonly price: (row: TurnRow, turn: { readonly model: string; readonly provider: string }) => void;
    /** A turn counts from now on, or does no more. */
    readonly count: (row: TurnRow, sign: 1 | -1) => void;
  },
): TurnSources {
  const { turns, price, count } = store;
  const spares = createTurnTable(db, 'spare_turn');
  const note = db.prepare(
    `INSERT INTO turn_source (key, session_id, at, from_at, rank, is_extra, is_counted) VALUES (?, ?, ?, ?, ?, ?, 0)
     ON CONFLICT (key) DO UPDATE SET session_id = excluded.session_id, at = excluded.at, from_at = excluded.from_at,
       rank = excluded.rank, is_extra = excluded.is_extra`,
  );
  const move = db.prepare('UPDATE turn_source SET at = ? WHERE key = ?');
  const mark = db.prepare('UPDATE turn_source SET is_counted = ? WHERE key = ?');
  const sessionOf = db.prepare<[Buffer], { sessionId: number }>(
    'SELECT session_id AS sessionId FROM turn_source WHERE key = ?',
  );
  const claimsOf = db.prepare<[number], SourceRow>(
    `SELECT key, at, from_at AS fromAt, rank, is_extra AS isExtra, is_counted AS isCounted FROM turn_source
     WHERE session_id = ? ORDER BY rank`,
  );
  const marksOf = db.prepare<[number], Mark>('SELECT at, rank, from_at AS fromAt FROM stretch WHERE session_id = ?');
  const addMark = db.prepare(
    `INSERT INTO stretch (session_id, at, rank, from_at) VALUES (?, ?, ?, ?)
     ON CONFLICT (session_id, at, rank) DO UPDATE SET from_at = MIN(from_at, excluded.from_at)`,
  );
  // A row's number is given out again: what it cost before belongs to it alone.
  const forgetCost = db.prepare('DELETE FROM cost_before WHERE turn_id = ?');

  /** Sessions to settle, each with its provider. */
  const unsettled = new Map<number, string>();

  function replace(table: TurnTable, before: TurnRow, row: TurnRow, provider: string): void {
    if (sameRow(before, row)) return;
    if (table === turns) price(row, { model: turns.modelName(row.modelId), provider });
    table.update(row);
    if (table !== turns) return;
    count(before, -1);
    count(row, 1);
  }

  function promote(key: Buffer, provider: string): void {
    const row = spares.find(key);
    if (row === undefined) throw new Error('a turn that is to count is not there');
    spares.remove(row.id);
    price(row, { model: turns.modelName(row.modelId), provider });
    turns.insert(key, row);
    count(row, 1);
  }

  function demote(key: Buffer): void {
    const row = turns.find(key);
    if (row === undefined) throw new Error('a turn that counted is not there');
    turns.remove(row.id);
    forgetCost.run(row.id);
    spares.insert(key, { ...row, costCalculated: null, savings: null, priceId: null });
    count(row, -1);
  }

  return {
    add(key, row, { sessionId, provider, copies, ...source }) {
      const table = turns.idOf(key) === undefined ? spares : turns;
      const stored = table.find(key);
      unsettled.set(sessionId, provider);
      let owns = true;
      let at = row.at;
      if (stored === undefined) spares.insert(key, row);
      else {
        const before = { ...stored };
        mergeTurn(stored, row, store.pathOf, copies);
        replace(table, before, stored, provider);
        owns = stored.fileId === row.fileId && stored.ownerRank === row.ownerRank && stored.ownerAt === row.ownerAt;
        at = stored.at;
        const known = sessionOf.get(key);
        if (known !== undefined) unsettled.set(known.sessionId, provider);
      }
      const from = row.approximate === 1 ? null : (source.from ?? null);
      if (owns) note.run(key, sessionId, at, from, source.rank, source.isExtra === true ? 1 : 0);
      else move.run(at, key);
    },
    part(sessionId, provider, at, told) {
      addMark.run(sessionId, at, told?.rank ?? 0, told?.from ?? null);
      unsettled.set(sessionId, provider);
    },
    settle() {
      for (const [sessionId, provider] of unsettled) {
        const claims = claimsOf.all(sessionId);
        const counted = countedClaims(claims, marksOf.all(sessionId));
        for (const claim of claims) {
          const counts = counted.has(claim);
          if (counts === (claim.isCounted === 1)) continue;
          if (counts) promote(claim.key, provider);
          else demote(claim.key);
          mark.run(counts ? 1 : 0, claim.key);
        }
      }
      unsettled.clear();
    },
    forget: () => unsettled.clear(),
  };
}
