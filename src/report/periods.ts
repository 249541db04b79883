import { addDays, type StartOfWeek, startOfDay, startOfMonth, startOfWeek, type Zone } from '../metrics/calendar.ts';
import type { Database } from '../store/driver.ts';
import { totalSums } from '../store/queries/report.ts';
import { everything } from '../store/queries/scope.ts';
import { type Figures, figuresOf } from './figures.ts';
import { sumsFrom } from './sums.ts';

/** What the present day, week and month used, by the user's calendar. */
export interface PeriodFigures {
  readonly today: Figures;
  readonly week: Figures;
  readonly month: Figures;
}

export function periodFigures(
  db: Database,
  { zone, startOfWeek: first, now }: { readonly zone: Zone; readonly startOfWeek: StartOfWeek; readonly now: number },
): PeriodFigures {
  const toMs = addDays(startOfDay(now, zone), 1, zone);
  const since = (fromMs: number): Figures =>
    figuresOf(sumsFrom(totalSums(db, { ...everything, fromMs, toMs })), 'auto');
  return {
    today: since(startOfDay(now, zone)),
    week: since(startOfWeek(now, zone, first)),
    month: since(startOfMonth(now, zone)),
  };
}
