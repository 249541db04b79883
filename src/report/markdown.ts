import { displaySafe } from '../display.ts';
import { formatBytes, formatRatio, formatUsd, groupDigits } from './format.ts';
import type { BreakdownRow, FigureRow, ReportJson, ToolRow } from './shape.ts';

/** A report as a GitHub-flavoured Markdown table with a bold total. Names in it are inert: no markup, links or mentions. */
export function renderMarkdown(report: ReportJson, options: { readonly noCost?: boolean | undefined } = {}): string {
  const columns = report.by === 'tool' ? toolTitles : figureTitles(report, options.noCost === true);
  const lines = [
    columns.map(([title]) => title),
    columns.map(([, align]) => (align === 'left' ? '---' : '---:')),
    ...(report.by === 'tool' ? report.rows.map(toolCells) : figureLines(report, options.noCost === true)),
  ];
  return lines.map((cells) => `| ${cells.join(' | ')} |\n`).join('');
}

type Title = readonly [string, 'left' | 'right'];

const toolTitles: readonly Title[] = [
  ['Tool', 'left'],
  ['Server', 'left'],
  ['Calls', 'right'],
  ['Errors', 'right'],
  ['Sessions', 'right'],
  ['Sent', 'right'],
  ['Returned', 'right'],
];

function toolCells(row: ToolRow): readonly string[] {
  const numbers = [groupDigits(row.calls), groupDigits(row.errors), groupDigits(row.sessions)];
  const sizes = [formatBytes(row.input_size_bytes), formatBytes(row.output_size_bytes)];
  return [escapeMarkdown(row.key ?? '(none)'), escapeMarkdown(row.server ?? ''), ...numbers, ...sizes];
}

function figureTitles({ by }: ReportJson, noCost: boolean): readonly Title[] {
  const first = by === 'week' ? 'Week of' : by === 'day' ? 'Date' : `${by.slice(0, 1).toUpperCase()}${by.slice(1)}`;
  return [
    [first, 'left'],
    ...(by === 'session' ? [['Project', 'left'] as const] : []),
    ...['Sessions', 'Turns', 'Input', 'Cache write', 'Cache read', 'Output', 'Total', 'Cache hit'].map(
      (title) => [title, 'right'] as const,
    ),
    ...(noCost ? [] : [['Cost', 'right'] as const]),
  ];
}

function figureLines(report: Exclude<ReportJson, { by: 'tool' }>, noCost: boolean): readonly (readonly string[])[] {
  const isSession = report.by === 'session';
  const blank = isSession ? [''] : [];
  const rows = report.rows.flatMap((row: FigureRow) => [
    [
      escapeMarkdown(row.key ?? '(none)'),
      ...('project' in row ? [escapeMarkdown(row.project ?? '')] : []),
      ...figureCells(row, noCost),
    ],
    ...(row.breakdown ?? []).map((part) => [`└ ${escapeMarkdown(part.model)}`, ...blank, ...figureCells(part, noCost)]),
  ]);
  const total = ['Total', ...blank, ...figureCells(report.totals, noCost)];
  return [...rows, total.map((text) => (text === '' ? '' : `**${text}**`))];
}

function figureCells(row: FigureRow | BreakdownRow | ReportJson['totals'], noCost: boolean): readonly string[] {
  const counts = [
    row.sessions,
    row.turns,
    row.input_tokens,
    row.cache_write_tokens,
    row.cache_read_tokens,
    row.output_tokens,
    row.total_tokens,
  ].map(groupDigits);
  const cost = row.cost_usd === null ? 'unpriced' : `${row.unpriced_turns > 0 ? '≥' : ''}${formatUsd(row.cost_usd)}`;
  return [...counts, formatRatio(row.cache_hit_rate), ...(noCost ? [] : [cost.replace('<', '&lt;')])];
}

/**
 * Text that Markdown shows as it is, in one line and one cell. Mentions and issue numbers are broken up by an invisible
 * word joiner, because they are found after escapes are resolved.
 */
export function escapeMarkdown(text: string): string {
  return displaySafe(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('@', '@\u2060')
    .replace(/#(?=\d)/g, '#\u2060')
    .replace(/[\\`*_[\]#|~$]/g, '\\$&')
    .replaceAll('://', '&#58;//')
    .replace(/\bwww\./gi, (found) => `${found.slice(0, 3)}&#46;`);
}
