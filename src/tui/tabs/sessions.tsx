import { Box } from 'ink';
import { useEffect, useReducer, useRef, useState } from 'react';
import { startOfDay } from '../../metrics/calendar.ts';
import { groupDigits } from '../../report/format.ts';
import type { SessionDetail } from '../../store/queries/session-detail.ts';
import { useAsk } from '../components/ask.ts';
import { filterLine } from '../components/filter-line.ts';
import { useClicks, useKeys } from '../components/key-bus.ts';
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
import { listHints, pageHints, scopeSteps, sectionSteps, sessionKeys, turnSteps } from '../components/session-keys.ts';
import type { SessionOrder } from '../components/session-order.ts';
import {
  besideLines,
  nothingOpen,
  sessionPage,
  type TurnMark,
  timelineLimit,
  turnIndex,
  turnLimit,
  turnMark,
} from '../components/session-page.ts';
import { everySession, stepScope } from '../components/session-scope.ts';
import { type SessionLine, sessionTable } from '../components/session-table.ts';
import { Trends } from '../components/trends.tsx';
import { actionOf } from '../keys.ts';
import sessionDetail, { type DetailWish } from '../questions/session-detail.ts';
import sessionOrder from '../questions/session-order.ts';
import sessionRows from '../questions/session-rows.ts';
import sessionScopes from '../questions/session-scopes.ts';
import { defineTab, type TabProps } from '../tab.ts';
import { glyphs } from '../theme.ts';

/** From this width on the selected session stands beside the list. */
const besideFrom = 100;
/** Rows are asked for in blocks, one more above and below: the next keys find them there. */
const block = 64;
const noOrder: SessionOrder = { rowIds: new Float64Array(), activeAt: new Float64Array() };
const noRows: ReadonlyMap<number, Omit<SessionLine, 'lastActivityAt'>> = new Map();

export default defineTab({ title: 'Sessions', key: '2', keys: sessionKeys, Component: Sessions });

