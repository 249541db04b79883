import { type StartOfWeek, startOfDay, type Zone } from '../metrics/calendar.ts';
import type { PriceBook } from '../metrics/prices.ts';
import type { SignalModule } from '../metrics/signal.ts';
import type { Database } from '../store/driver.ts';
import { totalSums } from '../store/queries/report.ts';
import { everything } from '../store/queries/scope.ts';
import type { StatsAnswer } from './answer-schemas.ts';
import { type Figures, figuresOf } from './figures.ts';
import { buildInsights } from './insights.ts';
import { sumsFrom } from './sums.ts';

/** What every question about "now" needs to know. */
export interface NowRequest {
  readonly zone: Zone;
  readonly startOfWeek: StartOfWeek;
  readonly now: number;
  readonly book: () => PriceBook;
  readonly signals: ReadonlyMap<string, SignalModule>;
  readonly growth?: ((model: string) => number | undefined) | undefined;
}

/** Sums over everything stored, and the three figures editors show. */
export function statsAnswer(db: Database, request: NowRequest): StatsAnswer {
  const all = figuresOf(sumsFrom(totalSums(db, everything)), 'auto');
  const today = figuresOf(
    sumsFrom(totalSums(db, { ...everything, fromMs: startOfDay(request.now, request.zone) })),
    'auto',
  );
  const insights = buildInsights(
    db,
    { ...request, sessionRowId: undefined, tells: () => ({ skills: false, mcpIdentity: false }) },
    { signals: request.signals, suggestions: new Map(), figures: new Map() },
  );
  const fill = insights.stale ? undefined : insights.context?.pressure?.fillPct;
  return {
    total_sessions: all.sessions,
    total_turns: all.turns,
    total_input_tokens: all.input_tokens,
    total_output_tokens: all.output_tokens,
    total_cache_read_tokens: all.cache_read_tokens,
    total_cache_write_tokens: all.cache_write_tokens,
    ...(all.reasoning_tokens === null ? {} : { total_thinking_tokens: all.reasoning_tokens }),
    estimated_cost_usd: knownCost(all),
    cache_savings_usd: all.cache_savings_usd ?? 0,
    cache_hit_rate: all.cache_hit_rate ?? 0,
    unpriced_turns: all.unpriced_turns,
    today_cost_usd: knownCost(today),
    ...(insights.health === undefined ? {} : { health_score: insights.health.score }),
    ...(fill === undefined ? {} : { context_fill_pct: fill }),
  };
}

/** What is known of a cost: `unpriced_turns` beside it tell what is not. */
export function knownCost(figures: Pick<Figures, 'cost_usd'>): number {
  return figures.cost_usd ?? 0;
}
