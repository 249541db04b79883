import { useAsk } from '../components/ask.ts';
import { budgetLines, budgetNotes, dayLines, shareLines } from '../components/budget-panel.ts';
import { minuteOf } from '../components/minute.ts';
import { beside, stacked } from '../components/page.ts';
import { ScrollPage, scrollKeys } from '../components/scroll-page.tsx';
import budget from '../questions/budget.ts';
import { defineTab, type TabProps } from '../tab.ts';

/** From this width on where the money went stands beside the limits. */
const besideFrom = 110;

export default defineTab({ title: 'Budget', key: '5', keys: scrollKeys, Component: Budget });

function Budget(props: TabProps) {
  const { store, now, width, height, theme } = props;
  const facts = useAsk(store, budget, {}, undefined, minuteOf(now));
  return <ScrollPage {...props} lines={page()} />;

  function page(): readonly string[] {
    if (facts === undefined) return [];
    const { json, days, models, projects } = facts;
    const isBeside = width >= besideFrom;
    const left = isBeside ? Math.floor((width - 5) / 2) : Math.min(width - 2, 96);
    const right = isBeside ? Math.min(width - left - 5, 90) : left;
    const limits = [
      ...json.budgets.map((each) => budgetLines(each, { width: left, theme })),
      budgetNotes(json, { width: left, theme }),
      dayLines(days, { width: left, theme }),
    ];
    const shares = [
      shareLines('This month by model', models, 8, { width: right, theme }),
      shareLines('This month by project', projects, 12, { width: right, theme }),
    ];
    if (isBeside) {
      const sides = [
        { lines: stacked(limits), width: left },
        { lines: stacked(shares), width: right },
      ];
      return beside(sides, height, theme);
    }
    return stacked([...limits, ...shares]).map((text) => ` ${text}`);
  }
}
