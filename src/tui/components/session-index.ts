import type { Sums } from '../../report/figures.ts';
import { sumsFrom } from '../../report/sums.ts';
import type { Database } from '../../store/driver.ts';
import { type SessionActivity, sessionUse } from '../../store/queries/live-sessions.ts';
import type { SessionFacts } from '../../store/queries/sessions.ts';
import { createNewestFirst } from './newest-first.ts';

/** A top-level session with what it and its subagents used together. */
export interface IndexedSession {
  readonly facts: SessionFacts;
  readonly sums: Sums;
  /** Its newest turn or a subagent's, UTC ms. */
  readonly lastActivityAt: number;
}

/** Every session, kept in memory by the thread that answers, so that a filter over all of them is a loop and no query. */
export interface SessionIndex {
  /** Which there are, newest first. */
  newest(db: Database): readonly SessionActivity[];
  /** Newest first. */
  all(db: Database): readonly IndexedSession[];
}

/** Read together. */
const chunk = 5_000;
/** What changes without a turn (a tag, a name, a corrected price) shows after this long, or when reading all took longer, later. */
const wholeMs = 5_000;
const restFactor = 20;
const mostWholeMs = 60_000;

/** Reads all of them once, then those with news. `clock` never goes back, in ms. */
export function createSessionIndex(clock: () => number): SessionIndex {
  const newest = createNewestFirst(clock);
  let of: Database | undefined;
  let version = -1;
  let known: ReadonlyMap<number, IndexedSession> = new Map();
  let list: readonly IndexedSession[] = [];
  let wholeAt = 0;
  let tookMs = 0;

  function refresh(db: Database): void {
    const began = clock();
    const isWhole = db !== of || began - wholeAt > Math.min(Math.max(wholeMs, tookMs * restFactor), mostWholeMs);
    const sessions = newest(db);
    const before = isWhole ? new Map<number, IndexedSession>() : known;
    const isNews = ({ rowId, lastActivityAt }: SessionActivity): boolean =>
      before.get(rowId)?.lastActivityAt !== lastActivityAt;
    const read = readSessions(db, sessions.filter(isNews));
    list = sessions.flatMap(({ rowId }) => read.get(rowId) ?? before.get(rowId) ?? []);
    known = new Map(list.map((session) => [session.facts.rowId, session]));
    if (!isWhole) return;
    wholeAt = clock();
    tookMs = wholeAt - began;
  }

  return {
    newest,
    all(db) {
      const seen = Number(db.pragma('data_version', { simple: true }));
      if (db === of && seen === version) return list;
      refresh(db);
      of = db;
      version = seen;
      return list;
    },
  };
}

function readSessions(db: Database, sessions: readonly SessionActivity[]): ReadonlyMap<number, IndexedSession> {
  const found = new Map<number, IndexedSession>();
  for (let from = 0; from < sessions.length; from += chunk) {
    const part = sessions.slice(from, from + chunk);
    const uses = sessionUse(
      db,
      part.map((session) => session.rowId),
    );
    for (const { rowId, lastActivityAt } of part) {
      const use = uses.get(rowId);
      if (use !== undefined) found.set(rowId, { facts: use.facts, sums: sumsFrom(use.sums), lastActivityAt });
    }
  }
  return found;
}
