import trends from '../questions/trends.ts';
import type { TabProps } from '../tab.ts';
import { useAsk } from './ask.ts';
import { minuteOf } from './minute.ts';
import { ScrollPage } from './scroll-page.tsx';
import { sessionKeys } from './session-keys.ts';
import { trendTable } from './trend-panel.ts';

const hints = sessionKeys
  .filter((binding) => binding.action === 'trends')
  .map((each) => ({ ...each, hint: 'sessions' }));

/** How the last two weeks went, in place of the list of sessions. */
export function Trends(props: TabProps) {
  const days = useAsk(props.store, trends, {}, undefined, minuteOf(props.now));
  const lines =
    days === undefined ? [] : trendTable(days, { width: Math.min(props.width - 2, 120), theme: props.theme });
  return <ScrollPage {...props} lines={lines.map((text) => ` ${text}`)} hints={hints} />;
}
