import { addDays, startOfMonth } from '../../metrics/calendar.ts';
import { budgetJson } from '../../report/budget.ts';
import { lastDays } from '../../report/budget-answer.ts';
import type { Database } from '../../store/driver.ts';
import { groupSums } from '../../store/queries/report.ts';
import { everything } from '../../store/queries/scope.ts';
import type { Share } from '../components/budget-panel.ts';
import { defineQuestion, type Known } from '../question.ts';

const shownDays = 30;

export default defineQuestion('budget', (db, _: object, known) => {
  const { zone, startOfWeek, now } = known;
  return {
    json: budgetJson(db, known.budget, { zone, startOfWeek, now, asOf: now }),
    days: lastDays(db, { zone, now }, shownDays),
    models: monthBy(db, 'model', known),
    projects: monthBy(db, 'project', known),
  };
});

/** This month's cost of each, dearest first. */
function monthBy(db: Database, by: 'model' | 'project', { now, zone }: Known): readonly Share[] {
  const fromMs = startOfMonth(now, zone);
  const scope = { ...everything, fromMs, toMs: startOfMonth(addDays(fromMs, 32, zone), zone) };
  return groupSums(db, scope, by)
    .map(({ key, fast, sums }) => ({
      name: fast ? `${key ?? 'unknown'} fast` : key,
      nano: sums.auto_nano,
      turns: sums.turns,
      pricedTurns: sums.auto_turns,
    }))
    .filter((share) => share.turns > 0)
    .sort((a, b) => b.nano - a.nano || b.turns - a.turns);
}
