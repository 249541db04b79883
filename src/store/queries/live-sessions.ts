import type { Database } from '../driver.ts';
import { type sumColumns, sumSelect } from '../sums.ts';
import type { GroupSums, PeriodRange } from './report.ts';
import { type SessionFacts, sessionFacts } from './sessions.ts';

/** A top-level session and the newest turn of it or of a subagent below it, UTC ms. */
export interface SessionActivity {
  readonly rowId: number;
  readonly lastActivityAt: number;
}

/** The sessions with the newest turns, newest first; at most `limit`. Reads no more of the store than it takes. */
export function newestSessions(db: Database, limit: number): readonly SessionActivity[] {
  const found = new Map<number, SessionActivity>();
  const rows = db
    .prepare<[], SessionActivity>(
      `SELECT top_id AS rowId, last_turn_at AS lastActivityAt FROM session
       WHERE last_turn_at IS NOT NULL ORDER BY last_turn_at DESC, id DESC`,
    )
    .iterate();
  for (const row of rows) {
    if (!found.has(row.rowId)) found.set(row.rowId, row);
    if (found.size >= limit) break;
  }
  return [...found.values()];
}

/** When a session, maybe a subagent, had its newest turn, UTC ms. */
export interface SessionTurns {
  readonly sessionRowId: number;
  readonly topRowId: number;
  readonly lastTurnAt: number;
}

/** Sessions, subagents too, with a turn after `sinceMs`, or with any; newest first. */
export function activityAfter(db: Database, sinceMs: number | undefined): readonly SessionTurns[] {
  return db
    .prepare<[number], SessionTurns>(
      `SELECT id AS sessionRowId, top_id AS topRowId, last_turn_at AS lastTurnAt FROM session
       WHERE last_turn_at > ? ORDER BY last_turn_at DESC, id DESC`,
    )
    .all(sinceMs ?? Number.MIN_SAFE_INTEGER);
}

/** How many sessions, subagents too, had their newest turn by then, and how long before, in ms together. */
export function activityUpTo(db: Database, untilMs: number): { readonly sessions: number; readonly ages: number } {
  return (
    db
      .prepare<[number, number], { sessions: number; ages: number }>(
        'SELECT COUNT(*) AS sessions, COALESCE(SUM(? - last_turn_at), 0) AS ages FROM session WHERE last_turn_at <= ?',
      )
      .get(untilMs, untilMs) ?? { sessions: 0, ages: 0 }
  );
}

/** Top-level sessions with a turn after `sinceMs`, their own or a subagent's. */
export function activeSessions(db: Database, sinceMs: number): readonly SessionActivity[] {
  return db
    .prepare<[number], SessionActivity>(
      // The plus keeps SQLite from going through every session for an order that nobody wants.
      'SELECT top_id AS rowId, MAX(last_turn_at) AS lastActivityAt FROM session WHERE last_turn_at > ? GROUP BY +top_id',
    )
    .all(sinceMs);
}

/** A session with what it and its subagents used together. */
export interface SessionUse {
  readonly facts: SessionFacts;
  readonly sums: GroupSums;
}

/** Facts and sums of the given top-level sessions, by row id; unknown ids are not there. */
export function sessionUse(db: Database, rowIds: readonly number[]): ReadonlyMap<number, SessionUse> {
  const rows = db
    .prepare<[string], { topId: number } & Record<(typeof sumColumns)[number], number>>(
      `SELECT s.top_id AS topId, ${sumSelect('r')} FROM session s LEFT JOIN session_rollup r ON r.session_id = s.id
       WHERE s.top_id IN (SELECT value FROM json_each(?)) GROUP BY s.top_id`,
    )
    .all(JSON.stringify(rowIds));
  const facts = sessionFacts(db, rowIds);
  const found = new Map<number, SessionUse>();
  for (const { topId, ...sums } of rows) {
    const known = facts.get(topId);
    if (known !== undefined) found.set(topId, { facts: known, sums: { ...sums, sessions: 1 } });
  }
  return found;
}

/** What some turns cost. */
export interface Spend {
  /** Nano-USD. */
  readonly nano: number;
  readonly turns: number;
  /** Turns of which the cost is known. */
  readonly pricedTurns: number;
}

/** Cost within each stretch, in their order. Their ends lie on quarters of an hour, as those of days do in every zone. */
export function spendWithin(db: Database, periods: readonly PeriodRange[]): readonly Spend[] {
  const statement = db.prepare<[number, number], Spend>(
    `SELECT TOTAL(auto_nano) AS nano, COALESCE(SUM(turns), 0) AS turns, COALESCE(SUM(auto_turns), 0) AS pricedTurns
     FROM rollup WHERE bucket >= ? AND bucket < ?`,
  );
  return periods.map(({ startMs, endMs }) => statement.get(startMs, endMs) ?? { nano: 0, turns: 0, pricedTurns: 0 });
}
