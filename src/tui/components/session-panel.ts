import type { Zone } from '../../metrics/calendar.ts';
import { contextPressure } from '../../metrics/context-pressure.ts';
import { type Figures, figuresOf, usdOf } from '../../report/figures.ts';
import {
  compactNumber,
  compactUsd,
  countOf,
  formatDuration,
  formatPct,
  formatRatio,
  formatUsd,
  groupDigits,
  localMinute,
} from '../../report/format.ts';
import { sumsFrom } from '../../report/sums.ts';
import { fitFacts } from '../../report/wrap.ts';
import type { SessionDetail, SubagentUse, ToolCalls, TurnLine } from '../../store/queries/session-detail.ts';
import type { WindowOf } from '../tab.ts';
import { glyphs, sparkline, type Theme, thinGauge } from '../theme.ts';
import { type Column, fitColumns, fitWidth, rowText, titleSpans } from './columns.ts';
import { ageText, costPerTurnText, costSpan, nameText, shortModel, spendText } from './figures.ts';
import { isLiveAt } from './session-table.ts';
import { line, type Span, spread } from './spans.ts';

export interface PanelOptions {
  readonly width: number;
  readonly theme: Theme;
  readonly now: number;
  readonly zone: Zone;
  readonly windowOf: WindowOf;
}

/** Sections of a session's page, a blank line between two; each line at most `width` columns. */
export type Section =
  | 'head'
  | 'context'
  | 'figures'
  | 'tokens'
  | 'turns'
  | 'tools'
  | 'models'
  | 'subagents'
  | 'compactions';

/** Lines of the wanted sections in the order wanted. `limit`: rows at most in each list. Sections without news are left out. */
export function panelLines(
  detail: SessionDetail,
  sections: readonly Section[],
  options: PanelOptions,
  limit: number,
): readonly string[] {
  const page: Page = {
    ...options,
    detail,
    figures: figuresOf(sumsFrom(detail.sums), 'auto'),
    limit,
    isLive: isLiveAt(detail.lastActivityAt, options.now),
  };
  const drawn = sections.map((section) => drawers[section](page)).filter((lines) => lines.length > 0);
  return drawn.flatMap((lines, at) => (at === 0 ? lines : ['', ...lines]));
}

interface Page extends PanelOptions {
  readonly detail: SessionDetail;
  readonly figures: Figures;
  readonly limit: number;
  readonly isLive: boolean;
}

const drawers: Readonly<Record<Section, (page: Page) => readonly string[]>> = {
  head: headLines,
  context: contextLines,
  figures: figureLines,
  tokens: tokenLines,
  turns: turnLines,
  tools: toolLines,
  models: modelLines,
  subagents: subagentLines,
  compactions: compactionLines,
};

function headLines({ detail, width, theme, now, zone, isLive }: Page): readonly string[] {
  const { facts, lastActivityAt } = detail;
  const state: Span = isLive
    ? [`${glyphs.live} live`, theme.good]
    : [lastActivityAt === null ? 'no turn yet' : `idle ${ageText(now - lastActivityAt)}`, theme.quiet];
  const branch = nameText(facts.branch, '');
  const agent =
    facts.version === null ? nameText(facts.provider) : `${nameText(facts.provider)} ${nameText(facts.version)}`;
  const { startedAt } = facts;
  const began = startedAt === null ? [] : [`began ${localMinute(startedAt, zone)}`];
  const length = startedAt === null || lastActivityAt === null ? [] : [formatDuration(lastActivityAt - startedAt)];
  const tags = facts.tags.map((tag) => `#${nameText(tag)}`);
  return [
    spread(
      [
        [nameText(facts.project, '(no project)'), theme.strong],
        ...(branch === '' ? [] : [[` ${branch}`, theme.quiet] as const]),
      ],
      [state],
      width,
    ),
    line(
      [[fitFacts([nameText(facts.model), agent, ...(facts.imported ? ['imported'] : [])], width), theme.quiet]],
      width,
    ),
    ...(began.length === 0 ? [] : [line([[fitFacts([...began, ...length, ...tags], width), theme.quiet]], width)]),
  ];
}

function contextLines({ detail, width, theme, windowOf, isLive }: Page): readonly string[] {
  const window = windowOf(detail.facts);
  const used = detail.facts.contextTokens;
  if (window === undefined) return [];
  if (used === null) return [title('Context', 'unknown until the next turn', width, theme)];
  const { fillPct, level, remainingTokens } = contextPressure(used, window.tokens);
  const paint = isLive ? theme.pressure(level) : theme.quiet;
  const [filled, rest] = thinGauge(fillPct, width);
  const words = [
    `${compactNumber(used)} of ${compactNumber(window.tokens)}`,
    `${compactNumber(remainingTokens)} left`,
    windowWords(window.source),
  ];
  const main = detail.turns.filter((turn) => turn.sidechain === 0).map((turn) => turn.contextTokens);
  const spark = sparkline(main.reverse(), width, Math.max(...main));
  return [
    spread([['Context', theme.strong]], [[formatPct(fillPct), paint]], width),
    line(
      [
        [filled, paint],
        [rest, theme.quiet],
      ],
      width,
    ),
    line([[fitFacts(words, width), theme.quiet]], width),
    ...(main.length < 3 ? [] : [line([[spark, theme.quiet]], width)]),
  ];
}

