import { useAsk } from '../components/ask.ts';
import type { DashboardFacts } from '../components/dashboard-facts.ts';
import {
  adviceTitles,
  contextLines,
  type DashboardPlace,
  kindLines,
  liveTable,
  noticeLines,
} from '../components/dashboard-panel.ts';
import { adviceLines, healthWords } from '../components/insight-panel.ts';
import { minuteOf } from '../components/minute.ts';
import { blockLines, costLines, limitLines, tokenLines } from '../components/money-panel.ts';
import { beside, stacked } from '../components/page.ts';
import { ScrollPage, scrollKeys } from '../components/scroll-page.tsx';
import { widgetLines } from '../components/widget.ts';
import { yearLines } from '../components/year-panel.ts';
import dashboard from '../questions/dashboard.ts';
import { defineTab, type TabProps } from '../tab.ts';

/** From this width on money stands beside the live session, from that on advice beside both. */
const besideFrom = 90;
const threeFrom = 165;
/** Below this there is room for the most important lines alone. */
const pageFrom = { width: 48, height: 10 };
const shownLive = 8;

export default defineTab({
  title: 'Dashboard',
  key: '1',
  keys: scrollKeys,
  isAlone: ({ rows }) => rows < 8,
  beginsWithNotices: true,
  Component: Dashboard,
});

/** How things stand right now. */
function Dashboard(props: TabProps) {
  const facts = useAsk(props.store, dashboard, {}, undefined, minuteOf(props.now));
  return <ScrollPage {...props} lines={facts === undefined ? [] : page(facts, props)} />;
}

function page(facts: DashboardFacts, props: TabProps): readonly string[] {
  const width = Math.min(props.width - 2, 200);
  const whole: DashboardPlace = { ...props, width };
  if (props.width < pageFrom.width || props.height < pageFrom.height)
    return widgetLines(facts, whole, { rows: props.height, isAlone: props.isAlone }).map((text) => ` ${text}`);
  const notices = noticeLines(facts, whole).map((text) => ` ${text}`);
  const live = liveTable(facts, { ...whole, width: width + 1 }, shownLive);
  const year = yearLines(facts.year, whole).map((text) => ` ${text}`);
  return stacked([notices, props.width < besideFrom ? oneColumn(facts, whole) : columns(facts, whole), live, year]);
}

/** What is pressing comes first: the rest is scrolled to. */
function oneColumn(facts: DashboardFacts, place: DashboardPlace): readonly string[] {
  return stacked([
    contextLines(facts, place),
    costLines(facts, place),
    blockLines(facts, place),
    limitLines(facts, place),
    kindLines(facts, place),
    tokenLines(facts, place),
    healthWords(facts.insights, place),
    adviceTitles(facts, place, 3),
  ]).map((text) => ` ${text}`);
}

function columns(facts: DashboardFacts, place: DashboardPlace): readonly string[] {
  const { theme } = place;
  const count = place.width < threeFrom ? 2 : 3;
  const left = Math.floor((place.width - 3 * (count - 1)) / count);
  const one = { ...place, width: left };
  const last = { ...place, width: place.width - (left + 3) * (count - 1) };
  const middle = count === 2 ? last : one;
  const session = stacked([contextLines(facts, one), kindLines(facts, one), healthWords(facts.insights, one)]);
  const money = stacked([costLines, tokenLines, blockLines, limitLines].map((lines) => lines(facts, middle)));
  const advice = count === 2 ? adviceTitles(facts, one, money.length - session.length - 2) : [];
  return beside(
    [
      { lines: stacked([session, advice]), width: left },
      { lines: money, width: middle.width },
      ...(count === 2 ? [] : [{ lines: adviceLines(facts.insights, last), width: last.width }]),
    ],
    0,
    theme,
  );
}
