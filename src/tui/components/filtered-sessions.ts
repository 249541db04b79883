import { usualSessionCost } from '../../metrics/anomaly.ts';
import { sumsFrom } from '../../report/sums.ts';
import type { Database } from '../../store/driver.ts';
import { type SessionActivity, sessionUse } from '../../store/queries/live-sessions.ts';
import { sessionCosts, tellsCache } from '../../store/queries/spend.ts';
import type { Predicate, Usual } from './session-filter.ts';

const habitMs = 90 * 24 * 60 * 60 * 1000;
/** Looked at together. */
const chunk = 500;

/** The first `limit` of the sessions, in their order, for which it holds. */
export function filteredSessions(
  db: Database,
  sessions: readonly SessionActivity[],
  holds: Predicate,
  options: { readonly limit: number; readonly now: number },
): readonly SessionActivity[] {
  const usual = usualOf(db, options.now);
  const found: SessionActivity[] = [];
  for (let from = 0; from < sessions.length && found.length < options.limit; from += chunk) {
    const part = sessions.slice(from, from + chunk);
    const uses = sessionUse(
      db,
      part.map((session) => session.rowId),
    );
    for (const session of part) {
      const use = uses.get(session.rowId);
      if (use === undefined) continue;
      const { lastActivityAt } = session;
      if (holds({ facts: use.facts, sums: sumsFrom(use.sums), lastActivityAt }, usual)) found.push(session);
    }
  }
  return found.slice(0, options.limit);
}

/** Asked of the store only when a predicate wants it, and once. */
function usualOf(db: Database, now: number): Usual {
  let cost: { readonly nanoUsd: number | undefined } | undefined;
  const told = new Map<string, boolean>();
  return {
    get costNanoUsd() {
      cost ??= { nanoUsd: usualSessionCost(sessionCosts(db, now - habitMs)) };
      return cost.nanoUsd;
    },
    tellsCache(provider) {
      const known = told.get(provider) ?? tellsCache(db, provider);
      told.set(provider, known);
      return known;
    },
  };
}
