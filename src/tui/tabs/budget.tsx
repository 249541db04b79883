import { addDays, startOfMonth } from '../../metrics/calendar.ts';
import { budgetJson } from '../../report/budget.ts';
import { lastDays } from '../../report/budget-answer.ts';
import type { Database } from '../../store/driver.ts';
import { groupSums } from '../../store/queries/report.ts';
import { everything } from '../../store/queries/scope.ts';
import { useAsk } from '../components/ask.ts';
import { budgetLines, budgetNotes, dayLines, type Share, shareLines } from '../components/budget-panel.ts';
import { minuteOf } from '../components/insights-ask.ts';
import { beside, stacked } from '../components/page.ts';
import { ScrollPage, scrollKeys } from '../components/scroll-page.tsx';
import { defineTab, type TabProps } from '../tab.ts';

/** From this width on where the money went stands beside the limits. */
const besideFrom = 110;
const shownDays = 30;

export default defineTab({ title: 'Budget', key: '5', keys: scrollKeys, Component: Budget });

function Budget(props: TabProps) {
  const { store, now, zone, given, width, height, theme } = props;
  const facts = useAsk(
    store,
    minuteOf(now),
    (db) => ({
      json: budgetJson(db, given.budget, { zone, startOfWeek: given.startOfWeek, now, asOf: now }),
      days: lastDays(db, { zone, now }, shownDays),
      models: monthBy(db, 'model', props),
      projects: monthBy(db, 'project', props),
    }),
    undefined,
  );
  return <ScrollPage {...props} lines={page()} />;

  function page(): readonly string[] {
    if (facts === undefined) return [];
    const { json, days, models, projects } = facts;
    const isBeside = width >= besideFrom;
    const left = isBeside ? Math.floor((width - 5) / 2) : Math.min(width - 2, 96);
    const right = isBeside ? Math.min(width - left - 5, 90) : left;
    const limits = [
      ...json.budgets.map((budget) => budgetLines(budget, { width: left, theme })),
      budgetNotes(json, { width: left, theme }),
      dayLines(days, { width: left, theme }),
    ];
    const shares = [
      shareLines('This month by model', models, 8, { width: right, theme }),
      shareLines('This month by project', projects, 12, { width: right, theme }),
    ];
    if (isBeside) return beside(stacked(limits), stacked(shares), left, height, theme);
    return stacked([...limits, ...shares]).map((text) => ` ${text}`);
  }
}

/** This month's cost of each, dearest first. */
function monthBy(db: Database, by: 'model' | 'project', { now, zone }: TabProps): readonly Share[] {
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