function windowWords(source: string): string {
  return source === 'assumed' ? 'window assumed' : `window ${source === 'table' ? 'by model' : source}`;
}

/** Single figures in two columns. */
function figureLines({ detail, figures, width, theme }: Page): readonly string[] {
  const sums = sumsFrom(detail.sums);
  const pairs: readonly (readonly [string, Span])[] = [
    ['Cost', costSpan(sums, theme)],
    ['Turns', groupDigits(figures.turns)],
    ['Per turn', costPerTurnText(sums)],
    ['Prompts', groupDigits(figures.prompts)],
    ['Cache hit', formatRatio(figures.cache_hit_rate)],
    ['Tool calls', groupDigits(figures.tool_calls)],
    ['Saved', compactUsd(figures.cache_savings_usd)],
    ['Sub-agents', groupDigits(detail.subagents.length)],
  ];
  const column = Math.floor((width - 3) / 2);
  const cell = ([name, value]: readonly [string, Span] = ['', '']): string =>
    spread([[name, theme.quiet]], [value], column);
  return Array.from(
    { length: Math.ceil(pairs.length / 2) },
    (_, at) => `${cell(pairs[at * 2])}   ${cell(pairs[at * 2 + 1])}`,
  );
}

function tokenLines({ figures, width, theme }: Page): readonly string[] {
  const kinds: readonly (readonly [string, number])[] = [
    ['Input', figures.input_tokens],
    ['Cache read', figures.cache_read_tokens],
    ['Cache write 5m', figures.cache_write_5m_tokens],
    ['Cache write 1h', figures.cache_write_1h_tokens],
    ['Output', figures.output_tokens],
  ];
  const shown = kinds.filter(([name, count]) => count > 0 || !name.startsWith('Cache write'));
  const thought = figures.reasoning_tokens ?? 0;
  const reasoning = thought === 0 ? '' : `${compactNumber(thought)} reasoning`;
  return [
    title('Tokens', compactNumber(figures.total_tokens), width, theme),
    ...meters(
      shown.map(([label, value]) => ({ label, value, note: label === 'Output' ? reasoning : '' })),
      width,
      theme,
    ),
  ];
}

function toolLines({ detail, width, theme, limit }: Page): readonly string[] {
  const total = detail.tools.reduce((sum, tool) => sum + tool.calls, 0);
  if (total === 0) return [];
  const shown = detail.tools.slice(0, limit).map((tool) => ({
    label: toolName(tool),
    value: tool.calls,
    note: tool.errors === 0 ? '' : `${groupDigits(tool.errors)} failed`,
  }));
  return [
    title('Tools', countOf(total, 'call'), width, theme),
    ...meters(shown, width, theme),
    ...more(detail.tools.length - limit, 'tool', width, theme),
  ];
}

function toolName(tool: ToolCalls): string {
  const name = nameText(tool.name, '(unnamed)');
  return tool.server === null ? name : `${nameText(tool.server)}/${name}`;
}

function modelLines({ detail, width, theme }: Page): readonly string[] {
  if (detail.models.length < 2) return [];
  return [
    title('Models', '', width, theme),
    ...detail.models.map((model) =>
      spread(
        [`${shortModel(model.model)}${model.fast === 1 ? ' fast' : ''}`],
        [[countOf(model.turns, 'turn').padStart(12), theme.quiet], spendText(model).padStart(10)],
        width,
      ),
    ),
  ];
}

function subagentLines({ detail, width, theme, limit, now }: Page): readonly string[] {
  if (detail.subagents.length === 0) return [];
  const columns: readonly Column<SubagentUse>[] = [
    {
      title: 'Sub-agents',
      align: 'left',
      width: 10,
      most: 28,
      weight: 10,
      cell: (agent) => [nameText(agent.agentType, 'agent')],
    },
    {
      title: 'Model',
      align: 'left',
      width: 9,
      most: 14,
      weight: 2,
      cell: (agent) => [[shortModel(agent.model), theme.quiet]],
    },
    {
      title: 'Age',
      align: 'right',
      width: 4,
      weight: 3,
      cell: (agent) => [[agent.lastTurnAt === null ? '–' : ageText(now - agent.lastTurnAt), theme.quiet]],
    },
    { title: 'Turns', align: 'right', width: 5, weight: 4, cell: (agent) => [compactNumber(agent.turns)] },
    { title: 'Cost', align: 'right', width: 8, weight: 5, cell: (agent) => [[spendText(agent), theme.money]] },
  ];
  return [
    ...table(columns, detail.subagents.slice(0, limit), width, theme),
    ...more(detail.subagents.length - limit, 'sub-agent', width, theme),
  ];
}

