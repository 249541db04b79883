import { isDeepStrictEqual } from 'node:util';
import { Box, useApp, useInput } from 'ink';
import { memo, useEffect, useMemo, useRef, useState } from 'react';
import { displaySafe } from '../display.ts';
import type { Zone } from '../metrics/calendar.ts';
import { startOfDay } from '../metrics/calendar.ts';
import type { CollectorState } from '../store/feed.ts';
import { liveMs } from '../store/queries/sessions.ts';
import { clipboardSequence } from './clipboard.ts';
import { ageing } from './components/ageing.ts';
import { alertBanner, type FiringAlert, isSilent, silentNote, timeOf } from './components/alert-banner.ts';
import { type AskScope, createAsker, useAsk } from './components/ask.ts';
import { footerLine, type HeaderFacts, headerLine, helpLines, tabAt, tabLine } from './components/frame.ts';
import { createFrames, type Frames } from './components/frames.ts';
import { createKeyBus } from './components/key-bus.ts';
import { Lines } from './components/lines.tsx';
import { useLive } from './components/live.ts';
import { emptyPage, noteOf, type Standing, troubleOf } from './components/notices.ts';
import {
  type Command,
  openPalette,
  type PaletteState,
  paletteKeys,
  paletteLines,
  pressInPalette,
} from './components/palette.ts';
import { scrollKeys } from './components/scroll-page.tsx';
import { line, type Span } from './components/spans.ts';
import { summaryNote } from './components/summary-note.ts';
import { useWelcome, type WelcomeScreen } from './components/use-welcome.ts';
import { welcomeHints, welcomeKeys } from './components/welcome.ts';
import { isZen, noZen, refreshZen, toggleZen, zenLines } from './components/zen.ts';
import {
  actionOf,
  frameKeys,
  type KeyBinding,
  keyLabel,
  keyNames,
  type MousePress,
  mousePress,
  tabKeys,
} from './keys.ts';
import type { Offer } from './offer.ts';
import headerQuestion from './questions/header.ts';
import providersQuestion from './questions/providers.ts';
import summaryQuestion from './questions/summary.ts';
import type { Size } from './screen.ts';
import type { SettingsView } from './settings-view.ts';
import type { LinkState, StoreLink } from './store-link.ts';
import type { Given, Tab, TabProps, TabStatus, WindowOf } from './tab.ts';
import { type Background, glyphs, type Theme, type ThemeName, themeNames } from './theme.ts';

export interface AppProps {
  readonly link: StoreLink;
  readonly collector: CollectorView;
  /** In their order. */
  readonly tabs: readonly Tab[];
  readonly settings: SettingsView;
  readonly themeOf: (name: ThemeName, background: Background) => Theme;
  /** Stands beside the name, such as what the data are when they are not the user's. Empty: nothing. */
  readonly mark: string;
  readonly zone: Zone;
  readonly windowOf: WindowOf;
  readonly given: Omit<Given, 'settings'>;
  /** Directories that are searched for logs. */
  readonly looked: readonly string[];
  readonly clock: () => number;
  readonly size: () => Size;
  readonly onResize: (listener: () => void) => () => void;
  /** How often what is on the screen has become another. */
  readonly changes: () => number;
  /** Draws the whole screen anew. */
  readonly redraw: () => void;
  /** Stops the process until the shell brings it back; undefined: nobody could. */
  readonly suspend: (() => void) | undefined;
  /** Sends the terminal a control sequence that draws nothing. */
  readonly send: (sequence: string) => void;
  /** What a first start offers; undefined: it is not the first. */
  readonly welcome: readonly Offer[] | undefined;
}

/** How reading the logs stands. */
export interface CollectorView {
  readonly state: CollectorState;
  onChange(listener: () => void): () => void;
}

const smallest = { columns: 24, rows: 5 };

type Overlay = 'none' | 'help' | { readonly palette: PaletteState };

/** So long a word of the frame stands, such as that something was copied. */
const flashMs = 3_000;

