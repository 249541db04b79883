import { mean, standardDeviation } from './stats.ts';

/** How today's cost stands against the user's own days. */
export interface DaySpike {
  /** Standard deviations above (below: negative) the mean; ±Infinity where every day before was the same. */
  readonly z: number;
  readonly meanNanoUsd: number;
}

/** From so many standard deviations on a day is unusual, and only where it is also so many times the mean. */
const unusualZ = 2;
const unusualTimes = 1.5;

/** Days that hardly differ make any other look unusual: what is only a little more is not far above. */
export function isFarAbove(todayNanoUsd: number, { z, meanNanoUsd }: DaySpike): boolean {
  return z >= unusualZ && todayNanoUsd >= meanNanoUsd * unusualTimes;
}

/** Completed days with cost below which there is no habit. */
const fewestDays = 7;

/**
 * Today against completed calendar days, those without cost included as 0. Nano-USD. Undefined below seven days with
 * cost. `z` is 0 when today is the mean of days that never differ.
 */
export function daySpike(todayNanoUsd: number, completedDaysNanoUsd: readonly number[]): DaySpike | undefined {
  const centre = mean(completedDaysNanoUsd);
  const spread = standardDeviation(completedDaysNanoUsd);
  const withCost = completedDaysNanoUsd.filter((cost) => cost > 0).length;
  if (centre === undefined || spread === undefined || withCost < fewestDays) return undefined;
  const distance = todayNanoUsd - centre;
  return { z: distance === 0 ? 0 : distance / spread, meanNanoUsd: centre };
}
