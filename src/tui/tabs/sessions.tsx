import { Box, useInput } from 'ink';
import { useEffect, useReducer, useRef, useState } from 'react';
import { displaySafe } from '../../display.ts';
import { startOfDay } from '../../metrics/calendar.ts';
import { groupDigits } from '../../report/format.ts';
import { sumsFrom } from '../../report/sums.ts';
import { costliestSessions, newestSessions, type SessionUse, sessionUse } from '../../store/queries/live-sessions.ts';
import { type SessionDetail, sessionDetail, type TurnLine } from '../../store/queries/session-detail.ts';
import { useAsk } from '../components/ask.ts';
import { filteredSessions } from '../components/filtered-sessions.ts';
import { Lines } from '../components/lines.tsx';
import {
  firstState,
  type ListAction,
  type ListState,
  listActions,
  reduceList,
  selectedIndex,
  windowStart,
} from '../components/list-state.ts';
import { filterWords, parseFilter } from '../components/session-filter.ts';
import { type PanelOptions, panelLines } from '../components/session-panel.ts';
import { type SessionLine, sessionTable } from '../components/session-table.ts';
import { type Span, spread } from '../components/spans.ts';
import { timelineLines } from '../components/timeline.ts';
import { actionOf, type KeyBinding, keyNames } from '../keys.ts';
import { defineTab, type TabProps } from '../tab.ts';
import { glyphs } from '../theme.ts';

const keys: readonly KeyBinding[] = [
  { action: 'up', keys: ['up', 'k'], help: 'up; in a session: scroll' },
  { action: 'down', keys: ['down', 'j'], help: 'down', hint: 'move', hintKeys: '↑↓' },
  { action: 'page-up', keys: ['pageup'], help: 'a page up' },
  { action: 'page-down', keys: ['pagedown', ' '], help: 'a page down' },
  { action: 'first', keys: ['g', 'home'], help: 'first, whatever comes new' },
  { action: 'last', keys: ['G', 'end'], help: 'last' },
  { action: 'open', keys: ['return'], help: 'open the session', hint: 'open' },
  { action: 'back', keys: ['escape'], help: 'back to the list', hint: 'back' },
  { action: 'earlier', keys: ['left', 'h'], help: 'in a session: a turn back' },
  { action: 'later', keys: ['right', 'l'], help: 'in a session: a turn on', hint: 'turn', hintKeys: '←→' },
  { action: 'much-earlier', keys: ['{'], help: 'ten turns back' },
  { action: 'much-later', keys: ['}'], help: 'ten turns on' },
  { action: 'filter', keys: ['/'], help: 'filter; Esc clears it', hint: 'filter' },
  { action: 'sort', keys: ['s'], help: 'sort: newest, costliest', hint: 'sort' },
];

const listHints = keys.filter((binding) => binding.action !== 'back' && binding.action !== 'later');
const pageHints: readonly KeyBinding[] = keys.flatMap((binding) => {
  if (binding.action === 'down') return [{ ...binding, hint: 'scroll' }];
  return binding.action === 'back' || binding.action === 'later' ? [binding] : [];
});

/** Sessions known at first and whenever the cursor comes near the end of those known. */
const chunk = 500;
/** From this width on the selected session stands beside the list. */
const besideFrom = 100;
/** Turns asked for: as many as a sparkline has columns. */
const turnLimit = 120;
/** Turns that can be scrubbed through once a session is open. */
const timelineLimit = 2_000;
const nothing: ReadonlyMap<number, SessionUse> = new Map();

export default defineTab({ title: 'Sessions', key: '2', keys, Component: Sessions });

