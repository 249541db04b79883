import { usdOf } from '../report/figures.ts';
import { compactAnswer, contextPressureAnswer, healthAnswer } from '../report/insight-answers.ts';
import { usageAnswer } from '../report/session-answers.ts';
import { spendingOf } from '../report/spending.ts';
import { sessionUseAsked } from './session.ts';
import type { ToolDeps } from './tool.ts';

/** Above this fill, in percent, alerts speak instead. */
const alertsFromPct = 80;

/** How the client's session does, for a client that shows it; undefined while nobody works or alerts speak of it. */
export function ambientStatus(deps: ToolDeps): Readonly<Record<string, unknown>> | undefined {
  if (deps.current === undefined || deps.current.stale) return undefined;
  const use = sessionUseAsked(deps, undefined);
  const context = contextPressureAnswer(deps.db, use, deps);
  if (context.fill_pct >= alertsFromPct) return undefined;
  const health = healthAnswer(deps.db, { ...deps, sessionRowId: deps.current.rowId }, deps.members);
  return {
    type: 'ambient_status',
    fill_pct: context.fill_pct,
    predicted_turns_remaining: context.predicted_turns_remaining,
    daily_cost_usd: usdOf(spendingOf(deps.db, deps).today),
    cache_hit_rate_pct: usageAnswer(use).cache_hit_rate_pct,
    should_compact: compactAnswer(deps.db, use, deps).should_compact,
    health_score_proxy: health.health_score,
  };
}