/** The frame around the tabs: what is spent, what is live, how reading stands, keys. */
export function App(props: AppProps) {
  const { tabs, link, clock } = props;
  const { exit } = useApp();
  const size = useSize(props);
  const { look } = props.settings;
  const { scopes, frames, isLively, ...standing } = useStore(props, look.refreshMs);
  const now = clock();
  const [picked, setPicked] = useState<{ readonly name: ThemeName; readonly over: ThemeName }>();
  const themeName = picked?.over === look.theme ? picked.name : look.theme; // one that is set anew counts
  const theme = useMemo(() => props.themeOf(themeName, look.background), [props.themeOf, themeName, look.background]);
  const given = useMemo(() => ({ ...props.given, settings: look.shown }), [props.given, look.shown]);
  const [opened, setOpened] = useLive(0);
  const [overlay, setOverlay] = useLive<Overlay>('none');
  /** Lines of help above the first that is shown. */
  const [helpFrom, setHelpFrom] = useLive(0);
  const [zen, setZen] = useLive(noZen);
  const [flash, setFlash] = useFlash(frames, clock);
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
  const welcome = useWelcome(props.welcome, () => bus.hold());
  const open = opened.current;
  const tab = tabs[open];
  const status = statuses.get(tab?.key ?? '') ?? { text: '', hints: [] };
  const own = props.suspend === undefined ? frameKeys.filter(({ action }) => action !== 'suspend') : frameKeys;
  const frame: readonly KeyBinding[] = tabs.length > 1 ? [...tabKeys, ...own] : own;
  const { hasSessions } = link.state;
  const hasStore = link.state.hasStore && hasSessions;
  const header = useHeader(scopes.header, hasStore, props, now);
  isLively.current = (header.facts?.live ?? 0) > 0;
  const firing = header.firing.filter((alert) => !isSilent(alert, now));

  const summary = useAsk(scopes.header, summaryQuestion, { wanted: zen.current.isWanted }, undefined);
  useEffect(() => {
    if (summary !== undefined) setZen(refreshZen(zen.current, summary, clock()));
  }, [summary, zen, setZen, clock]);
  const inZen = isZen(zen.current) && hasStore;

  function show(index: number): void {
    if (index !== opened.current || overlay.current !== 'none' || isZen(zen.current)) bus.hold();
    setOpened(index);
    setVisited((before) => new Set(before).add(index));
    setOverlay('none');
    if (welcome.state.current !== undefined) welcome.leave();
    if (isZen(zen.current)) setZen(noZen);
  }

  function copy(): void {
    link.ask(summaryQuestion.name, { wanted: true }, (reply) => {
      const note =
        reply?.value === undefined
          ? undefined
          : summaryNote(reply.value as NonNullable<typeof summary>, { now: clock(), zone: props.zone }); // what the question of this name gave
      const sequence = note === undefined ? undefined : clipboardSequence(note);
      if (sequence !== undefined) props.send(sequence);
      setFlash(
        sequence === undefined ? 'There is nothing to copy.' : 'Copied as Markdown, where the terminal allows it.',
      );
    });
  }

  function silence(alerts: readonly FiringAlert[], until: number | undefined): void {
    const noun = until === undefined ? 'silent alert' : 'alert';
    if (alerts.length === 0) return setFlash(`There is no ${noun}.`);
    props.given
      .snooze(
        alerts.map(({ id }) => id),
        until,
      )
      .then(
        () => {
          link.look();
          const which = alerts.length === 1 ? 'One alert is' : `${alerts.length} alerts are`;
          setFlash(
            until === undefined
              ? `${which} shown again.`
              : `${which} silent until ${timeOf(until, props.zone)}; X undoes it.`,
          );
        },
        (error: unknown) =>
          setFlash(`Not kept: ${displaySafe(error instanceof Error ? error.message : String(error), 256)}`),
      );
  }

  /** Does what the action says; false: there is no such action. */
  function act(action: string | undefined): boolean {
    switch (action) {
      case 'quit':
        exit();
        return true;
      case 'help':
        setZen(noZen);
        if (overlay.current === 'help') bus.hold();
        setHelpFrom(0);
        setOverlay(overlay.current === 'help' ? 'none' : 'help');
        return true;
      case 'palette':
        setZen(noZen);
        setOverlay({ palette: openPalette });
        return true;
      case 'zen':
        setZen(toggleZen(zen.current));
        return true;
      case 'snooze':
        silence(firing, clock() + snoozeMs);
        return true;
      case 'unsnooze':
        silence(
          header.firing.filter((alert) => isSilent(alert, now)),
          undefined,
        );
        return true;
      case 'copy':
        copy();
        return true;
      case 'suspend':
        props.suspend?.();
        return true;
      case 'next-tab':
        show((opened.current + 1) % tabs.length);
        return true;
      case 'previous-tab':
        show((opened.current + tabs.length - 1) % tabs.length);
        return true;
      case 'redraw':
        props.redraw();
        link.look();
        return true;
      default:
        return false;
    }
  }

  const commands: readonly Command[] = [
    ...tabs.map((each, index) => ({ of: 'Tab', title: each.title, key: each.key, run: () => show(index) })),
    ...(tab?.keys ?? []).map((binding) => ({
      of: tab?.title ?? '',
      title: binding.help,
      key: keyLabel(binding, 1),
      run: () => bus.press(binding.keys[0] ?? ''),
    })),
    ...frame
      .filter((binding) => binding.action !== 'palette')
      .map((binding) => ({
        of: 'scopeon',
        title: binding.help,
        key: keyLabel(binding, 1),
        run: () => act(binding.action),
      })),
    ...themeNames.map((name) => ({
      of: 'Theme',
      title: name,
      key: '',
      run: () => setPicked({ name, over: look.theme }),
    })),
  ];

  function pressInOverlay(name: string, over: Exclude<Overlay, 'none'>): boolean {
    if (name === 'ctrl+c' || name === 'ctrl+z') return act(actionOf(frame, name));
    if (typeof over === 'object') {
      const next = pressInPalette(over.palette, name, commands);
      if (next === undefined || 'run' in next) bus.hold();
      setOverlay(next === undefined || 'run' in next ? 'none' : { palette: next });
      if (next !== undefined && 'run' in next) next.run();
      return true;
    }
    const step = over === 'help' ? helpSteps.get(actionOf(scrollKeys, name) ?? '') : undefined;
    if (step !== undefined) {
      setHelpFrom(Math.max(0, Math.min(helpFrom.current + step, help.length - body.height)));
      return true;
    }
    if (name !== 'escape') return false;
    bus.hold();
    setOverlay('none');
    return true;
  }

  /** While the welcome is there; it leaves the keys that are for all of the frame, unless it is in the middle of something. */
  function pressInWelcome(name: string): boolean {
    if (name === 'ctrl+c' || name === 'ctrl+z') return false;
    if (!welcome.isOccupied() && (['q', '?', 'ctrl+l'].includes(name) || tabs.some(({ key }) => key === name)))
      return false;
    welcome.press(name);
    return true;
  }

  function press(name: string): void {
    const isText = typing.current && hasSessions;
    if (isText && name !== 'ctrl+c') return bus.press(name);
    if (overlay.current !== 'none' && pressInOverlay(name, overlay.current)) return;
    if (overlay.current === 'none' && welcome.state.current !== undefined && pressInWelcome(name)) return;
    const byDigit = tabs.findIndex((each) => each.key === name);
    if (byDigit >= 0) return show(byDigit);
    if (isZen(zen.current) && name === 'escape') return setZen(noZen);
    if (act(actionOf(frame, name))) return;
    if (!isCoveredNow() && !isZen(zen.current)) bus.press(name);
  }

  function isCoveredNow(): boolean {
    return overlay.current !== 'none' || welcome.state.current !== undefined;
  }

  function point({ kind, column, row }: MousePress): void {
    if (overlay.current !== 'none' || isZen(zen.current) || isTooSmall) return;
    const isWelcome = welcome.state.current !== undefined;
    if (kind === 'wheel-up' || kind === 'wheel-down') {
      const step = kind === 'wheel-up' ? 'up' : 'down';
      if (isWelcome) welcome.press(step);
      else for (let at = 0; at < wheelLines; at++) bus.press(step);
    } else if (kind === 'click') {
      const index = row === 1 && tabs.length > 1 && !isAlone ? tabAt(tabs, open, width, column) : undefined;
      if (index !== undefined && !(isWelcome && welcome.isOccupied())) show(index);
      else if (isWelcome) welcome.click({ column, row: row - 1 - above.length });
      else bus.click({ column, row: row - (isAlone ? 0 : 1 + above.length) });
    }
  }

  useInput((input, key) => {
    const mouse = mousePress(input);
    if (mouse !== undefined) point(mouse);
    else for (const name of keyNames(input, key)) press(name);
  });

  const isTooSmall = size.columns < smallest.columns || size.rows < smallest.rows;
  // Drawn as if there were room, but hidden, so that nothing is lost when there is room again.
  const width = Math.max(size.columns, smallest.columns);
  const height = Math.max(size.rows, smallest.rows);
  const isCovered = isCoveredNow();
  const isAlone = tab?.isAlone?.({ columns: width, rows: height }) === true && hasSessions && !isCovered;
  const banner: readonly Span[] | undefined =
    flash === undefined
      ? (troubleOf(standing, look.trouble, theme) ??
        (welcome.state.current === undefined
          ? (alertBanner(firing, width - 1, theme) ??
            silentNote(header.firing, { now, zone: props.zone, theme }) ??
            noteOf(standing, theme))
          : undefined))
      : [[flash, theme.accent]];
  const rule = theme.quiet(glyphs.rule.repeat(width));
  const around = [
    ...(tabs.length > 1 ? [tabLine(tabs, open, width, theme)] : []),
    ...(height >= 14 ? [rule] : []),
    ...(banner === undefined || height < bannerFrom ? [] : [line([' ', ...banner], width)]),
    ...(banner === undefined || height < roomyFrom || tab?.beginsWithNotices === true ? [] : ['']),
  ];
  const above = isAlone ? [] : around;
  const body = { width, height: height - above.length - (isAlone ? 0 : 2) };
  const help = helpLines(
    [
      ...(welcome.state.current === undefined
        ? tab?.keys === undefined
          ? []
          : [[tab.title, tab.keys] as const]
        : [['Welcome', welcomeKeys] as const]),
      ['Everywhere', frame],
    ],
    body.width,
    body.height,
    theme,
  );
  const footerKeys: readonly KeyBinding[] =
    typeof overlay.current === 'object'
      ? paletteKeys
      : overlay.current === 'none' && welcome.state.current !== undefined
        ? [...welcomeHints(welcome.state.current), ...(welcome.isOccupied() ? [] : frameKeys.filter(isOfWelcome))]
        : [...(hasSessions && !isCovered ? status.hints : []), ...frame];
  const isWhole = isTooSmall || inZen;
  return (
    <>
      {isTooSmall ? <Lines lines={tooSmallLines(size)} width={size.columns} height={size.rows} /> : null}
      {inZen && !isTooSmall ? (
        <Lines lines={zenLines(summary, { width, height, theme, now })} width={width} height={height} />
      ) : null}
      <Box flexDirection="column" width={width} height={height} display={isWhole ? 'none' : 'flex'}>
        {isAlone ? null : <Header {...props} theme={theme} facts={header.facts} width={width} />}
        {above.length === 0 ? null : <Lines lines={above} width={width} height={above.length} />}
        {overlay.current === 'help' ? <Lines lines={help.slice(helpFrom.current)} {...body} /> : null}
        {overlay.current === 'none' && welcome.state.current !== undefined ? (
          <Welcome {...body} theme={theme} store={scopes.header} hasStore={link.state.hasStore} screen={welcome} />
        ) : null}
        {typeof overlay.current === 'object' ? (
          <Lines lines={paletteLines(overlay.current.palette, commands, { ...body, theme })} {...body} />
        ) : null}
        {!hasStore || tab === undefined ? (
          isCovered ? null : (
            <Lines lines={emptyPage(standing, props.looked, { ...body, theme })} {...body} />
          )
        ) : (
          tabs.map((each, index) =>
            visited.has(index) ? (
              <Kept
                key={each.key}
                {...props}
                {...body}
                given={given}
                theme={theme}
                isAlone={isAlone}
                tab={each}
                store={scopes.tabs[index] ?? scopes.header}
                keys={bus}
                now={now}
                isHidden={isCovered || inZen || index !== open}
                typing={typing}
                onStatus={onStatus[index] ?? ignore}
              />
            ) : null,
          )
        )}
        {isAlone ? null : (
          <Lines
            lines={[
              flash === undefined || height >= bannerFrom
                ? footerLine(footerKeys, hasSessions && !isCovered ? status.text : '', width, theme)
                : line([' ', [flash, theme.accent]], width),
            ]}
            width={width}
            height={1}
          />
        )}
      </Box>
    </>
  );
}

