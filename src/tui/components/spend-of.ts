import { addDays, startOfDay, startOfMonth, startOfWeek } from '../../metrics/calendar.ts';
import type { Database } from '../../store/driver.ts';
import { type Spend, spendWithin } from '../../store/queries/live-sessions.ts';
import type { Known } from '../question.ts';

const nothing: Spend = { nano: 0, turns: 0, pricedTurns: 0 };

/** What today, this week and this month cost. */
export function spendOf(
  db: Database,
  known: Pick<Known, 'now' | 'zone' | 'startOfWeek'>,
): { readonly today: Spend; readonly week: Spend; readonly month: Spend } {
  const { now, zone } = known;
  const day = startOfDay(now, zone);
  const first = startOfWeek(now, zone, known.startOfWeek);
  const begin = startOfMonth(now, zone);
  const [today = nothing, week = nothing, month = nothing] = spendWithin(db, [
    { startMs: day, endMs: addDays(day, 1, zone) },
    { startMs: first, endMs: addDays(first, 7, zone) },
    { startMs: begin, endMs: startOfMonth(addDays(begin, 32, zone), zone) },
  ]);
  return { today, week, month };
}
