import { clamp, mean, sumOf } from './stats.ts';

/** What has been spent so far and on the days before. Money in nano-USD; days are the user's calendar days. */
export interface SpendSoFar {
  readonly todayNanoUsd: number;
  /** Hours since local midnight. */
  readonly hoursToday: number;
  /** The last days with cost before today, at most 28, in any order: cost by local hour, 24 values. */
  readonly daysByHour: readonly (readonly number[])[];
  /** Completed days before today, newest first, zeros included, none before the first day known. */
  readonly completedDays: readonly number[];
  /** This month before today. */
  readonly monthBeforeTodayNanoUsd: number;
  /** Days of this month after today. */
  readonly daysLeftInMonth: number;
}

const fewestProfileDays = 7;
const mostProfileDays = 28;
const levelDays = 14;

/**
 * Today's cost at its end: so far over the share of a day that is usually spent by this time, once seven days are known
 * and that share is at least 5 %; else the pace since midnight, from half an hour on. Nano-USD; undefined before.
 */
export function endOfDay({ todayNanoUsd, hoursToday, daysByHour }: SpendSoFar): number | undefined {
  const share = usualShareBy(hoursToday, daysByHour);
  if (share !== undefined && share >= 0.05) return todayNanoUsd / Math.min(share, 1);
  return hoursToday >= 0.5 ? (todayNanoUsd / hoursToday) * 24 : undefined;
}

/**
 * This month's cost at its end: before today, plus today at its end, plus a usual day for each that is left. Nano-USD;
 * undefined while no completed day is known.
 */
export function endOfMonth(spend: SpendSoFar): number | undefined {
  const level = dailyLevel(spend.completedDays);
  if (level === undefined) return undefined;
  const today = Math.max(endOfDay(spend) ?? 0, spend.todayNanoUsd);
  return spend.monthBeforeTodayNanoUsd + today + spend.daysLeftInMonth * level;
}

/** Days until `spent` reaches `limit` at the usual level: 0 when over; undefined when nothing is usually spent. */
export function daysToLimit(
  limitNanoUsd: number,
  spentNanoUsd: number,
  completedDays: readonly number[],
): number | undefined {
  if (spentNanoUsd >= limitNanoUsd) return 0;
  const level = dailyLevel(completedDays);
  return level === undefined || level === 0 ? undefined : (limitNanoUsd - spentNanoUsd) / level;
}

/**
 * A usual day: the mean of the last 14 completed days without the dearest and the cheapest of them (kept below three
 * days). Nano-USD; undefined without a day.
 */
export function dailyLevel(completedDays: readonly number[]): number | undefined {
  const days = completedDays.slice(0, levelDays);
  if (days.length < 3) return mean(days);
  return (sumOf(days) - Math.max(...days) - Math.min(...days)) / (days.length - 2);
}

/** Mean share of a day's cost spent by this time of day, evenly within an hour; undefined below seven days with cost. */
function usualShareBy(hours: number, daysByHour: readonly (readonly number[])[]): number | undefined {
  const days = daysByHour.slice(0, mostProfileDays).filter((day) => sumOf(day) > 0);
  if (days.length < fewestProfileDays) return undefined;
  const hour = clamp(Math.floor(hours), 0, 23);
  const within = clamp(hours - hour, 0, 1);
  return mean(days.map((day) => (sumOf(day.slice(0, hour)) + (day[hour] ?? 0) * within) / sumOf(day)));
}
