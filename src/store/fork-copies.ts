import type { LogEvent } from '../events.ts';
import type { Database } from './driver.ts';

/** Tables whose records a fork may hold copies of, by the kind of event that fills them. */
const tables = { turn: 'turn', prompt: 'prompt', compaction: 'event', activity: 'event' } as const;

type Kind = keyof typeof tables;
type Table = (typeof tables)[Kind];

/** A record that may stand in several conversations. */
export type ForkRecord = Extract<LogEvent, { readonly kind: Kind }>;

export function isForkRecord(event: LogEvent): event is ForkRecord {
  return Object.hasOwn(tables, event.kind);
}

interface Claim {
  /** Null: copies of one that is gone, and nobody's. */
  readonly sessionId: number | null;
  readonly depth: number;
}

/**
 * Who among forks holds a record, so that each is counted once, and where it belongs, in whatever order files arrive.
 * Copies are never merged: a record of a fork stands in its table or does not.
 */
export interface ForkCopies {
  /** May this record of a fork be written? What must give way to it is removed. */
  admits(key: Buffer, kind: Kind, sessionId: number, depth: number): boolean;
  /** The same for what goes where a turn of its session goes. */
  follows(key: Buffer, kind: Kind, sessionId: number, depth: number, turnKey: Buffer): boolean;
  /** Is there any such record? */
  any(): boolean;
  /** A record of no fork, or of one that is sure of it, is about to be written: a copy of it is removed. */
  giveWay(key: Buffer, kind: Kind, sessionId: number): void;
  /** All that this fork holds were copies. */
  release(sessionId: number): void;
  /** At the end of a batch: another process may write the next one. */
  forget(): void;
}

export function createForkCopies(
  db: Database,
  /** Takes a record out of its table and out of all sums. */
  remove: (key: Buffer, table: Table) => void,
): ForkCopies {
  const find = db.prepare<[Buffer], Claim>('SELECT session_id AS sessionId, depth FROM fork_copy WHERE key = ?');
  const save = db.prepare(
    `INSERT INTO fork_copy (key, kind, session_id, depth, turn_key) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (key) DO UPDATE SET session_id = excluded.session_id, depth = excluded.depth`,
  );
  const heldBy = db.prepare<[number], { key: Buffer; kind: Kind; depth: number }>(
    'SELECT key, kind, depth FROM fork_copy WHERE session_id = ?',
  );
  const followers = db.prepare<[Buffer], { key: Buffer; kind: Kind }>(
    'SELECT key, kind FROM fork_copy WHERE turn_key = ?',
  );
  const dropFollowers = db.prepare('DELETE FROM fork_copy WHERE turn_key = ?');
  const any = db.prepare('SELECT 1 FROM fork_copy LIMIT 1');
  const holders = { turn: holderIn('turn'), prompt: holderIn('prompt'), event: holderIn('event') };
  let hasAny: boolean | undefined;

  function holderIn(table: Table): (key: Buffer) => number | undefined {
    const row = db.prepare<[Buffer], { sessionId: number }>(
      `SELECT session_id AS sessionId FROM ${table} WHERE key = ?`,
    );
    return (key) => row.get(key)?.sessionId;
  }

  function claim(
    key: Buffer,
    kind: Kind,
    sessionId: number | null,
    depth: number,
    turnKey: Buffer | null = null,
  ): void {
    save.run(key, kind, sessionId, depth, turnKey);
    hasAny = true;
  }

  /** The record as this fork told it, and what followed it; not what the origin has put in its place. */
  function removeOf(key: Buffer, kind: Kind, sessionId: number | null): void {
    if (sessionId === null || holders[tables[kind]](key) !== sessionId) return;
    remove(key, tables[kind]);
    if (kind !== 'turn') return;
    for (const follower of followers.all(key)) remove(follower.key, tables[follower.kind]);
    dropFollowers.run(key);
  }

  return {
    admits(key, kind, sessionId, depth) {
      const known = find.get(key);
      const holder = holders[tables[kind]](key);
      if (holder !== undefined && holder !== sessionId && holder !== known?.sessionId) return false; // its origin's
      if (known === undefined || depth < known.depth) {
        if (known !== undefined) removeOf(key, kind, known.sessionId);
        claim(key, kind, sessionId, depth);
        return true;
      }
      if (known.sessionId === sessionId) return true;
      if (depth === known.depth) {
        removeOf(key, kind, known.sessionId);
        claim(key, kind, null, depth);
      }
      return false;
    },
    follows(key, kind, sessionId, depth, turnKey) {
      if (find.get(turnKey)?.sessionId !== sessionId || holders.turn(turnKey) !== sessionId) return false;
      claim(key, kind, sessionId, depth, turnKey);
      return true;
    },
    any: () => (hasAny ??= any.get() !== undefined),
    giveWay(key, kind, sessionId) {
      const known = find.get(key);
      if (known !== undefined && known.sessionId !== sessionId) removeOf(key, kind, known.sessionId);
    },
    release(sessionId) {
      for (const { key, kind, depth } of heldBy.all(sessionId)) {
        removeOf(key, kind, sessionId);
        claim(key, kind, null, depth);
      }
    },
    forget() {
      hasAny = undefined;
    },
  };
}
