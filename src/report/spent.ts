import {
  addDays,
  dateKey,
  type StartOfWeek,
  startOfDay,
  startOfMonth,
  startOfWeek,
  type Zone,
} from '../metrics/calendar.ts';
import type { Database } from '../store/driver.ts';
import { spendWithin } from '../store/queries/live-sessions.ts';

/** What was spent so far, without where it leads. Nano-USD. */
export interface Spent {
  readonly today: number;
  readonly week: number;
  readonly month: number;
  /** The last calendar days, the oldest first, today last; `date` as YYYY-MM-DD. */
  readonly days: readonly { readonly date: string; readonly nano: number }[];
}

/** Cheap enough to be asked four times a second: it sums stretches and looks at nothing else. */
export function spentSoFar(
  db: Database,
  { zone, now, ...options }: { readonly zone: Zone; readonly startOfWeek: StartOfWeek; readonly now: number },
  dayCount: number,
): Spent {
  const today = startOfDay(now, zone);
  const endMs = addDays(today, 1, zone);
  const starts = Array.from({ length: dayCount }, (_, i) => addDays(today, i - dayCount + 1, zone));
  const [week, month, ...days] = spendWithin(db, [
    { startMs: startOfWeek(now, zone, options.startOfWeek), endMs },
    { startMs: startOfMonth(now, zone), endMs },
    ...starts.map((startMs, i) => ({ startMs, endMs: starts[i + 1] ?? endMs })),
  ]).map(({ nano }) => nano);
  return {
    today: days.at(-1) ?? 0,
    week: week ?? 0,
    month: month ?? 0,
    days: starts.map((startMs, i) => ({ date: dateKey(startMs, zone), nano: days[i] ?? 0 })),
  };
}
