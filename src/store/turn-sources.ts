import type { CopyRule, StretchEvent, TurnSource } from '../events.ts';
import { type Claim, countedClaims, type Mark } from './claims.ts';
import type { Database } from './driver.ts';
import { mergeTurn, sameRow, type TurnRow } from './turn-row.ts';
import { createTurnTable, type TurnTable } from './turn-table.ts';

/**
 * Keeps turns of which another source may tell the same: those that count in `turn`, the others in `spare_turn`. A turn
 * that several sessions hold, as a fork does what it began with, counts when it is the best in each.
 */
export interface TurnSources {
  add(key: Buffer, row: TurnRow, told: Telling): void;
  part(sessionId: number, at: number, told: StretchEvent['told']): void;
  /** Finds out anew, in the sessions something was added to, what counts. */
  settle(): void;
  forget(): void;
}

export interface Telling extends TurnSource {
  /** Row of its session. */
  readonly sessionId: number;
  readonly copies: CopyRule | undefined;
}

interface SourceRow extends Claim {
  readonly key: Buffer;
  /** Null: not judged yet. */
  readonly isBest: number | null;
}

export function createTurnSources(
  db: Database,
  store: {
    readonly turns: TurnTable;
    readonly pathOf: (fileId: number) => string;
    readonly price: (row: TurnRow, model: string) => void;
    /** A turn counts from now on, or does no more. */
    readonly count: (row: TurnRow, sign: 1 | -1) => void;
  },
): TurnSources {
  const { turns, price, count } = store;
  const spares = createTurnTable(db, 'spare_turn');
  const note = db.prepare(
    `INSERT INTO turn_source (key, session_id, at, from_at, rank, is_extra) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (key, session_id) DO UPDATE SET at = MIN(at, excluded.at), from_at = MIN(from_at, excluded.from_at),
       rank = MIN(rank, excluded.rank), is_extra = MIN(is_extra, excluded.is_extra)`,
  );
  const judge = db.prepare('UPDATE turn_source SET is_best = ? WHERE key = ? AND session_id = ?');
  const isBeaten = db.prepare<[Buffer], object>('SELECT 1 FROM turn_source WHERE key = ? AND is_best = 0');
  const claimsOf = db.prepare<[number], SourceRow>(
    `SELECT key, at, from_at AS fromAt, rank, is_extra AS isExtra, is_best AS isBest FROM turn_source
     WHERE session_id = ? ORDER BY rank`,
  );
  const marksOf = db.prepare<[number], Mark>('SELECT at, rank, from_at AS fromAt FROM stretch WHERE session_id = ?');
  const addMark = db.prepare(
    `INSERT INTO stretch (session_id, at, rank, from_at) VALUES (?, ?, ?, ?)
     ON CONFLICT (session_id, at, rank) DO UPDATE SET from_at = MIN(from_at, excluded.from_at)`,
  );
  // A row's number is given out again: what it cost before belongs to it alone.
  const forgetCost = db.prepare('DELETE FROM cost_before WHERE turn_id = ?');

  /** Sessions to settle. */
  const unsettled = new Set<number>();

  function replace(table: TurnTable, before: TurnRow, row: TurnRow): void {
    if (sameRow(before, row)) return;
    if (table === turns) price(row, turns.modelName(row.modelId));
    table.update(row);
    if (table !== turns) return;
    count(before, -1);
    count(row, 1);
  }

  function promote(key: Buffer): void {
    const row = spares.find(key);
    if (row === undefined) throw new Error('a turn that is to count is not there');
    spares.remove(row.id);
    price(row, turns.modelName(row.modelId));
    row.id = turns.insert(key, row) as number; // it is not there yet
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
    add(key, row, { sessionId, copies, ...source }) {
      const table = turns.idOf(key) === undefined ? spares : turns;
      const stored = table.find(key);
      unsettled.add(sessionId);
      if (stored === undefined) spares.insert(key, row);
      else {
        const before = { ...stored };
        mergeTurn(stored, row, store.pathOf, copies);
        replace(table, before, stored);
      }
      const from = row.approximate === 1 ? null : (source.from ?? null);
      note.run(key, sessionId, row.at, from, source.rank, source.isExtra === true ? 1 : 0);
    },
    part(sessionId, at, told) {
      addMark.run(sessionId, at, told?.rank ?? 0, told?.from ?? null);
      unsettled.add(sessionId);
    },
    settle() {
      for (const sessionId of unsettled) {
        const claims = claimsOf.all(sessionId);
        const counted = countedClaims(claims, marksOf.all(sessionId));
        for (const claim of claims) {
          const isBest = counted.has(claim) ? 1 : 0;
          if (isBest === claim.isBest) continue;
          judge.run(isBest, claim.key, sessionId);
          const counts = isBeaten.get(claim.key) === undefined;
          if (counts !== (turns.idOf(claim.key) !== undefined)) (counts ? promote : demote)(claim.key);
        }
      }
      unsettled.clear();
    },
    forget: () => unsettled.clear(),
  };
}
