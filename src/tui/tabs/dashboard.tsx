import { useAsk } from '../components/ask.ts';
import type { DashboardFacts } from '../components/dashboard-facts.ts';
import {
  adviceLine,
  costLines,
  type DashboardPlace,
  limitLines,
  liveLines,
  liveTable,
  noticeLines,
} from '../components/dashboard-panel.ts';
import { minuteOf } from '../components/minute.ts';
import { beside, stacked } from '../components/page.ts';
import { ScrollPage, scrollKeys } from '../components/scroll-page.tsx';
import dashboard from '../questions/dashboard.ts';
import { defineTab, type TabProps } from '../tab.ts';

/** From this width on money stands beside the live session. */
const besideFrom = 90;
const shownLive = 8;

export default defineTab({ title: 'Dashboard', key: '1', keys: scrollKeys, Component: Dashboard });

/** How things stand right now. */
function Dashboard(props: TabProps) {
  const facts = useAsk(props.store, dashboard, {}, undefined, minuteOf(props.now));
  return <ScrollPage {...props} lines={facts === undefined ? [] : page(facts, props)} />;
}

function page(facts: DashboardFacts, props: TabProps): readonly string[] {
  const width = Math.min(props.width - 2, 150);
  const whole: DashboardPlace = { ...props, width };
  const notices = noticeLines(facts, whole).map((text) => ` ${text}`);
  const live = liveTable(facts, { ...whole, width: width + 1 }, shownLive);
  if (props.width < besideFrom) {
    const sections = stacked([
      liveLines(facts, whole),
      limitLines(facts, whole),
      costLines(facts, whole),
      adviceLine(facts, whole),
    ]);
    return stacked([notices, sections.map((text) => ` ${text}`), live]);
  }
  const left = Math.floor((width - 3) / 2);
  const one = { ...whole, width: left };
  const two = { ...whole, width: width - left - 3 };
  const columns = beside(
    stacked([liveLines(facts, one), adviceLine(facts, one)]),
    stacked([costLines(facts, two), limitLines(facts, two)]),
    left,
    0,
    props.theme,
  );
  return stacked([notices, columns, live]);
}
