import type { TokenUsage } from '../events.ts';
import { type PriceRow, ratesFor } from './price-row.ts';

/**
 * What one response costs at this price, in whole nano-USD: exact, rounded half up once at the end.
 * Reasoning is part of the output and not added again. A tier is chosen by `promptTokens` and applies to the whole
 * request. Web searches count where the row has a fee; without one they are left out, not guessed.
 */
export function turnCostNanoUsd(
  row: PriceRow,
  usage: TokenUsage,
  promptTokens: number,
  webSearchRequests: number,
): number {
  const rates = ratesFor(row, promptTokens);
  const sum =
    usage.uncachedInputTokens * rates.input +
    usage.outputTokens * rates.output +
    usage.cacheReadInputTokens * rates.cacheRead +
    usage.cacheCreation5mInputTokens * rates.cacheWrite5m +
    usage.cacheCreation1hInputTokens * rates.cacheWrite1h +
    webSearchRequests * ((row.webSearchNanoUsd ?? 0) * picoPerNano);
  // Nothing here is negative, so a sum this small was exact at every step.
  if (sum + 500 <= Number.MAX_SAFE_INTEGER) return Math.floor((sum + 500) / picoPerNano);
  return sumNanoUsd([
    [usage.uncachedInputTokens, rates.input],
    [usage.outputTokens, rates.output],
    [usage.cacheReadInputTokens, rates.cacheRead],
    [usage.cacheCreation5mInputTokens, rates.cacheWrite5m],
    [usage.cacheCreation1hInputTokens, rates.cacheWrite1h],
    [webSearchRequests, (row.webSearchNanoUsd ?? 0) * picoPerNano],
  ]);
}

/** The same sum for the output alone: the share of a turn's cost the health score asks for. Nano-USD, rounded half up. */
export function outputCostNanoUsd(row: PriceRow, usage: TokenUsage, promptTokens: number): number {
  return sumNanoUsd([[usage.outputTokens, ratesFor(row, promptTokens).output]]);
}

/**
 * What the cache saved on one response against sending everything uncached, in whole nano-USD; negative when writing
 * cost more than reading saved. `R·(input − read) − W5·max(write5m − input, 0) − W1·max(write1h − input, 0)`:
 * a vendor that does not charge for writing earns no bonus.
 */
export function cacheSavingsNanoUsd(row: PriceRow, usage: TokenUsage, promptTokens: number): number {
  const rates = ratesFor(row, promptTokens);
  const read = usage.cacheReadInputTokens * (rates.input - rates.cacheRead);
  const written =
    usage.cacheCreation5mInputTokens * Math.max(rates.cacheWrite5m - rates.input, 0) +
    usage.cacheCreation1hInputTokens * Math.max(rates.cacheWrite1h - rates.input, 0);
  // As above: parts this small were exact at every step.
  if (Math.abs(read) + written + 500 <= Number.MAX_SAFE_INTEGER)
    return Math.floor((read - written + 500) / picoPerNano) || 0;
  return sumNanoUsd([
    [usage.cacheReadInputTokens, rates.input - rates.cacheRead],
    [usage.cacheCreation5mInputTokens, -Math.max(rates.cacheWrite5m - rates.input, 0)],
    [usage.cacheCreation1hInputTokens, -Math.max(rates.cacheWrite1h - rates.input, 0)],
  ]);
}

const picoPerNano = 1000;

/** Σ count × pico-USD as nano-USD. Plain numbers while every step is below 2^53 and so exact, else BigInt. */
function sumNanoUsd(parts: readonly (readonly [count: number, pico: number])[]): number {
  let sum = 0;
  let reach = 0;
  for (const [count, pico] of parts) {
    const product = count * pico;
    sum += product;
    reach += Math.abs(product);
  }
  // `reach` bounds every partial sum; + 500 for the rounding below.
  if (reach + 500 <= Number.MAX_SAFE_INTEGER) return Math.floor((sum + 500) / picoPerNano) || 0;
  const exact = parts.reduce((total, [count, pico]) => total + BigInt(count) * BigInt(pico), 0n);
  return Number(floorDiv(exact + 500n, BigInt(picoPerNano)));
}

function floorDiv(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  return a % b < 0n ? quotient - 1n : quotient;
}
