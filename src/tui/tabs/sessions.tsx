import { Box, useInput } from 'ink';
import { useEffect, useReducer, useRef } from 'react';
import { groupDigits } from '../../report/format.ts';
import { sumsFrom } from '../../report/sums.ts';
import { costliestSessions, newestSessions, type SessionUse, sessionUse } from '../../store/queries/live-sessions.ts';
import { type SessionDetail, sessionDetail } from '../../store/queries/session-detail.ts';
import { useAsk } from '../components/ask.ts';
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
import { type PanelOptions, panelLines } from '../components/session-panel.ts';
import { type SessionLine, sessionTable } from '../components/session-table.ts';
import { actionOf, type KeyBinding, keyNames } from '../keys.ts';
import { defineTab, type TabProps } from '../tab.ts';
import { glyphs } from '../theme.ts';

const keys: readonly KeyBinding[] = [
  { action: 'up', keys: ['up', 'k'], help: 'up; in a session: scroll' },
  { action: 'down', keys: ['down', 'j'], help: 'down', hint: 'move', hintKeys: '↑↓' },
  { action: 'page-up', keys: ['pageup'], help: 'a page up' },
  { action: 'page-down', keys: ['pagedown', ' '], help: 'a page down' },
  { action: 'first', keys: ['g', 'home'], help: 'first; new sessions then come under the cursor' },
  { action: 'last', keys: ['G', 'end'], help: 'last' },
  { action: 'open', keys: ['return'], help: 'open the session', hint: 'open' },
  { action: 'back', keys: ['escape'], help: 'back to the list', hint: 'back' },
  { action: 'sort', keys: ['s'], help: 'sort: newest, costliest', hint: 'sort' },
];

const listHints = keys.filter((binding) => binding.action !== 'back');
const pageHints: readonly KeyBinding[] = keys.flatMap((binding) => {
  if (binding.action === 'down') return [{ ...binding, hint: 'scroll' }];
  return binding.action === 'back' ? [binding] : [];
});

/** Sessions known at first and whenever the cursor comes near the end of those known. */
const chunk = 500;
/** From this width on the selected session stands beside the list. */
const besideFrom = 100;
/** Turns asked for: as many as a sparkline has columns. */
const turnLimit = 120;
const nothing: ReadonlyMap<number, SessionUse> = new Map();

export default defineTab({ title: 'Sessions', key: '2', keys, Component: Sessions });

function Sessions(props: TabProps) {
  const { width, height, store, theme, listens, onStatus } = props;
  const limit = useRef(chunk);
  const top = useRef(0);
  const lastScroll = useRef(0);
  const ids = useRef<readonly number[]>([]);
  const rows = Math.max(1, height - 1);
  const [state, act] = useReducer(
    (before: ListState, action: ListAction) =>
      reduceList(before, action, { ids: ids.current, page: Math.max(1, rows - 1), lastScroll: lastScroll.current }),
    firstState,
  );
  const order = useAsk(
    store,
    `${state.sort} ${limit.current}`,
    (db) => (state.sort === 'newest' ? newestSessions : costliestSessions)(db, limit.current),
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
  const detail = useAsk<SessionDetail | undefined>(
    store,
    String(wanted),
    (db) => (wanted === undefined ? undefined : sessionDetail(db, wanted, turnLimit)),
    undefined,
  );

  useInput(
    (input, key) => {
      for (const name of keyNames(input, key)) {
        const action = listActions.find((each) => each === actionOf(keys, name));
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
    const lines = detail === undefined ? [] : pageLines(detail, { ...props, width: width - 2 });
    lastScroll.current = Math.max(0, lines.length - height);
    const from = Math.min(state.scroll, lastScroll.current);
    return <Lines lines={lines.slice(from, from + height).map((text) => ` ${text}`)} width={width} height={height} />;
  }
  const listWidth = isBeside ? Math.min(100, Math.max(57, Math.round(width * 0.57))) : width;
  const sessions = visible.flatMap((session): readonly SessionLine[] => {
    const known = use.get(session.rowId);
    return known === undefined
      ? []
      : [{ facts: known.facts, sums: sumsFrom(known.sums), lastActivityAt: session.lastActivityAt }];
  });
  const list = sessionTable(sessions, { ...props, width: listWidth - 1, selected });
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
