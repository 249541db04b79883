import { isSilent } from '../components/alert-banner.ts';
import { alertLines } from '../components/alert-lines.ts';
import { useAsk } from '../components/ask.ts';
import type { InsightFacts } from '../components/insight-facts.ts';
import { adviceLines, findingLines, thresholdLines } from '../components/insight-panel.ts';
import { metricLines } from '../components/metric-lines.ts';
import { minuteOf } from '../components/minute.ts';
import { beside, heading, stacked } from '../components/page.ts';
import { ScrollPage, scrollKeys } from '../components/scroll-page.tsx';
import { trendLines } from '../components/trend-panel.ts';
import headerQuestion from '../questions/header.ts';
import insights from '../questions/insights.ts';
import { defineTab, type TabProps } from '../tab.ts';

/** From this width on advice stands beside the findings. */
const besideFrom = 100;

export default defineTab({ title: 'Insights', key: '4', keys: scrollKeys, Component: Insights });

function Insights(props: TabProps) {
  const facts = useAsk(props.store, insights, {}, undefined, minuteOf(props.now));
  const header = useAsk(props.store, headerQuestion, {}, undefined, minuteOf(props.now));
  const firing = header?.firing ?? [];
  // A single one stands above the tab already.
  const listed = firing.length > 1 || firing.some((alert) => isSilent(alert, props.now)) ? firing : [];
  const alerts = alertLines(listed, { ...props, width: Math.min(props.width - 2, 96) });
  const lines = stacked([alerts.map((text) => ` ${text}`), facts === undefined ? [] : page(facts, props)]);
  return <ScrollPage {...props} lines={lines} />;
}

function page(facts: InsightFacts, props: TabProps): readonly string[] {
  const { width, theme, zone } = props;
  const isBeside = width >= besideFrom;
  const left = isBeside ? Math.floor((width - 5) / 2) : Math.min(width - 2, 96);
  const right = isBeside ? width - left - 5 : left;
  const one = { width: left, theme, zone };
  const findings = findingLines(facts.insights, one);
  const advice = adviceLines(facts.insights, { ...one, width: right });
  const habits = [trendLines(facts.days, one), thresholdLines(facts.insights, one)];
  const figures = figureLines(facts, { theme, width: width - 2 });
  if (!isBeside) return stacked([findings, advice, ...habits, figures]).map((text) => ` ${text}`);
  const sides = [
    { lines: stacked([findings, ...habits]), width: left },
    { lines: advice, width: right },
  ];
  return stacked([beside(sides, 0, theme), figures.map((text) => ` ${text}`)]);
}

function figureLines({ metrics, insights }: InsightFacts, place: Pick<TabProps, 'width' | 'theme'>): readonly string[] {
  const known = metrics.filter((metric) => metric.value !== undefined);
  if (known.length === 0) return [];
  const whose = insights.isToday ? 'of today' : 'of the live session';
  return [heading('Figures', whose, place.width, place.theme), ...metricLines(known, place)];
}