function Sessions(props: TabProps) {
  const { width, height, store, theme, listens, onStatus, now, zone, typing } = props;
  const limit = useRef(chunk);
  const top = useRef(0);
  const lastScroll = useRef(0);
  const ids = useRef<readonly number[]>([]);
  const [draft, setDraft] = useState<string>();
  const [filter, setFilter] = useState('');
  const hasLine = draft !== undefined || filter !== '';
  const rows = Math.max(1, height - 1 - (hasLine ? 1 : 0));
  const [state, act] = useReducer(
    (before: ListState, action: ListAction) =>
      reduceList(before, action, { ids: ids.current, page: Math.max(1, rows - 1), lastScroll: lastScroll.current }),
    firstState,
  );
  const order = useAsk(
    store,
    `${state.sort} ${limit.current} ${filter} ${filter === '' ? '' : startOfDay(now, zone)}`,
    (db) => {
      const all = state.sort === 'newest' ? newestSessions : costliestSessions;
      if (filter === '') return all(db, limit.current);
      const { predicate } = parseFilter(filter, { now, zone });
      return filteredSessions(db, all(db, Number.MAX_SAFE_INTEGER), predicate, { limit: limit.current, now });
    },
    [],
  );
  ids.current = order.map((session) => session.rowId);
  const index = selectedIndex(state, ids.current);
  if (index > order.length - chunk / 5 && order.length >= limit.current) limit.current += chunk;
  top.current = windowStart(top.current, index, rows, order.length);
  const visible = order.slice(top.current, top.current + rows);
  const visibleIds = visible.map((session) => session.rowId);
  const use = useAsk(store, visibleIds.join(), (db) => sessionUse(db, visibleIds), nothing);
  const selected = ids.current[index];
  const isBeside = state.view === 'list' && width >= besideFrom;
  const wanted = state.view === 'detail' || isBeside ? selected : undefined;
  const asked = state.view === 'detail' ? timelineLimit : turnLimit;
  const detail = useAsk<SessionDetail | undefined>(
    store,
    `${wanted} ${asked}`,
    (db) => (wanted === undefined ? undefined : sessionDetail(db, wanted, asked)),
    undefined,
  );

  // The turn under the cursor is remembered by its time: new turns come behind it, and it stays.
  const [scrubbed, scrub] = useState<{ readonly rowId: number; readonly at: number }>();
  const turns = detail?.turns ?? [];
  const cursor = scrubbed?.rowId === selected ? turnIndex(turns, scrubbed?.at) : turns.length - 1;
  const wish = useRef(cursor);
  wish.current = cursor;
  const step = (by: number): void => {
    if (state.view !== 'detail' || selected === undefined || turns.length === 0) return;
    wish.current = Math.max(0, Math.min(turns.length - 1, wish.current + by));
    const turn = turns[turns.length - 1 - wish.current];
    const isNewest = wish.current === turns.length - 1;
    scrub(turn === undefined || isNewest ? undefined : { rowId: selected, at: turn.at });
  };
  /** One key while the filter is written. */
  const write = (name: string, before: string): string | undefined => {
    if (name === 'backspace') return [...before].slice(0, -1).join('');
    if (name === 'escape') setFilter('');
    if (name === 'return') setFilter(before.trim());
    if (name === 'escape' || name === 'return') return undefined;
    return [...name].length === 1 ? before + name : before;
  };
  const written = useRef(draft);
  useInput(
    (input, key) => {
      const names = key.backspace || key.delete ? ['backspace'] : keyNames(input, key);
      for (const each of names) {
        const name = each === '\r' ? 'return' : each;
        if (written.current !== undefined) {
          written.current = write(name, written.current);
          setDraft(written.current);
          // The frame hears of the same keys: for it they are text to the end.
          if (written.current === undefined && typing !== undefined) setImmediate(() => void (typing.current = false));
          continue;
        }
        if (state.view === 'list' && actionOf(keys, name) === 'filter') {
          written.current = filter;
          setDraft(filter);
          if (typing !== undefined) typing.current = true;
          continue;
        }
        if (state.view === 'list' && name === 'escape') setFilter('');
        const word = actionOf(keys, name) ?? '';
        const by = steps.get(word);
        if (by !== undefined) step(by);
        const action = listActions.find((each) => each === word);
        if (action !== undefined) act(action);
      }
    },
    { isActive: listens },
  );

  const count = `${order.length === 0 ? 0 : index + 1}/${groupDigits(order.length)}${order.length >= limit.current ? '+' : ''}`;
  useEffect(() => {
    const isPage = state.view === 'detail';
    onStatus({ text: isPage ? count : `${state.sort} · ${count}`, hints: isPage ? pageHints : listHints });
  }, [onStatus, state.view, state.sort, count]);

  if (state.view === 'detail') {
    const { lines, pinned } = detail === undefined ? nothingOpen : sessionPage(detail, props, cursor);
    const room = height - pinned.length;
    lastScroll.current = Math.max(0, lines.length - room);
    const from = Math.min(state.scroll, lastScroll.current);
    const above = Array.from({ length: room }, (_, row) => lines[from + row] ?? '');
    return <Lines lines={[...above, ...pinned].map((text) => ` ${text}`)} width={width} height={height} />;
  }
  const listWidth = isBeside ? Math.min(100, Math.max(57, Math.round(width * 0.57))) : width;
  const sessions = visible.flatMap((session): readonly SessionLine[] => {
    const known = use.get(session.rowId);
    return known === undefined
      ? []
      : [{ facts: known.facts, sums: sumsFrom(known.sums), lastActivityAt: session.lastActivityAt }];
  });
  const list = [
    ...sessionTable(sessions, { ...props, width: listWidth - 1, selected }),
    ...Array.from({ length: rows - sessions.length }, () => ''),
    ...(hasLine ? [filterLine(draft, filter, order.length, { ...props, width: listWidth - 1 })] : []),
  ];
  if (!isBeside) return <Lines lines={list} width={width} height={height} />;
  const panelWidth = width - listWidth - 3;
  const panel = detail === undefined ? [] : besideLines(detail, { ...props, width: panelWidth }, height);
  const divider = theme.quiet(glyphs.divider);
  return (
    <Box width={width} height={height}>
      <Lines lines={list} width={listWidth} height={height} />
      <Lines
        lines={Array.from({ length: height }, (_, row) => `${divider} ${panel[row] ?? ''}`)}
        width={panelWidth + 3}
        height={height}
      />
    </Box>
  );
}

