import { lastDays } from '../../report/budget-answer.ts';
import type { Database } from '../../store/driver.ts';
import type { Known } from '../question.ts';
import { insightsNow, type ShownInsights } from './insights-now.ts';
import { type Metric, pickMetrics } from './metric-lines.ts';
import { type Days, trendDays } from './trend-panel.ts';

/** What the numbers mean, every figure behind it, and how the days go. */
export interface InsightFacts {
  readonly insights: ShownInsights;
  /** Those the settings name, else all. */
  readonly metrics: readonly Metric[];
  readonly days: Days;
}

export function insightFacts(db: Database, known: Known): InsightFacts {
  const insights = insightsNow(db, known);
  return {
    insights,
    metrics: pickMetrics(known.members.figures, insights.figures, known.metrics.insights),
    days: lastDays(db, known, trendDays),
  };
}
