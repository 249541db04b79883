import { Box, useApp, useInput } from 'ink';
import { memo, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { addDays, startOfDay, startOfMonth, startOfWeek, type Zone } from '../metrics/calendar.ts';
import { type Feed, type FeedState, lookMs, type StoreView } from '../store/feed.ts';
import { activeSessions, spendWithin } from '../store/queries/live-sessions.ts';
import type { PeriodRange } from '../store/queries/report.ts';
import { liveMs } from '../store/queries/sessions.ts';
import { useAsk } from './components/ask.ts';
import { footerLine, type HeaderFacts, headerLine, helpLines, tabLine } from './components/frame.ts';
import { Lines } from './components/lines.tsx';
import { bannerOf, emptyPage } from './components/notices.ts';
import { line } from './components/spans.ts';
import { actionOf, frameKeys, type KeyBinding, keyNames, tabKeys } from './keys.ts';
import type { Size } from './screen.ts';
import type { Given, Tab, TabProps, TabStatus, WindowOf } from './tab.ts';
import { glyphs, type Theme } from './theme.ts';

export interface AppProps {
  readonly feed: Feed;
  /** In their order. */
  readonly tabs: readonly Tab[];
  readonly theme: Theme;
  /** Stands beside the name, such as what the data are when they are not the user's. Empty: nothing. */
  readonly mark: string;
  readonly zone: Zone;
  readonly windowOf: WindowOf;
  readonly given: Given;
  /** Directories that are searched for logs. */
  readonly looked: readonly string[];
  readonly clock: () => number;
  /** How often ages are refreshed, ms. */
  readonly refreshMs: number;
  readonly size: () => Size;
  readonly onResize: (listener: () => void) => () => void;
  /** Draws the whole screen anew. */
  readonly redraw: () => void;
  /** Stops the process until the shell brings it back. */
  readonly suspend: () => void;
}

const smallest = { columns: 24, rows: 5 };

/** The frame around the tabs: what is spent, what is live, how reading stands, keys. */
export function App(props: AppProps) {
  const { tabs, theme } = props;
  const { exit } = useApp();
  const size = useSize(props);
  const { state, now, lookNow } = useFeed(props);
  const [open, setOpen] = useState(0);
  const [isHelp, setHelp] = useState(false);
  const [visited, setVisited] = useState<ReadonlySet<number>>(new Set([0]));
  const [statuses, setStatuses] = useState<ReadonlyMap<string, TabStatus>>(new Map());
  const onStatus = useMemo(
    () =>
      tabs.map(
        ({ key }) =>
          (status: TabStatus): void =>
            setStatuses((before) => new Map(before).set(key, status)),
      ),
    [tabs],
  );
  const typing = useRef(false);
  const tab = tabs[open];
  const status = statuses.get(tab?.key ?? '') ?? { text: '', hints: [] };
  const show = (index: number): void => {
    setOpen(index);
    setVisited((before) => new Set(before).add(index));
    setHelp(false);
  };
  const frame: readonly KeyBinding[] = tabs.length > 1 ? [...tabKeys, ...frameKeys] : frameKeys;

  function act(name: string): void {
    const action = actionOf(frame, name);
    const byDigit = tabs.findIndex((each) => each.key === name);
    if (action === 'quit') exit();
    else if (action === 'help') setHelp(!isHelp);
    else if (isHelp && name === 'escape') setHelp(false);
    else if (action === 'suspend') props.suspend();
    else if (action === 'next-tab') show((open + 1) % tabs.length);
    else if (action === 'previous-tab') show((open + tabs.length - 1) % tabs.length);
    else if (byDigit >= 0) show(byDigit);
    else if (action === 'redraw') {
      props.redraw();
      lookNow();
    }
  }
  useInput((input, key) => {
    const wasTyping = typing.current;
    // A tab that hears of it later may begin to take text with these very keys.
    queueMicrotask(() => {
      const isText = (wasTyping || typing.current) && state.hasSessions;
      for (const name of keyNames(input, key)) if (!isText || name === 'ctrl+c') act(name);
    });
  });

  const isTooSmall = size.columns < smallest.columns || size.rows < smallest.rows;
  // Drawn as if there were room, but hidden, so that nothing is lost when there is room again.
  const width = Math.max(size.columns, smallest.columns);
  const height = Math.max(size.rows, smallest.rows);
  const banner = bannerOf(state, theme);
  const rule = theme.quiet(glyphs.rule.repeat(width));
  const above = [
    ...(tabs.length > 1 ? [tabLine(tabs, open, width, theme)] : []),
    ...(height >= 14 ? [rule] : []),
    ...(banner === undefined || height < 8 ? [] : [line([' ', ...banner], width)]),
  ];
  const body = { width, height: height - above.length - 2 };
  const { store } = state;
  return (
    <>
      {isTooSmall ? <Lines lines={tooSmallLines(size)} width={size.columns} height={size.rows} /> : null}
      <Box flexDirection="column" width={width} height={height} display={isTooSmall ? 'none' : 'flex'}>
        <Header {...props} store={store} state={state} now={now} width={width} />
        {above.length === 0 ? null : <Lines lines={above} width={width} height={above.length} />}
        {isHelp ? (
          <Lines
            lines={helpLines(
              [...(tab?.keys === undefined ? [] : [[tab.title, tab.keys] as const]), ['Everywhere', frame]],
              body.width,
              body.height,
              theme,
            )}
            {...body}
          />
        ) : null}
        {store === undefined || !state.hasSessions || tab === undefined ? (
          isHelp ? null : (
            <Lines lines={emptyPage(state, props.looked, { ...body, theme })} {...body} />
          )
        ) : (
          tabs.map((each, index) =>
            visited.has(index) ? (
              <Kept
                key={each.key}
                {...props}
                {...body}
                tab={each}
                store={store}
                now={now}
                isHidden={isHelp || index !== open}
                typing={typing}
                onStatus={onStatus[index] ?? ignore}
              />
            ) : null,
          )
        )}
        <Lines
          lines={[
            footerLine(
              [...(state.hasSessions && !isHelp ? status.hints : []), ...frame],
              state.hasSessions && !isHelp ? status.text : '',
              width,
              theme,
            ),
          ]}
          width={width}
          height={1}
        />
      </Box>
    </>
  );
}

function tooSmallLines({ columns, rows }: Size): readonly string[] {
  return [line(['scopeon: too small'], columns), line([`needs ${smallest.columns}×${smallest.rows}`], columns)].slice(
    0,
    rows,
  );
}

const ignore = (): void => undefined;

/** A tab that was opened once stays, so that it keeps what was selected. While it is hidden it asks and draws nothing. */
const Kept = memo(
  function Kept({
    tab,
    isHidden,
    ...props
  }: Omit<TabProps, 'listens'> & { readonly tab: Tab; readonly isHidden: boolean }) {
    return (
      <Box display={isHidden ? 'none' : 'flex'}>
        <tab.Component {...props} listens={!isHidden} />
      </Box>
    );
  },
  (before, after) => before.isHidden && after.isHidden,
);

type HeaderProps = Pick<AppProps, 'theme' | 'mark' | 'zone' | 'given'> & {
  readonly state: FeedState;
  readonly store: StoreView | undefined;
  readonly now: number;
  readonly width: number;
};

function Header(props: HeaderProps) {
  const { store, state, width, theme, mark } = props;
  if (store === undefined || !state.hasSessions)
    return <Lines lines={[headerLine(undefined, state.collector, mark, width, theme)]} width={width} height={1} />;
  return <SpendHeader {...props} store={store} />;
}

function SpendHeader({
  store,
  state,
  width,
  theme,
  mark,
  zone,
  now,
  given,
}: HeaderProps & { readonly store: StoreView }) {
  const today = startOfDay(now, zone);
  const week = startOfWeek(now, zone, given.startOfWeek);
  const month = startOfMonth(now, zone);
  const facts = useAsk(
    store,
    `${today} ${week} ${month}`,
    (db) => {
      const periods: readonly PeriodRange[] = [
        { startMs: today, endMs: addDays(today, 1, zone) },
        { startMs: week, endMs: addDays(week, 7, zone) },
        { startMs: month, endMs: startOfMonth(addDays(month, 32, zone), zone) },
      ];
      return { spends: spendWithin(db, periods), active: activeSessions(db, now - liveMs) };
    },
    { spends: [], active: [] },
  );
  const none = { nano: 0, turns: 0, pricedTurns: 0 };
  const [spentToday = none, spentWeek = none, spentMonth = none] = facts.spends;
  const live = facts.active.filter((session) => session.lastActivityAt > now - liveMs).length;
  const header: HeaderFacts = { today: spentToday, week: spentWeek, month: spentMonth, live };
  return <Lines lines={[headerLine(header, state.collector, mark, width, theme)]} width={width} height={1} />;
}

function useSize({ size, onResize }: AppProps): Size {
  const [current, setCurrent] = useState(size);
  useEffect(() => onResize(() => setCurrent(size())), [size, onResize]);
  return current;
}

/** The one look at the store: a new frame when data or collector changed, and when ages may have. */
function useFeed({ feed, clock, refreshMs }: AppProps): {
  readonly state: FeedState;
  readonly now: number;
  readonly lookNow: () => void;
} {
  const [seen, setSeen] = useState(() => {
    feed.look(clock());
    return { state: feed.state, now: clock() };
  });
  const lookNow = useCallback(() => {
    feed.look(clock());
    setSeen({ state: feed.state, now: clock() });
  }, [feed, clock]);
  useEffect(() => {
    let drawnAt = clock();
    const timer = setInterval(() => {
      const now = clock();
      if (!feed.look(now) && Math.abs(now - drawnAt) < refreshMs) return;
      drawnAt = now;
      setSeen({ state: feed.state, now });
    }, lookMs);
    return () => clearInterval(timer);
  }, [feed, clock, refreshMs]);
  return { ...seen, lookNow };
}
