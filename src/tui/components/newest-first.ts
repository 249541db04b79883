import type { Database } from '../../store/driver.ts';
import {
  activityAfter,
  activityUpTo,
  type SessionActivity,
  type SessionTurns,
} from '../../store/queries/live-sessions.ts';

/** After this long all are read anew: a subagent whose parent was found meanwhile is shown below it then. */
const keptMs = 60_000;

interface Known {
  readonly db: Database;
  /** Newest turn of all, UTC ms. */
  readonly until: number;
  /** When each session, subagents too, had its newest turn. */
  readonly lastTurnAt: Map<number, number>;
  /** By how much they are older than `until`, ms together. */
  readonly ages: number;
  readonly list: readonly SessionActivity[];
  readonly readAt: number;
}

/**
 * Every top-level session with a turn, newest first, as the store has them. Of tens of thousands it reads those with a turn
 * since the last time, and only sums up the others to see that they are as they were. `clock` never goes back, in ms.
 */
export function createNewestFirst(clock: () => number): (db: Database) => readonly SessionActivity[] {
  let known: Known | undefined;
  return (db) => {
    const before = known?.db === db && clock() - known.readAt < keptMs ? known : undefined;
    known = (before && readOn(before)) ?? withNews({ ...nothing(), db, readAt: clock() }, activityAfter(db, undefined));
    return known.list;
  };
}

function nothing(): Omit<Known, 'db' | 'readAt'> {
  return { until: 0, lastTurnAt: new Map(), ages: 0, list: [] };
}

/** Undefined: not only new turns came. */
function readOn(before: Known): Known | undefined {
  const news = activityAfter(before.db, before.until);
  const others = activityUpTo(before.db, before.until);
  let [count, ages] = [before.lastTurnAt.size, before.ages];
  for (const { sessionRowId } of news) {
    const at = before.lastTurnAt.get(sessionRowId);
    if (at === undefined) continue;
    count--;
    ages -= before.until - at;
  }
  if (others.sessions !== count || others.ages !== ages) return undefined;
  return withNews({ ...before, ages: others.ages }, news, others.sessions);
}

/** `news`: newest first, all of them newer than what was known; `others`: how many sessions have none. */
function withNews(before: Known, news: readonly SessionTurns[], others = 0): Known {
  const until = news[0]?.lastTurnAt;
  if (until === undefined) return before;
  const fresh = new Map<number, SessionActivity>();
  let ages = before.ages + (until - before.until) * others;
  for (const { sessionRowId, topRowId, lastTurnAt: at } of news) {
    before.lastTurnAt.set(sessionRowId, at);
    ages += until - at;
    if (!fresh.has(topRowId)) fresh.set(topRowId, { rowId: topRowId, lastActivityAt: at });
  }
  const list = [...fresh.values(), ...before.list.filter(({ rowId }) => !fresh.has(rowId))];
  return { ...before, until, ages, list };
}
