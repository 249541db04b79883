import { cacheHitRatio } from '../../metrics/cache.ts';
import { contextPressure } from '../../metrics/context-pressure.ts';
import type { Sums } from '../../report/figures.ts';
import { compactNumber, formatPct } from '../../report/format.ts';
import { liveMs, type SessionFacts } from '../../store/queries/sessions.ts';
import type { WindowOf } from '../tab.ts';
import { glyphs, type Theme, thinGauge } from '../theme.ts';
import { type Column, fitColumns, fitWidth, rowText, titleSpans } from './columns.ts';
import { ageText, costSpan, nameText, shortModel } from './figures.ts';
import type { Span } from './spans.ts';

/** A session as a line of the list. */
export interface SessionLine {
  readonly facts: SessionFacts;
  readonly sums: Sums;
  readonly lastActivityAt: number;
}

export interface TableOptions {
  readonly width: number;
  readonly theme: Theme;
  readonly now: number;
  readonly windowOf: WindowOf;
  readonly selected: number | undefined;
}

/** Cursor, sign of life, a space. */
const prefixWidth = 3;

/** A session that is on its way from the store. */
export interface ComingLine {
  readonly rowId: number;
  readonly lastActivityAt: number;
}

/** Titles, then a line per session; each `width` columns. */
export function sessionTable(
  sessions: readonly (SessionLine | ComingLine)[],
  options: TableOptions,
): readonly string[] {
  const { width, theme, selected } = options;
  const fit = fitColumns(columnsOf(options), width - prefixWidth);
  const rest = ' '.repeat(Math.max(0, width - prefixWidth - fitWidth(fit)));
  return [
    `${' '.repeat(prefixWidth)}${theme.quiet(titleSpans(fit))}${rest}`,
    ...sessions.map((session) => {
      const rowId = 'facts' in session ? session.facts.rowId : session.rowId;
      const mark = rowId === selected ? theme.accent(glyphs.selected) : ' ';
      const dot = isLiveAt(session.lastActivityAt, options.now) ? theme.good(glyphs.live) : theme.quiet(glyphs.idle);
      if (!('facts' in session))
        return `${mark}${dot} ${theme.quiet('…')}${' '.repeat(Math.max(0, width - prefixWidth - 1))}`;
      return `${mark}${dot} ${rowText(fit, session)}${rest}`;
    }),
  ];
}

/** Below this width the fill is a number without a bar. */
const barFrom = 62;
const barWidth = 6;

function columnsOf({ theme, now, windowOf, selected, width }: TableOptions): readonly Column<SessionLine>[] {
  const isLive = (session: SessionLine): boolean => isLiveAt(session.lastActivityAt, now);
  const name = (session: SessionLine): Span => [
    nameText(session.facts.project),
    session.facts.rowId === selected ? theme.strong : theme.plain,
  ];
  const age = (session: SessionLine): Span => [
    ageText(now - session.lastActivityAt),
    isLive(session) ? theme.plain : theme.quiet,
  ];
  const cache = (session: SessionLine): Span => formatPct((cacheHitRatio(session.sums) ?? Number.NaN) * 100);
  const names = { align: 'left' } as const;
  const numbers = { align: 'right' } as const;
  const bar = width >= barFrom ? barWidth : 0;
  return [
    { ...names, title: 'Project', width: 12, most: 36, share: 3, weight: 100, cell: (session) => [name(session)] },
    {
      ...names,
      title: 'Branch',
      width: 8,
      most: 28,
      share: 2,
      weight: 20,
      cell: (session) => [[nameText(session.facts.branch, ''), theme.quiet]],
    },
    {
      ...names,
      title: 'Model',
      width: 10,
      most: 16,
      weight: 40,
      cell: (session) => [[shortModel(session.facts.model), theme.quiet]],
    },
    { ...numbers, title: 'Age', width: 4, weight: 60, cell: (session) => [age(session)] },
    { ...numbers, title: 'Turns', width: 5, weight: 45, cell: (session) => [compactNumber(session.sums.turns)] },
    { ...numbers, title: 'Cost', width: 8, weight: 90, cell: (session) => [costSpan(session.sums, theme)] },
    { ...numbers, title: 'Cache', width: 5, weight: 25, cell: (session) => [cache(session)] },
    {
      ...(bar === 0 ? numbers : names),
      title: bar === 0 ? 'Ctx' : 'Context',
      width: bar + (bar === 0 ? 4 : 5),
      weight: 50,
      cell: (session) => contextSpans(session, isLive(session), windowOf, theme, bar),
    },
  ];
}

export function isLiveAt(lastActivityAt: number | null, now: number): boolean {
  return lastActivityAt !== null && lastActivityAt > now - liveMs;
}

/** `━━━━━─── 64%`; without colour of pressure for a session that rests. Empty where the fill is not known. */
function contextSpans(
  session: SessionLine,
  live: boolean,
  windowOf: WindowOf,
  theme: Theme,
  width: number,
): readonly Span[] {
  const window = windowOf(session.facts);
  const used = session.facts.contextTokens;
  if (window === undefined || used === null)
    return [[`${' '.repeat(width)}${'–'.padStart(width === 0 ? 4 : 5)}`, theme.quiet]];
  const { fillPct, level } = contextPressure(used, window.tokens);
  const [filled, rest] = thinGauge(fillPct, width);
  const paint = live ? theme.pressure(level) : theme.quiet;
  return [
    [filled, paint],
    [rest, theme.quiet],
    [formatPct(fillPct).padStart(width === 0 ? 4 : 5), paint],
  ];
}