function compactionLines({ detail, width, theme, limit, zone }: Page): readonly string[] {
  if (detail.compactions.length === 0) return [];
  return [
    title('Compactions', groupDigits(detail.facts.compactions), width, theme),
    ...detail.compactions
      .slice(0, limit)
      .map((mark) =>
        spread(
          [[localMinute(mark.at, zone), theme.quiet]],
          [`${compactNumber(mark.preTokens)} → ${compactNumber(mark.postTokens)}`],
          width,
        ),
      ),
    ...more(detail.compactions.length - limit, 'compaction', width, theme),
  ];
}

/** The last turns, newest first. */
function turnLines({ detail, width, theme, limit, zone, windowOf }: Page): readonly string[] {
  if (detail.turns.length === 0) return [];
  const window = windowOf(detail.facts)?.tokens;
  const number = (name: string, weight: number, of: (turn: TurnLine) => number): Column<TurnLine> => ({
    title: name,
    align: 'right',
    width: 6,
    weight,
    cell: (turn) => [of(turn) === 0 ? ['0', theme.quiet] : compactNumber(of(turn))],
  });
  const columns: readonly Column<TurnLine>[] = [
    {
      title: 'Last turns',
      align: 'left',
      width: 10,
      weight: 100,
      cell: (turn) => [
        [clock(turn.at, zone), theme.quiet],
        turn.sidechain === 1 ? [` ${glyphs.under}`, theme.quiet] : '',
      ],
    },
    number('In', 20, (turn) => turn.uncachedInputTokens),
    number('Read', 50, (turn) => turn.cacheReadTokens),
    number('Write', 30, (turn) => turn.cacheWriteTokens),
    number('Out', 60, (turn) => turn.outputTokens),
    { ...number('Tools', 10, (turn) => turn.toolCalls), width: 5 },
    {
      title: 'Ctx',
      align: 'right',
      width: 4,
      weight: 40,
      cell: (turn) => [
        window === undefined || turn.sidechain === 1
          ? '–'
          : formatPct(contextPressure(turn.contextTokens, window).fillPct),
      ],
    },
    {
      title: 'Cost',
      align: 'right',
      width: 7,
      weight: 90,
      cell: (turn) => [turn.nano === null ? ['–', theme.warn] : [formatUsd(usdOf(turn.nano)), theme.money]],
    },
  ];
  return table(columns, detail.turns.slice(0, limit), width, theme);
}

function clock(at: number, zone: Zone): string {
  return new Date(at + zone.offsetMs(at)).toISOString().slice(11, 19);
}

/** The first title is that of the whole; the columns' own are quiet. */
function table<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  width: number,
  theme: Theme,
): readonly string[] {
  const fit = fitColumns(columns, width);
  const rest = ' '.repeat(Math.max(0, width - fitWidth(fit)));
  const titles = titleSpans(fit);
  const first = fit[0]?.width ?? 0;
  return [
    theme.strong(titles.slice(0, first)) + theme.quiet(titles.slice(first)) + rest,
    ...rows.map((row) => rowText(fit, row) + rest),
  ];
}

function title(name: string, right: string, width: number, theme: Theme): string {
  return spread([[name, theme.strong]], right === '' ? [] : [[right, theme.quiet]], width);
}

interface Meter {
  readonly label: string;
  readonly value: number;
  /** A fact at its right end; empty: none. */
  readonly note: string;
}

const shortestLabel = 15;
const longestLabel = 28;

/** `Cache read     123.4M  ██████████  note`: bars of one scale, the longest for the greatest value. */
function meters(list: readonly Meter[], width: number, theme: Theme): readonly string[] {
  const top = Math.max(1, ...list.map((meter) => meter.value));
  const labels = Math.min(Math.max(shortestLabel, Math.floor(width * 0.4)), longestLabel);
  const room = Math.max(0, width - labels - numberWidth - 2);
  // As long as may be, as long as none runs into the note at its end.
  const scale = Math.min(
    room,
    ...list
      .filter(({ note, value }) => note !== '' && value > 0)
      .map(({ note, value }) => Math.max(0, room - note.length - 2) / (value / top)),
  );
  return list.map(({ label, value, note }) => {
    const columns = value > 0 ? Math.max(1, Math.floor((value / top) * scale)) : 0;
    const bar: Span = [glyphs.full.repeat(columns), theme.accent];
    const left = [line([label], labels), compactNumber(value).padStart(numberWidth), '  ', bar];
    return spread(left, note === '' ? [] : [[note, theme.quiet]], width);
  });
}

const numberWidth = 7;

function more(count: number, noun: string, width: number, theme: Theme): readonly string[] {
  return count > 0 ? [line([[`and ${countOf(count, `more ${noun}`)}`, theme.quiet]], width)] : [];
}
