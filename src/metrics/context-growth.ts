import { clamp, median, percentile } from './stats.ts';

/** How many more main-chain turns fit into the context window, as its growth so far tells. */
export interface TurnsLeft {
  /** Whole, 0–10 000. */
  readonly turns: number;
  /** By the faster quarter of the growth seen; never above `turns`. */
  readonly low: number;
  /** By the slower quarter; undefined when that does not grow at all, so that there is no upper bound. */
  readonly high: number | undefined;
}

const mostTurns = 10_000;
/** Turns looked back on. */
const mostSamples = 20;
/** From so many turns on a session's own growth tells all, and the habit counts for nothing. */
export const turnsBeyondHabit = 13;
/** Differences below which a habit is not known. */
const fewestDifferences = 20;

/**
 * Turns until the window is full. `used` is the context after each main-chain turn since the last compaction, oldest
 * first; `usualGrowth` what a turn usually adds on this model (see {@link usualGrowth}). The growth is the median of all
 * pairwise slopes of the last 20 (Theil–Sen, which one jump does not bend), blended with the habit while there are few:
 * its weight is 1 up to three turns and 0 from thirteen on. Undefined: the growth is unknown or not above 0.
 */
export function turnsLeft(
  used: readonly number[],
  remainingTokens: number,
  usualGrowth: number | undefined,
): TurnsLeft | undefined {
  const samples = used.slice(-mostSamples);
  const slopes = samples.length < 3 ? [] : pairwiseSlopes(samples);
  const weight = usualGrowth === undefined ? 0 : clamp((turnsBeyondHabit - samples.length) / 10, 0, 1);
  const blend = (slope: number | undefined): number | undefined => {
    if (slope === undefined) return usualGrowth;
    return usualGrowth === undefined ? slope : weight * usualGrowth + (1 - weight) * slope;
  };
  const turns = turnsAt(blend(median(slopes)), remainingTokens);
  if (turns === undefined) return undefined;
  const low = turnsAt(blend(percentile(slopes, 0.75)), remainingTokens) ?? turns;
  return { turns, low, high: turnsAt(blend(percentile(slopes, 0.25)), remainingTokens) };
}

/**
 * What a main-chain turn usually adds to the context: the median of `differences` between neighbouring turns of one
 * session and model without a compaction between. Tokens; undefined below 20 differences.
 */
export function usualGrowth(differences: readonly number[]): number | undefined {
  return differences.length < fewestDifferences ? undefined : median(differences);
}

function turnsAt(growth: number | undefined, remainingTokens: number): number | undefined {
  if (growth === undefined || !(growth > 0)) return undefined;
  return Math.min(Math.floor(Math.max(remainingTokens, 0) / growth), mostTurns);
}

function pairwiseSlopes(values: readonly number[]): readonly number[] {
  return values.flatMap((from, i) => values.slice(i + 1).map((to, j) => (to - from) / (j + 1)));
}
