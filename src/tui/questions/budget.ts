import { addDays, startOfMonth } from '../../metrics/calendar.ts';
import { budgetJson } from '../../report/budget.ts';
import { lastDays } from '../../report/budget-answer.ts';
import { untilNews } from '../../report/memory.ts';
import { runningBlock } from '../../report/running-block.ts';
import type { Database } from '../../store/driver.ts';
import { type Group, type GroupSums, groupSums } from '../../store/queries/report.ts';
import { everything } from '../../store/queries/scope.ts';
import type { Share } from '../components/budget-panel.ts';
import { defineQuestion, type Known } from '../question.ts';

const shownDays = 30;

export default defineQuestion('budget', (db, _: object, known) => {
  const { now } = known;
  return {
    json: budgetJson(db, known.budget, { ...known, asOf: now }),
    days: lastDays(db, known, shownDays),
    block: runningBlock(db, now, known.remember),
    sources: monthBy(db, 'provider', known),
    projects: monthBy(db, 'project', known),
    tags: monthBy(db, 'tag', known).filter((share) => share.name !== null),
  };
});

/** This month's cost of each, dearest first; of providers with their models. */
function monthBy(db: Database, by: 'provider' | 'project' | 'tag', { now, zone, remember }: Known): readonly Share[] {
  const fromMs = startOfMonth(now, zone);
  const scope = { ...everything, fromMs, toMs: startOfMonth(addDays(fromMs, 32, zone), zone) };
  const options = { breakdown: by === 'provider', sessions: false };
  const name = `month ${fromMs} ${zone.name} by ${by}`;
  return remember(db, name, () => dearestFirst(groupSums(db, scope, by, options).map(shareOf)), untilNews);
}

function shareOf({ key, sums, breakdown }: Group): Share {
  const parts = dearestFirst(breakdown.map((part) => ({ name: part.model, ...spendOf(part.sums), parts: [] })));
  return { name: key, ...spendOf(sums), parts };
}

function spendOf(sums: GroupSums) {
  return { nano: sums.auto_nano, turns: sums.turns, pricedTurns: sums.auto_turns };
}

function dearestFirst(shares: readonly Share[]): readonly Share[] {
  return shares.filter((share) => share.turns > 0).sort((a, b) => b.nano - a.nano || b.turns - a.turns);
}
