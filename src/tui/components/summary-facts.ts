import { budgetJson } from '../../report/budget.ts';
import type { Database } from '../../store/driver.ts';
import { activeSessions, type Spend } from '../../store/queries/live-sessions.ts';
import { liveMs } from '../../store/queries/sessions.ts';
import type { Known } from '../question.ts';
import { currentOf } from './dashboard-facts.ts';
import { insightsNow } from './insights-now.ts';
import { spendOf } from './spend-of.ts';

/** How things stand, in the few figures that fit a line or a note. Names are as the logs have them. */
export interface SummaryFacts {
  readonly today: Spend;
  readonly week: Spend;
  readonly month: Spend;
  /** The live session, else the one with the newest turn. */
  readonly current:
    | {
        readonly project: string | null;
        readonly branch: string | null;
        readonly model: string | null;
        readonly lastActivityAt: number;
        /** Of the context window, 0–100. */
        readonly fillPct: number | undefined;
        readonly turnsLeft: number | undefined;
      }
    | undefined;
  readonly live: number;
  /** 0–100. */
  readonly health: number | undefined;
  /** Share of input served from the cache, 0–100. */
  readonly cachePct: number | undefined;
  /** Today's spend as a share of the daily limit, in percent; undefined: no limit. */
  readonly dayUsedPct: number | undefined;
  /** Titles of suggestions, worst first. */
  readonly advice: readonly string[];
  /** Messages of alerts that are on. */
  readonly alerts: readonly string[];
}

export function summaryFacts(db: Database, known: Known, alerts: readonly string[]): SummaryFacts {
  const { now } = known;
  const insights = insightsNow(db, known);
  const current = currentOf(db, insights, known);
  const budgets = budgetJson(db, known.budget, { ...known, asOf: now }).budgets;
  return {
    ...spendOf(db, known),
    current:
      current === undefined
        ? undefined
        : {
            project: current.use.facts.project,
            branch: current.use.facts.branch,
            model: current.use.facts.model,
            lastActivityAt: current.lastActivityAt,
            fillPct: current.context.pressure?.fillPct,
            turnsLeft: current.context.turnsLeft?.turns,
          },
    live: activeSessions(db, now - liveMs).length,
    health: insights.health?.score,
    cachePct: insights.figures.get('cache_hit_rate'),
    dayUsedPct: budgets.find((each) => each.scope === 'all')?.daily.used_pct ?? undefined,
    advice: insights.suggestions.map((suggestion) => suggestion.title),
    alerts,
  };
}