/** From so many rows on there is room for a line on top; below, a word of the frame stands in the footer. */
const bannerFrom = 8;
/** From so many rows on there is room for an empty one below what stands on top. */
const roomyFrom = 36;
const wheelLines = 3;
const snoozeMs = 60 * 60 * 1000;
/** What of the frame's keys goes on in the welcome. */
const isOfWelcome = ({ action }: KeyBinding): boolean => action === 'help' || action === 'quit';
/** Help that is longer than its place moves by lines, and by as many as the smallest terminals have. */
const helpSteps: ReadonlyMap<string, number> = new Map([
  ['up', -1],
  ['down', 1],
  ['page-up', -8],
  ['page-down', 8],
]);

/** A word of the frame that goes by itself. */
function useFlash(frames: Frames, clock: () => number): readonly [string | undefined, (text: string) => void] {
  const [flash, set] = useState<{ readonly text: string; readonly until: number }>();
  const timer = useRef<NodeJS.Timeout>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const show = (text: string): void => {
    set({ text, until: clock() + flashMs });
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      set(undefined);
      frames.soon();
    }, flashMs);
  };
  return [flash?.text, show];
}

function Welcome({
  store,
  hasStore,
  screen,
  ...place
}: {
  readonly store: AskScope;
  readonly hasStore: boolean;
  readonly screen: WelcomeScreen;
  readonly theme: Theme;
  readonly width: number;
  readonly height: number;
}) {
  const answer = useAsk(store, providersQuestion, {}, undefined);
  const agents = hasStore ? answer?.providers.filter((provider) => provider.found) : undefined;
  return <Lines lines={screen.page(agents, place).lines} width={place.width} height={place.height} />;
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

interface HeaderAnswer {
  /** Undefined: nothing is known of the store yet. */
  readonly facts: HeaderFacts | undefined;
  readonly firing: readonly FiringAlert[];
}

function useHeader(store: AskScope, hasStore: boolean, { zone }: Pick<AppProps, 'zone'>, now: number): HeaderAnswer {
  const answer = useAsk(store, headerQuestion, {}, undefined, String(startOfDay(now, zone)));
  if (!hasStore || answer === undefined) return { facts: undefined, firing: [] };
  const { today, week, month, active, firing } = answer;
  const live = active.filter((session) => session.lastActivityAt > now - liveMs).length;
  return { facts: { today, week, month, live }, firing };
}

function Header({
  facts,
  collector,
  width,
  theme,
  mark,
}: {
  readonly facts: HeaderFacts | undefined;
  readonly collector: CollectorView;
  readonly width: number;
  readonly theme: Theme;
  readonly mark: string;
}) {
  return <Lines lines={[headerLine(facts, collector.state, mark, width, theme)]} width={width} height={1} />;
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

/** Other data alone: they are drawn when the answers from them are there. */
function isNewsAlone(one: LinkState, two: LinkState): boolean {
  return isDeepStrictEqual({ ...one, version: 0 }, { ...two, version: 0 });
}

/** Draws anew when store, collector or an answer is another, and when ages may be. */
function useStore(
  { link, collector, tabs, settings, changes }: AppProps,
  refreshMs: number,
): Standing & {
  readonly scopes: Scopes;
  readonly frames: Frames;
  /** To be told whether a session is live. */
  readonly isLively: { current: boolean };
} {
  const isLively = useRef(true);
  const [, draw] = useState({});
  const [asking] = useState(() => {
    const frames = createFrames(() => draw({}));
    const asker = createAsker(link, frames);
    return { frames, asker, scopes: { header: asker.scope(), tabs: tabs.map(() => asker.scope()) } };
  });
  useEffect(() => {
    const { frames } = asking;
    const soon = (): void => frames.soon();
    let shown = link.state;
    const stops = [
      link.onState(() => {
        const before = shown;
        shown = link.state;
        if (!isNewsAlone(before, shown)) soon();
      }),
      collector.onChange(soon),
      settings.onChange(soon),
    ];
    const isDue = ageing(refreshMs, changes);
    const timer = setInterval(() => {
      if (isDue(performance.now(), isLively.current)) soon();
    }, refreshMs);
    return () => {
      clearInterval(timer);
      for (const stop of stops) stop();
    };
  }, [asking, link, collector, settings, changes, refreshMs]);
  useEffect(
    () => () => {
      asking.asker.close();
      asking.frames.stop();
    },
    [asking],
  );
  return { link: link.state, collector: collector.state, scopes: asking.scopes, frames: asking.frames, isLively };
}
