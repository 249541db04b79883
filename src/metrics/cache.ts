import type { TokenUsage } from '../events.ts';

/** The input side of a turn, or sums of it. */
export type CacheUsage = Pick<
  TokenUsage,
  'uncachedInputTokens' | 'cacheReadInputTokens' | 'cacheCreation5mInputTokens' | 'cacheCreation1hInputTokens'
>;

/** Share of input served from cache, not counting what was written to it: R / (I + R). Ratio 0–1; undefined without either. */
export function cacheHitRatio(
  usage: Pick<CacheUsage, 'uncachedInputTokens' | 'cacheReadInputTokens'>,
): number | undefined {
  return share(usage.cacheReadInputTokens, usage.uncachedInputTokens + usage.cacheReadInputTokens);
}

/** Share of the whole prompt served from cache: R / (I + R + W). Ratio 0–1; undefined without a prompt. */
export function cacheCoverageRatio(usage: CacheUsage): number | undefined {
  const written = usage.cacheCreation5mInputTokens + usage.cacheCreation1hInputTokens;
  return share(usage.cacheReadInputTokens, usage.uncachedInputTokens + usage.cacheReadInputTokens + written);
}

function share(part: number, whole: number): number | undefined {
  return whole > 0 ? part / whole : undefined;
}
