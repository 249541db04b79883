/** Order statistics and moments of small samples. Nothing has no middle: every answer for an empty sample is undefined. */

/** The value at `share` (0–1) of a sample in any order, linearly between its neighbours (index `share·(n−1)`). */
export function percentile(sample: readonly number[], share: number): number | undefined {
  if (sample.length === 0) return undefined;
  const sorted = [...sample].sort((a, b) => a - b);
  const index = share * (sorted.length - 1);
  const below = sorted[Math.floor(index)] as number; // within the sample, as is the next
  const above = sorted[Math.ceil(index)] as number;
  return below + (above - below) * (index - Math.floor(index));
}

export function median(sample: readonly number[]): number | undefined {
  return percentile(sample, 0.5);
}

export function mean(sample: readonly number[]): number | undefined {
  return sample.length === 0 ? undefined : sumOf(sample) / sample.length;
}

/** Of the whole population, not an estimate from a part of it. */
export function standardDeviation(sample: readonly number[]): number | undefined {
  const centre = mean(sample);
  if (centre === undefined) return undefined;
  return Math.sqrt(sumOf(sample.map((value) => (value - centre) ** 2)) / sample.length);
}

export function sumOf(sample: readonly number[]): number {
  return sample.reduce((sum, value) => sum + value, 0);
}

export function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}
