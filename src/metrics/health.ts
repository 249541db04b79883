import { cacheCoverageRatio, cacheHitRatio } from './cache.ts';
import type { InsightTurn } from './insight-turn.ts';
import { sumUsage } from './insight-turn.ts';
import { clamp, sumOf } from './stats.ts';
import { outputCostNanoUsd } from './turn-cost.ts';

/** What kind of work the turns are, and so what matters most. */
export type HealthProfile = 'cache_heavy' | 'exploration' | 'tool_heavy' | 'balanced';

export type HealthPart = 'cache' | 'context' | 'cost' | 'waste';

export interface Health {
  /** Whole, 0–100. */
  readonly score: number;
  readonly profile: HealthProfile;
  /** Points of each part and the most it can give; unrounded. */
  readonly parts: Readonly<Record<HealthPart, { readonly score: number; readonly max: number }>>;
}

const weights: Readonly<Record<HealthProfile, Readonly<Record<HealthPart, number>>>> = {
  cache_heavy: { cache: 40, context: 20, cost: 20, waste: 20 },
  exploration: { cache: 15, context: 30, cost: 20, waste: 35 },
  tool_heavy: { cache: 25, context: 20, cost: 30, waste: 25 },
  balanced: { cache: 30, context: 25, cost: 25, waste: 20 },
};

/**
 * The one health score, of the live session's turns or else of today's. Each part is its weight times a share:
 * cache `R/(I+R)` (0.5 without tokens); context `1 − fill` (1 where no session is live and nothing fills);
 * cost `min(1, 2·(cost of O)/(whole cost))`, at each turn's own price (0.6 where none is priced);
 * waste `1 − wasteScore/100`. Undefined without turns.
 */
export function health(
  turns: readonly InsightTurn[],
  fillPct: number | undefined,
  wasteScore: number,
): Health | undefined {
  if (turns.length === 0) return undefined;
  const usage = sumUsage(turns);
  const profile = profileOf(turns);
  const shares: Record<HealthPart, number> = {
    cache: cacheHitRatio(usage) ?? 0.5,
    context: 1 - clamp((fillPct ?? 0) / 100, 0, 1),
    cost: outputShare(turns),
    waste: 1 - clamp(wasteScore / 100, 0, 1),
  };
  const part = (name: HealthPart) => ({ score: weights[profile][name] * shares[name], max: weights[profile][name] });
  const parts = { cache: part('cache'), context: part('context'), cost: part('cost'), waste: part('waste') };
  return { score: Math.round(sumOf(Object.values(parts).map((each) => each.score))), profile, parts };
}

/** By the first test that holds: cache coverage above 0.60, output above 2.5 × input, more than five calls a turn. */
function profileOf(turns: readonly InsightTurn[]): HealthProfile {
  const usage = sumUsage(turns);
  const input = usage.uncachedInputTokens + usage.cacheReadInputTokens;
  if ((cacheCoverageRatio(usage) ?? 0) > 0.6) return 'cache_heavy';
  if (input > 0 && usage.outputTokens / input > 2.5) return 'exploration';
  return sumOf(turns.map((turn) => turn.toolCalls)) / turns.length > 5 ? 'tool_heavy' : 'balanced';
}

function outputShare(turns: readonly InsightTurn[]): number {
  let output = 0;
  let whole = 0;
  for (const { price, costNanoUsd, usage, promptTokens } of turns) {
    if (price === undefined || costNanoUsd === undefined) continue;
    output += outputCostNanoUsd(price, usage, promptTokens);
    whole += costNanoUsd;
  }
  return whole > 0 ? Math.min(1, (2 * output) / whole) : 0.6;
}
