import { Box, useApp, useInput } from 'ink';
import { memo, useEffect, useMemo, useRef, useState } from 'react';
import type { Zone } from '../metrics/calendar.ts';
import { startOfDay } from '../metrics/calendar.ts';
import type { CollectorState } from '../store/feed.ts';
import { liveMs } from '../store/queries/sessions.ts';
import { type AskScope, createAsker, useAsk } from './components/ask.ts';
import { footerLine, type HeaderFacts, headerLine, helpLines, tabLine } from './components/frame.ts';
import { createFrames } from './components/frames.ts';
import { createKeyBus } from './components/key-bus.ts';
import { Lines } from './components/lines.tsx';
import { bannerOf, emptyPage, type Standing } from './components/notices.ts';
import { line } from './components/spans.ts';
import { actionOf, frameKeys, type KeyBinding, keyNames, tabKeys } from './keys.ts';
import headerQuestion from './questions/header.ts';
import type { Size } from './screen.ts';
import type { StoreLink } from './store-link.ts';
import type { Given, Tab, TabProps, TabStatus, WindowOf } from './tab.ts';
import { glyphs, type Theme } from './theme.ts';

export interface AppProps {
  readonly link: StoreLink;
  readonly collector: CollectorView;
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

/** How reading the logs stands. */
export interface CollectorView {
  readonly state: CollectorState;
  onChange(listener: () => void): () => void;
}

const smallest = { columns: 24, rows: 5 };

/** The frame around the tabs: what is spent, what is live, how reading stands, keys. */
export function App(props: AppProps) {
  const { tabs, theme, link } = props;
  const { exit } = useApp();
  const size = useSize(props);
  const { scopes, ...standing } = useStore(props);
  const now = props.clock();
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
  const bus = useMemo(createKeyBus, []);
  const tab = tabs[open];
  const status = statuses.get(tab?.key ?? '') ?? { text: '', hints: [] };
  const show = (index: number): void => {
    setOpen(index);
    setVisited((before) => new Set(before).add(index));
    setHelp(false);
  };
  const frame: readonly KeyBinding[] = tabs.length > 1 ? [...tabKeys, ...frameKeys] : frameKeys;
  const { hasSessions } = link.state;

  function press(name: string): void {
    const isText = typing.current && hasSessions;
    const action = isText && name !== 'ctrl+c' ? undefined : actionOf(frame, name);
    const byDigit = isText ? -1 : tabs.findIndex((each) => each.key === name);
    if (action === 'quit') exit();
    else if (action === 'help') setHelp(!isHelp);
    else if (isHelp && name === 'escape') setHelp(false);
    else if (action === 'suspend') props.suspend();
    else if (action === 'next-tab') show((open + 1) % tabs.length);
    else if (action === 'previous-tab') show((open + tabs.length - 1) % tabs.length);
    else if (byDigit >= 0) show(byDigit);
    else if (action === 'redraw') {
      props.redraw();
      link.look();
    } else bus.press(name);
  }
  useInput((input, key) => {
    for (const name of keyNames(input, key)) press(name);
  });

  const isTooSmall = size.columns < smallest.columns || size.rows < smallest.rows;
  // Drawn as if there were room, but hidden, so that nothing is lost when there is room again.
  const width = Math.max(size.columns, smallest.columns);
  const height = Math.max(size.rows, smallest.rows);
  const isAlone = tab?.isAlone?.({ columns: width, rows: height }) === true && hasSessions && !isHelp;
  const banner = bannerOf(standing, theme);
  const rule = theme.quiet(glyphs.rule.repeat(width));
  const around = [
    ...(tabs.length > 1 ? [tabLine(tabs, open, width, theme)] : []),
    ...(height >= 14 ? [rule] : []),
    ...(banner === undefined || height < 8 ? [] : [line([' ', ...banner], width)]),
  ];
  const above = isAlone ? [] : around;
  const body = { width, height: height - above.length - (isAlone ? 0 : 2) };
  const hasStore = link.state.hasStore && hasSessions;
  return (
    <>
      {isTooSmall ? <Lines lines={tooSmallLines(size)} width={size.columns} height={size.rows} /> : null}
      <Box flexDirection="column" width={width} height={height} display={isTooSmall ? 'none' : 'flex'}>
        {isAlone ? null : <Header {...props} store={hasStore ? scopes.header : undefined} now={now} width={width} />}
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
        {!hasStore || tab === undefined ? (
          isHelp ? null : (
            <Lines lines={emptyPage(standing, props.looked, { ...body, theme })} {...body} />
          )
        ) : (
          tabs.map((each, index) =>
            visited.has(index) ? (
              <Kept
                key={each.key}
                {...props}
                {...body}
                isAlone={isAlone}
                tab={each}
                store={scopes.tabs[index] ?? scopes.header}
                keys={bus}
                now={now}
                isHidden={isHelp || index !== open}
                typing={typing}
                onStatus={onStatus[index] ?? ignore}
              />
            ) : null,
          )
        )}
        {isAlone ? null : (
          <Lines
            lines={[
              footerLine(
                [...(hasSessions && !isHelp ? status.hints : []), ...frame],
                hasSessions && !isHelp ? status.text : '',
                width,
                theme,
              ),
            ]}
            width={width}
            height={1}
          />
        )}
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
    props.store.isActive = !isHidden;
    return (
      <Box display={isHidden ? 'none' : 'flex'}>
        <tab.Component {...props} listens={!isHidden} />
      </Box>
    );
  },
  (before, after) => before.isHidden && after.isHidden,
);

type HeaderProps = Pick<AppProps, 'theme' | 'mark' | 'zone' | 'collector'> & {
  readonly store: AskScope | undefined;
  readonly now: number;
  readonly width: number;
};

function Header({ store, ...props }: HeaderProps) {
  const { collector, width, theme, mark } = props;
  if (store === undefined)
    return <Lines lines={[headerLine(undefined, collector.state, mark, width, theme)]} width={width} height={1} />;
  return <SpendHeader {...props} store={store} />;
}

function SpendHeader({ store, collector, width, theme, mark, zone, now }: HeaderProps & { readonly store: AskScope }) {
  const facts = useAsk(store, headerQuestion, {}, { spends: [], active: [] }, String(startOfDay(now, zone)));
  const none = { nano: 0, turns: 0, pricedTurns: 0 };
  const [today = none, week = none, month = none] = facts.spends;
  const live = facts.active.filter((session) => session.lastActivityAt > now - liveMs).length;
  const header: HeaderFacts = { today, week, month, live };
  return <Lines lines={[headerLine(header, collector.state, mark, width, theme)]} width={width} height={1} />;
}

function useSize({ size, onResize }: AppProps): Size {
  const [current, setCurrent] = useState(size);
  useEffect(() => onResize(() => setCurrent(size())), [size, onResize]);
  return current;
}

interface Scopes {
  readonly header: AskScope;
  /** One for each tab. */
  readonly tabs: readonly AskScope[];
}

/** Draws anew when data, collector or an answer is another, and when ages may be. */
function useStore({ link, collector, tabs, refreshMs }: AppProps): Standing & { readonly scopes: Scopes } {
  const [, draw] = useState({});
  const [asking] = useState(() => {
    const frames = createFrames(() => draw({}));
    const asker = createAsker(link, frames);
    return { frames, asker, scopes: { header: asker.scope(), tabs: tabs.map(() => asker.scope()) } };
  });
  useEffect(() => {
    const { frames, asker } = asking;
    const soon = (): void => frames.soon();
    const stops = [link.onState(soon), collector.onChange(soon)];
    const timer = setInterval(soon, refreshMs);
    return () => {
      clearInterval(timer);
      for (const stop of stops) stop();
      asker.close();
      frames.stop();
    };
  }, [asking, link, collector, refreshMs]);
  return { link: link.state, collector: collector.state, scopes: asking.scopes };
}
