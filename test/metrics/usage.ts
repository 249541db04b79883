import type { TokenUsage } from '../../src/events.ts';
import type { PriceRow, Rates } from '../../src/metrics/price-row.ts';

/** Tokens in the order I, R, W5, W1, O; what is not given is 0. */
export function usage(input = 0, read = 0, write5m = 0, write1h = 0, output = 0): TokenUsage {
  return {
    uncachedInputTokens: input,
    cacheReadInputTokens: read,
    cacheCreation5mInputTokens: write5m,
    cacheCreation1hInputTokens: write1h,
    outputTokens: output,
  };
}

/** Rates from USD per million tokens, in the order of a price list. */
export function rates(input: number, output: number, cacheRead: number, write5m: number, write1h: number): Rates {
  const pico = (usd: number): number => Math.round(usd * 1e6);
  return {
    input: pico(input),
    output: pico(output),
    cacheRead: pico(cacheRead),
    cacheWrite5m: pico(write5m),
    cacheWrite1h: pico(write1h),
  };
}

export const opusRates = rates(5, 25, 0.5, 6.25, 10);

export function priceRow(change: Partial<PriceRow> = {}): PriceRow {
  return {
    modelId: 'claude-opus-4-5',
    vendor: 'anthropic',
    speed: 'standard',
    validFrom: undefined,
    validTo: undefined,
    rates: opusRates,
    tier: undefined,
    webSearchNanoUsd: 10_000_000,
    contextWindow: 200_000,
    source: 'a page',
    sourceDate: '2026-01-01',
    ...change,
  };
}
