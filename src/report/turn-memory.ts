import type { Database } from '../store/driver.ts';
import { countTurns, type InsightTurnRow, sessionTurns } from '../store/queries/insight-turns.ts';

/** The newest `limit` turns of a top-level session and its subagents, oldest first. */
export type TurnsOf = (db: Database, topRowId: number, limit: number) => readonly InsightTurnRow[];

/** So many of the newest are read every time: responses grow while they are written. */
const newest = 64;
/** After this long all of them are: what changes without a turn, such as a corrected price, shows then. */
const keptMs = 60_000;

interface Known {
  /** Of which data they were read; undefined: that is not known. */
  readonly data: unknown;
  readonly rows: readonly InsightTurnRow[];
  /** Turns before them, which were not wanted. */
  readonly older: number;
  readonly limit: number;
  readonly until: number;
}

/**
 * {@link sessionTurns} for whoever asks again and again: of a session known already no more is read than its newest turns.
 * When others came or went, all are read anew, and while the data stand, nothing is. `clock` never goes back, in ms;
 * `dataNow` gives another value whenever the data are others; default: they may always be.
 */
export function createTurnMemory(clock: () => number, dataNow: () => unknown = () => undefined): TurnsOf {
  const stores = new WeakMap<Database, Map<number, Known>>();
  return (db, topRowId, limit) => {
    const sessions = stores.get(db) ?? new Map<number, Known>();
    stores.set(db, sessions);
    const data = dataNow();
    const stands = (of: Known | undefined): of is Known => of?.data !== undefined && of.data === data;
    for (const [other, of] of sessions) if (clock() >= of.until && !stands(of)) sessions.delete(other);
    const before = sessions.get(topRowId);
    if (stands(before) && before.limit === limit) return before.rows;
    const known = (before?.limit === limit ? readOn(db, topRowId, before) : undefined) ?? readAll(db, topRowId, limit);
    sessions.set(topRowId, { ...known, data, limit, until: before?.until ?? clock() + keptMs });
    return known.rows;
  };
}

type Rows = Pick<Known, 'rows' | 'older'>;

function readAll(db: Database, topRowId: number, limit: number): Rows {
  const rows = sessionTurns(db, topRowId, limit);
  return { rows, older: countTurns(db, topRowId) - rows.length };
}

/** Undefined: something else than the newest is not as it was. */
function readOn(db: Database, topRowId: number, { rows, older, limit }: Known): Rows | undefined {
  const fromMs = rows.at(-newest)?.at;
  if (fromMs === undefined) return undefined;
  const kept = rows.slice(0, rows.findLastIndex((row) => row.at < fromMs) + 1);
  if (countTurns(db, topRowId, fromMs) !== older + kept.length) return undefined;
  const all = [...kept, ...sessionTurns(db, topRowId, limit, { fromMs })];
  const excess = Math.max(0, all.length - limit);
  return { rows: all.slice(excess), older: older + excess };
}
