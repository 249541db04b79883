import { useAsk } from '../components/ask.ts';
import { budgetLines, budgetNotes, burnLines, dayLines, dayRows, shareLines } from '../components/budget-panel.ts';
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
    const { json, days, block, sources, projects, tags } = facts;
    const isBeside = width >= besideFrom;
    const left = isBeside ? Math.floor((width - 5) / 2) : Math.min(width - 2, 96);
    const right = isBeside ? Math.min(width - left - 5, 90) : left;
    const one = { width: left, theme };
    const two = { width: right, theme };
    const [all, ...others] = json.budgets.map((each) => budgetLines(each, one));
    const limitsWith = (rows: number): readonly (readonly string[])[] => [
      [...(all ?? []), ...burnLines(block, one)],
      dayLines(days, one, rows),
      ...others,
      budgetNotes(json, one),
    ];
    const limits = limitsWith(dayRows(0));
    const shares = [
      shareLines('This month by source', sources, 8, two),
      shareLines('This month by project', projects, 12, two),
      shareLines('This month by tag', tags, 12, two),
    ];
    if (!isBeside) return stacked([...limits, ...shares]).map((text) => ` ${text}`);
    const rows = dayRows(height - stacked(limits).length);
    const sides = [
      { lines: stacked(limitsWith(rows)), width: left },
      { lines: stacked(shares), width: right },
    ];
    return beside(sides, height, theme);
  }
}
