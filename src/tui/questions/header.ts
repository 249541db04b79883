import { addDays, startOfDay, startOfMonth, startOfWeek } from '../../metrics/calendar.ts';
import { activeSessions, spendWithin } from '../../store/queries/live-sessions.ts';
import { liveMs } from '../../store/queries/sessions.ts';
import { defineQuestion } from '../question.ts';

/** What today, this week and this month cost, and which sessions may be live. */
export default defineQuestion('header', (db, _: object, { now, zone, startOfWeek: firstDay }) => {
  const [today, week, month] = [startOfDay(now, zone), startOfWeek(now, zone, firstDay), startOfMonth(now, zone)];
  return {
    spends: spendWithin(db, [
      { startMs: today, endMs: addDays(today, 1, zone) },
      { startMs: week, endMs: addDays(week, 7, zone) },
      { startMs: month, endMs: startOfMonth(addDays(month, 32, zone), zone) },
    ]),
    active: activeSessions(db, now - liveMs),
  };
});
