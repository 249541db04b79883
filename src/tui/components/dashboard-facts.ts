import type { BudgetAnswer } from '../../report/answer-schemas.ts';
import { budgetJson } from '../../report/budget.ts';
import { lastDays } from '../../report/budget-answer.ts';
import { contextState } from '../../report/context.ts';
import { darkProviders } from '../../report/providers.ts';
import type { BudgetJson } from '../../report/shape.ts';
import type { Database } from '../../store/driver.ts';
import { activeSessions, type SessionUse, sessionUse } from '../../store/queries/live-sessions.ts';
import { currentSession, liveMs } from '../../store/queries/sessions.ts';
import type { Known } from '../question.ts';
import { insightsNow, type ShownContext, type ShownInsights, shownContext } from './insights-now.ts';
import { type Metric, pickMetrics } from './metric-lines.ts';
import { type MoneyFacts, moneyFacts } from './money-facts.ts';

/** Everything the dashboard shows, each the answer its own command gives. */
export interface DashboardFacts extends MoneyFacts {
  readonly insights: ShownInsights;
  /** The live session, else the one with the newest turn. */
  readonly current:
    | { readonly use: SessionUse; readonly context: ShownContext; readonly lastActivityAt: number }
    | undefined;
  /** The figures the settings name. */
  readonly metrics: readonly Metric[];
  readonly budget: BudgetJson;
  readonly days: BudgetAnswer['daily_rollups_30d'];
  /** Titles of providers whose files change without a turn. */
  readonly dark: readonly string[];
  /** Newest first. */
  readonly live: readonly { readonly use: SessionUse; readonly lastActivityAt: number }[];
}

export function dashboardFacts(db: Database, known: Known): DashboardFacts {
  const { now, remember } = known;
  const active = [...activeSessions(db, now - liveMs)].sort((a, b) => b.lastActivityAt - a.lastActivityAt);
  const uses = sessionUse(
    db,
    active.map((session) => session.rowId),
  );
  const insights = insightsNow(db, known);
  return {
    insights,
    metrics: pickMetrics(known.members.figures, insights.figures, known.metrics.live),
    current: currentOf(db, insights, known),
    budget: budgetJson(db, known.budget, { ...known, asOf: now }),
    days: lastDays(db, known, 30),
    ...moneyFacts(db, known),
    dark: remember(db, 'dark', () => darkProviders(db, now).map((provider) => provider.title)),
    live: active.flatMap(({ rowId, lastActivityAt }) => {
      const use = uses.get(rowId);
      return use === undefined ? [] : [{ use, lastActivityAt }];
    }),
  };
}

/** The live session, else the one with the newest turn, and its context. */
export function currentOf(db: Database, insights: ShownInsights, known: Known): DashboardFacts['current'] {
  const { now } = known;
  const newest = currentSession(db, now);
  const use = newest === undefined ? undefined : sessionUse(db, [newest.rowId]).get(newest.rowId);
  if (newest === undefined || use === undefined) return undefined;
  const told = insights.session?.rowId === newest.rowId ? insights.context : undefined;
  const growth = (model: string): number | undefined => known.growth(db, model, now);
  const context = told ?? shownContext(contextState(db, use.facts, { book: () => known.bookOf(db), now, growth }));
  return { use, context, lastActivityAt: newest.lastActivityAt };
}
