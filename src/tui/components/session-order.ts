import { usualSessionCost } from '../../metrics/anomaly.ts';
import type { Database } from '../../store/driver.ts';
import { tellsCache } from '../../store/queries/spend.ts';
import type { Known } from '../question.ts';
import type { SortOrder } from './list-state.ts';
import { parseFilter, type Usual } from './session-filter.ts';
import type { IndexedSession } from './session-index.ts';

export interface OrderWish extends SessionScope {
  readonly sort: SortOrder;
  /** As it is written; empty: none. */
  readonly filter: string;
  /** A filter is about to be written: what it takes is made ready. */
  readonly isFiltering: boolean;
}

/** Only sessions of this provider and this model; undefined: of all. */
export interface SessionScope {
  readonly provider: string | undefined;
  readonly model: string | undefined;
}

/** Sessions in their order, as many as there are. */
export interface SessionOrder {
  readonly rowIds: Float64Array;
  /** Newest turn of each, UTC ms. */
  readonly activeAt: Float64Array;
}

const habitMs = 90 * 24 * 60 * 60 * 1000;

export function sessionOrder(db: Database, wish: OrderWish, known: Known): SessionOrder {
  const { sort, filter, provider, model } = wish;
  const isAll = filter === '' && provider === undefined && model === undefined;
  if (isAll && sort !== 'costliest' && !wish.isFiltering) {
    const all = known.sessions.newest(db);
    return packed(sort === 'oldest' ? [...all].reverse() : all);
  }
  const all = known.sessions.all(db);
  const { predicate } = parseFilter(filter, known);
  const usual = usualOf(db, all, known.now);
  const found = all.filter(
    (session) =>
      (provider === undefined || session.facts.provider === provider) &&
      (model === undefined || session.facts.model === model) &&
      predicate(session, usual),
  );
  if (sort === 'oldest') found.reverse();
  if (sort === 'costliest') found.sort((a, b) => b.sums.autoNanoUsd - a.sums.autoNanoUsd); // stable: newest first among equals
  return packed(found.map(({ facts, lastActivityAt }) => ({ rowId: facts.rowId, lastActivityAt })));
}

function packed(sessions: readonly { readonly rowId: number; readonly lastActivityAt: number }[]): SessionOrder {
  return {
    rowIds: Float64Array.from(sessions, (session) => session.rowId),
    activeAt: Float64Array.from(sessions, (session) => session.lastActivityAt),
  };
}

/** Worked out only when a predicate wants it, and once. */
function usualOf(db: Database, all: readonly IndexedSession[], now: number): Usual {
  let cost: { readonly nanoUsd: number | undefined } | undefined;
  const told = new Map<string, boolean>();
  return {
    get costNanoUsd() {
      const recent = (session: IndexedSession): boolean =>
        session.lastActivityAt >= now - habitMs && session.sums.autoTurns > 0;
      cost ??= { nanoUsd: usualSessionCost(all.filter(recent).map((session) => session.sums.autoNanoUsd)) };
      return cost.nanoUsd;
    },
    tellsCache(provider) {
      const known = told.get(provider) ?? tellsCache(db, provider);
      told.set(provider, known);
      return known;
    },
  };
}
