import { addDays, type StartOfWeek, startOfDay, startOfMonth, startOfWeek, type Zone } from '../metrics/calendar.ts';
import { daysToLimit, endOfDay, endOfMonth, type SpendSoFar } from '../metrics/projection.ts';
import { type DaySpike, daySpike } from '../metrics/spend-habit.ts';
import type { Database } from '../store/driver.ts';
import { projectIdsNamed } from '../store/queries/projects.ts';
import { type BucketSpend, firstBucket, spendByBucket } from '../store/queries/spend.ts';
import { type Remember, rememberNothing, untilNews } from './memory.ts';

/** Whose spend: one budget scope, or all. */
export interface SpendScope {
  readonly provider?: string;
  /** A display name. */
  readonly project?: string;
}

/** What is spent in the present calendar day, week and month, and where that leads. Nano-USD; undefined: unknown. */
export interface Spending {
  readonly today: number;
  readonly week: number;
  readonly month: number;
  readonly endOfDay: number | undefined;
  readonly endOfMonth: number | undefined;
  /** Today against the last 30 completed days. */
  readonly spike: DaySpike | undefined;
  /** Completed days before today, newest first, at most 30, none before the first day known; zeros included. */
  readonly completedDays: readonly number[];
  readonly hoursToday: number;
  /** Days until the month has cost this much, at the usual level. */
  daysTo(limitNanoUsd: number): number | undefined;
}

const habitDays = 30;
const profileDays = 28;
/** Far enough back for 28 days with cost among the days of someone who works now and then. */
const searchedDays = 60;
const hourMs = 60 * 60 * 1000;

/** One scope's spend by the user's calendar. */
export function spendingOf(
  db: Database,
  options: {
    readonly zone: Zone;
    readonly startOfWeek: StartOfWeek;
    readonly now: number;
    /** Default: the days before today are asked of the store. */
    readonly remember?: Remember | undefined;
  },
  scope: SpendScope = {},
): Spending {
  const { zone, now, remember = rememberNothing } = options;
  const today = startOfDay(now, zone);
  const tomorrow = addDays(today, 1, zone);
  const month = startOfMonth(now, zone);
  const week = startOfWeek(now, zone, options.startOfWeek);
  const within = (startMs: number, endMs: number): readonly BucketSpend[] =>
    spendByBucket(
      db,
      { startMs, endMs },
      {
        ...(scope.provider === undefined ? {} : { provider: scope.provider }),
        ...(scope.project === undefined ? {} : { projectIds: projectIdsNamed(db, [scope.project]) }),
      },
    );
  const which = `${today} ${zone.name} ${JSON.stringify(scope)}`;
  const before = remember(db, `spending before ${which}`, () => {
    const buckets = within(Math.min(addDays(today, -searchedDays, zone), month, week), today);
    const since = (fromMs: number): number => sum(buckets.filter((bucket) => bucket.bucketMs >= fromMs));
    return {
      week: since(week),
      month: since(month),
      daysByHour: dayProfiles(buckets, zone),
      completedDays: daysBefore(buckets, today, firstBucket(db) ?? now, zone),
    };
  });
  const { daysByHour, completedDays } = before;
  const todayNanoUsd = remember(db, `spending of ${which}`, () => sum(within(today, tomorrow)), untilNews);
  const spend: SpendSoFar = {
    todayNanoUsd,
    hoursToday: (now - today) / hourMs,
    daysByHour,
    completedDays,
    monthBeforeTodayNanoUsd: before.month,
    daysLeftInMonth: daysLeft(tomorrow, month, zone),
  };
  return {
    today: todayNanoUsd,
    week: before.week + todayNanoUsd,
    month: before.month + todayNanoUsd,
    endOfDay: endOfDay(spend),
    endOfMonth: endOfMonth(spend),
    spike: daySpike(todayNanoUsd, completedDays),
    completedDays,
    hoursToday: spend.hoursToday,
    daysTo: (limit) => daysToLimit(limit, before.month + todayNanoUsd, completedDays),
  };
}

/** Cost of the completed days, newest first. A day before the first one known is no day without cost. */
function daysBefore(buckets: readonly BucketSpend[], today: number, firstMs: number, zone: Zone): readonly number[] {
  const days: number[] = [];
  let at = buckets.length - 1;
  const takeSince = (fromMs: number): number => {
    let nano = 0;
    for (; (buckets[at]?.bucketMs ?? -1) >= fromMs; at--) nano += buckets[at]?.nano ?? 0;
    return nano;
  };
  for (let endMs = today; days.length < habitDays && endMs > firstMs; ) {
    endMs = addDays(endMs, -1, zone);
    days.push(takeSince(endMs));
  }
  return days;
}

/** Cost by local hour of the last days with any, newest first. */
function dayProfiles(buckets: readonly BucketSpend[], zone: Zone): readonly (readonly number[])[] {
  const days = new Map<number, number[]>();
  for (const { bucketMs, nano } of buckets.toReversed()) {
    const day = startOfDay(bucketMs, zone);
    let hours = days.get(day);
    if (hours === undefined) {
      if (days.size === profileDays) break;
      days.set(day, (hours = new Array<number>(24).fill(0)));
    }
    const hour = new Date(bucketMs + zone.offsetMs(bucketMs)).getUTCHours();
    hours[hour] = (hours[hour] ?? 0) + nano;
  }
  return [...days.values()];
}

function daysLeft(tomorrow: number, month: number, zone: Zone): number {
  const next = startOfMonth(addDays(month, 32, zone), zone);
  let days = 0;
  for (let day = tomorrow; day < next; day = addDays(day, 1, zone)) days++;
  return days;
}

function sum(buckets: readonly BucketSpend[]): number {
  return buckets.reduce((total, bucket) => total + bucket.nano, 0);
}
