import type { Database } from '../store/driver.ts';
import type { SessionUse } from '../store/queries/live-sessions.ts';
import { usdOf } from './figures.ts';
import { compactAnswer, contextPressureAnswer, healthAnswer } from './insight-answers.ts';
import type { InsightMembers, InsightRequest } from './insights.ts';
import { usageAnswer } from './session-answers.ts';
import { spendingOf } from './spending.ts';

/** Above this fill, in percent, alerts speak instead. */
const alertsFromPct = 80;

/** How a session at work does, for whoever shows it all the time; undefined while alerts speak of it. Numbers alone, by the original's names. */
export function ambientAnswer(
  db: Database,
  use: SessionUse,
  request: Omit<InsightRequest, 'sessionRowId'>,
  members: InsightMembers,
): Readonly<Record<string, number | boolean | null>> | undefined {
  const context = contextPressureAnswer(db, use, request);
  if (context.fill_pct >= alertsFromPct) return undefined;
  const { health_score } = healthAnswer(db, { ...request, sessionRowId: use.facts.rowId }, members);
  return {
    fill_pct: context.fill_pct,
    predicted_turns_remaining: context.predicted_turns_remaining,
    daily_cost_usd: usdOf(spendingOf(db, request).today),
    cache_hit_rate_pct: usageAnswer(use).cache_hit_rate_pct,
    should_compact: compactAnswer(db, use, request).should_compact,
    health_score_proxy: health_score,
  };
}
