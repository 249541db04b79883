import { useAsk } from '../components/ask.ts';
import { adviceLines, findingLines } from '../components/insight-panel.ts';
import { minuteOf } from '../components/minute.ts';
import { beside } from '../components/page.ts';
import { ScrollPage, scrollKeys } from '../components/scroll-page.tsx';
import insightsQuestion from '../questions/insights.ts';
import { defineTab, type TabProps } from '../tab.ts';

/** From this width on advice stands beside the findings. */
const besideFrom = 100;

export default defineTab({ title: 'Insights', key: '4', keys: scrollKeys, Component: Insights });

function Insights(props: TabProps) {
  const { store, width, height, theme, zone } = props;
  const insights = useAsk(store, insightsQuestion, {}, undefined, minuteOf(props.now));
  return <ScrollPage {...props} lines={insights === undefined ? [] : page()} />;

  function page(): readonly string[] {
    if (insights === undefined) return [];
    const isBeside = width >= besideFrom;
    const left = isBeside ? Math.floor((width - 5) / 2) : Math.min(width - 2, 96);
    const place = { width: left, theme, zone };
    const findings = findingLines(insights, place);
    if (!isBeside) return [...findings, '', ...adviceLines(insights, place)].map((text) => ` ${text}`);
    const right = Math.min(width - left - 5, 90);
    return beside(
      [
        { lines: findings, width: left },
        { lines: adviceLines(insights, { ...place, width: right }), width: right },
      ],
      height,
      theme,
    );
  }
}
