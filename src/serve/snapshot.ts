import { contextAnswer } from '../report/context-answer.ts';
import { figuresOf, usdOf } from '../report/figures.ts';
import { shownModel } from '../report/shown-model.ts';
import { spentSoFar } from '../report/spent.ts';
import { knownCost } from '../report/stats.ts';
import { sumsFrom } from '../report/sums.ts';
import { totalSums } from '../store/queries/report.ts';
import { everything } from '../store/queries/scope.ts';
import type { RouteDeps } from './route.ts';

/** What streams send, as the text of JSON made once for all clients. */
export type Frame = SnapshotFrame | AlertFrame;

export interface SnapshotFrame {
  readonly type: 'snapshot';
  /** For WebSocket clients. */
  readonly snapshot: string;
  /** For clients of the event stream. */
  readonly status: string;
}

export interface AlertFrame {
  readonly type: 'alert';
  readonly alert: string;
}

/** Everything the page and status bars show, as far as the tier tells it. */
export function snapshotFrame(deps: RouteDeps): SnapshotFrame {
  const all = figuresOf(sumsFrom(totalSums(deps.db, everything)), 'auto');
  const spent = spentSoFar(deps.db, deps, 30);
  const context = contextAnswer(deps.db, deps);
  const known = 'message' in context || context.stale ? undefined : context;
  const dailyLimit = deps.budget.daily_usd;
  const daily = usdOf(spent.today);
  const snapshot = {
    type: 'snapshot',
    version: deps.version,
    data: {
      version: deps.version,
      context_pressure:
        known === undefined
          ? {}
          : {
              model: shownModel(known.model, deps),
              context_window: known.context_window,
              fill_pct: known.fill_pct,
              tokens_remaining: known.tokens_remaining,
              predicted_turns_remaining: known.predicted_turns_remaining,
              pressure_level: known.pressure_level,
              ...(deps.tier >= 2 ? { session_id: known.session_id, project_name: known.project_name } : {}),
            },
      budget_status: {
        daily_spent: daily,
        daily_limit: dailyLimit,
        weekly_spent: usdOf(spent.week),
        weekly_limit: deps.budget.weekly_usd,
        monthly_spent: usdOf(spent.month),
        monthly_limit: deps.budget.monthly_usd,
        over_budget: dailyLimit > 0 && daily > dailyLimit,
      },
      token_usage: {
        total_sessions: all.sessions,
        total_turns: all.turns,
        total_input_tokens: all.input_tokens,
        total_output_tokens: all.output_tokens,
        total_cache_read_tokens: all.cache_read_tokens,
        total_cache_write_tokens: all.cache_write_tokens,
        total_thinking_tokens: all.reasoning_tokens ?? 0,
        estimated_cost_usd: knownCost(all),
        unpriced_turns: all.unpriced_turns,
      },
      cache_efficiency: { cache_hit_rate: all.cache_hit_rate ?? 0, cache_savings_usd: all.cache_savings_usd ?? 0 },
      history_30d: spent.days.map(({ date, nano }) => ({ date, estimated_cost_usd: usdOf(nano) })),
    },
  };
  const fill = known?.fill_pct ?? 0;
  return {
    type: 'snapshot',
    snapshot: JSON.stringify(snapshot),
    status: JSON.stringify({
      fill_pct: rounded(fill, 1),
      daily_cost_usd: rounded(daily, 4),
      cache_hit_rate_pct: rounded((all.cache_hit_rate ?? 0) * 100, 1),
      predicted_turns_remaining: known?.predicted_turns_remaining ?? null,
      should_compact: fill >= 80,
    }),
  };
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