/** The filter as it is written or holds, with what it leaves or what of it cannot be read. */
function filterLine(draft: string | undefined, filter: string, found: number, props: TabProps): string {
  const { theme, width } = props;
  const text = displaySafe(draft ?? filter, 512);
  const { trouble } = parseFilter(draft ?? filter, props);
  const about: Span =
    trouble !== undefined
      ? [`"${displaySafe(trouble, 32)}" is not understood`, theme.warn]
      : [draft === undefined ? (found === 0 ? 'no session' : '') : 'Enter keeps, Esc clears', theme.quiet];
  const hint: readonly Span[] = draft === '' ? [[filterWords, theme.quiet]] : [];
  return spread(
    [' ', ['/', theme.accent], text, ...(draft === undefined ? [] : ['▏']), ...hint],
    draft === '' ? [] : [about],
    width,
  );
}

const steps: ReadonlyMap<string, number> = new Map([
  ['earlier', -1],
  ['later', 1],
  ['much-earlier', -10],
  ['much-later', 10],
]);

/** Oldest 0, where `turns` are newest first; the newest when none is of that time. */
function turnIndex(turns: readonly TurnLine[], at: number | undefined): number {
  const found = turns.findIndex((turn) => turn.at === at);
  return turns.length - 1 - Math.max(0, found);
}

/** From this height on the timeline stays in sight below a session's page; else it is the end of it. */
const pinFrom = 17;
const nothingOpen = { lines: [], pinned: [] };

function sessionPage(
  detail: SessionDetail,
  props: TabProps,
  cursor: number,
): { readonly lines: readonly string[]; readonly pinned: readonly string[] } {
  const { width, height, theme } = props;
  const options = { ...props, width: width - 2 };
  const windowTokens = props.windowOf(detail.facts)?.tokens;
  const timeline = timelineLines(detail, { ...options, windowTokens, cursor, asked: timelineLimit });
  const lines = pageLines(detail, options);
  if (timeline.length === 0) return { lines, pinned: [] };
  if (height < pinFrom) return { lines: [...lines, '', ...timeline], pinned: [] };
  return { lines, pinned: [theme.quiet(glyphs.rule.repeat(width - 2)), ...timeline] };
}

/** What fits beside the list: the last turns get the lines the rest leaves. */
function besideLines(detail: SessionDetail, options: PanelOptions, height: number): readonly string[] {
  const facts = panelLines(
    detail,
    ['head', 'context', 'figures', 'tokens', 'tools', 'subagents', 'compactions'],
    options,
    4,
  );
  const room = height - facts.length - 2; // a blank line and the titles
  return room < 2 ? facts : [...facts, '', ...panelLines(detail, ['turns'], options, room)];
}

/** The whole page: from 110 columns on the turns stand beside the figures. */
function pageLines(detail: SessionDetail, options: PanelOptions): readonly string[] {
  const facts = ['head', 'context', 'figures', 'tokens', 'models', 'tools', 'subagents', 'compactions'] as const;
  if (options.width < 108) return panelLines(detail, [...facts, 'turns'], options, 40);
  const left = Math.min(56, Math.floor(options.width * 0.42));
  const right = options.width - left - 5;
  const one = panelLines(detail, facts, { ...options, width: left }, 40);
  const two = panelLines(detail, ['turns'], { ...options, width: Math.min(right, 96) }, turnLimit);
  const divider = options.theme.quiet(glyphs.divider);
  return Array.from({ length: Math.max(one.length, two.length) }, (_, row) => {
    const text = one[row] ?? '';
    return `${text === '' ? ' '.repeat(left) : text}  ${divider}  ${two[row] ?? ''}`;
  });
}