function Sessions(props: TabProps) {
  const { width, height, store, theme, keys, listens, onStatus, now, zone, typing } = props;
  const top = useRef(0);
  const lastScroll = useRef(0);
  const order = useRef(noOrder);
  const [draft, setDraft] = useState<string>();
  const [filter, setFilter] = useState('');
  const [scope, setScope] = useState(everySession);
  const written = useRef(draft);
  const [isTrends, setTrends] = useState(false);
  const isScoped = scope !== everySession && (scope.provider ?? scope.model) !== undefined;
  const hasLine = draft !== undefined || filter !== '' || isScoped;
  const rows = Math.max(1, height - 1 - (hasLine ? 1 : 0));
  const [state, act] = useReducer(
    (before: ListState, action: ListAction) =>
      reduceList(before, action, {
        ids: order.current.rowIds,
        page: Math.max(1, rows - 1),
        lastScroll: lastScroll.current,
      }),
    firstState,
  );
  const holding = (draft ?? filter).trim();
  const day = holding === '' ? '' : String(startOfDay(now, zone));
  order.current = useAsk(
    store,
    sessionOrder,
    { sort: state.sort, filter: holding, isFiltering: draft !== undefined, ...scope },
    noOrder,
    day,
  );
  const { rowIds, activeAt } = order.current;
  const index = selectedIndex(state, rowIds);
  top.current = windowStart(top.current, index, rows, rowIds.length);
  const near = rowIds.subarray(
    Math.max(0, Math.floor(top.current / block) - 1) * block,
    (Math.ceil((top.current + rows) / block) + 1) * block,
  );
  const known = useAsk(store, sessionRows, [...near], noRows);
  const scopes = useAsk(store, sessionScopes, {}, []);
  const selected = rowIds.length === 0 ? undefined : rowIds[index];
  const isPage = state.view === 'detail';
  const isBeside = !isPage && width >= besideFrom;
  const wish: DetailWish = {
    rowId: isPage || isBeside ? selected : undefined,
    turns: isPage ? timelineLimit : turnLimit,
  };
  const detail = useAsk<DetailWish, SessionDetail | undefined>(store, sessionDetail, wish, undefined);

  const [scrubbed, scrub] = useState<TurnMark & { readonly rowId: number }>();
  const turns = detail?.turns ?? [];
  const cursor = scrubbed?.rowId === selected ? turnIndex(turns, scrubbed) : turns.length - 1;
  const turnWish = useRef(cursor);
  turnWish.current = cursor;
  function stepTurns(by: number): void {
    if (selected === undefined || turns.length === 0) return;
    turnWish.current = Math.max(0, Math.min(turns.length - 1, turnWish.current + by));
    const mark = turnMark(turns, turnWish.current);
    const isNewest = turnWish.current === turns.length - 1;
    scrub(mark === undefined || isNewest ? undefined : { rowId: selected, ...mark });
  }

  /** One key while the filter is written. */
  function write(name: string): void {
    const before = written.current ?? '';
    if (name === 'backspace') written.current = [...before].slice(0, -1).join('');
    else if ([...name].length === 1) written.current = before + name;
    else if (name === 'escape' || name === 'return') {
      setFilter(name === 'escape' ? '' : before.trim());
      written.current = undefined;
      typing.current = false;
    }
    setDraft(written.current);
  }

  function pressInList(name: string, action: string): void {
    const step = scopeSteps.get(action);
    if (step !== undefined) setScope((before) => stepScope(before, ...step, scopes));
    else if (action === 'filter') {
      written.current = filter;
      setDraft(filter);
      typing.current = true;
    } else if (name === 'escape') {
      setFilter('');
      setScope(everySession);
    }
  }

  const page = isPage && detail !== undefined ? sessionPage(detail, props, cursor) : nothingOpen;
  function pressInPage(action: string): void {
    const turnStep = turnSteps.get(action);
    if (turnStep !== undefined) stepTurns(turnStep);
    const sectionStep = sectionSteps.get(action);
    if (sectionStep !== undefined) act({ scroll: nextSection(page.lines, state.scroll, sectionStep) });
  }

  useKeys(keys, listens, (name) => {
    if (written.current !== undefined) return write(name);
    const action = actionOf(sessionKeys, name) ?? '';
    if (action === 'trends' || (isTrends && name === 'escape')) return setTrends(!isTrends);
    if (isTrends) return;
    if (isPage) pressInPage(action);
    else pressInList(name, action);
    const listAction = listActions.find((each) => each === action);
    if (listAction !== undefined) act(listAction);
  });
  const listWidth = isBeside ? Math.min(100, Math.max(57, Math.round(width * 0.57))) : width;
  useClicks(keys, listens, ({ column, row }) => {
    const at = top.current + row - 1; // below the titles
    if (isTrends || isPage || column >= listWidth || row < 1 || row > rows || at >= rowIds.length) return;
    act(at === index ? 'open' : { select: at });
  });

  const count = `${rowIds.length === 0 ? 0 : groupDigits(index + 1)}/${groupDigits(rowIds.length)}`;
  useEffect(() => {
    if (isTrends) return; // they tell their own
    onStatus({ text: isPage ? count : `${state.sort} · ${count}`, hints: isPage ? pageHints : listHints });
  }, [onStatus, isTrends, isPage, state.sort, count]);

  if (isTrends) return <Trends {...props} />;

  if (isPage) {
    const room = height - page.pinned.length;
    lastScroll.current = Math.max(0, page.lines.length - room);
    const from = Math.min(state.scroll, lastScroll.current);
    const above = Array.from({ length: room }, (_, row) => page.lines[from + row] ?? '');
    return <Lines lines={[...above, ...page.pinned].map((text) => ` ${text}`)} width={width} height={height} />;
  }
  const visible = [...rowIds.subarray(top.current, top.current + rows)];
  const place = { ...props, width: listWidth - 1, selected };
  const list = [
    ...sessionTable(
      visible.map((rowId, at) => {
        const lastActivityAt = activeAt[top.current + at] ?? 0;
        const session = known.get(rowId);
        return session === undefined ? { rowId, lastActivityAt } : { ...session, lastActivityAt };
      }),
      place,
    ),
    ...Array.from({ length: rows - visible.length }, () => ''),
    ...(hasLine ? [filterLine({ draft, filter, scope, found: rowIds.length }, place)] : []),
  ];
  // Where there is room for two lines alone, titles give way to what is written.
  if (!isBeside) return <Lines lines={list.slice(Math.max(0, list.length - height))} width={width} height={height} />;
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

/** First line of the section after or before the one at `from`; sections stand behind empty lines. */
function nextSection(lines: readonly string[], from: number, by: 1 | -1): number {
  const starts = lines.flatMap((_, at) => (at === 0 || isBlank(lines[at - 1]) ? [at] : []));
  const found = by === 1 ? starts.find((at) => at > from) : starts.findLast((at) => at < from);
  return found ?? from;
}

function isBlank(line: string | undefined): boolean {
  return line === undefined || line.trim() === '';
}
