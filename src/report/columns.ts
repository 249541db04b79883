/** Which columns a report has in a terminal, and how a row reads in each. */

import { displaySafe, displayWidth } from '../display.ts';
import type { Zone } from '../metrics/calendar.ts';
import {
  bar,
  compactNumber,
  compactUsd,
  formatAge,
  formatBytes,
  formatPct,
  formatRatio,
  formatUsd,
  gauge,
  groupDigits,
  localMinute,
} from './format.ts';
import type { GridCell, GridColumn } from './grid.ts';
import type { Palette } from './palette.ts';
import type { BlockRow, BreakdownRow, FigureRow, ReportJson, SessionRow, ToolRow } from './shape.ts';

/** What a line of the table stands for. */
export type TableLine =
  | { readonly kind: 'row'; readonly row: FigureRow; readonly label: GridCell }
  | { readonly kind: 'part'; readonly row: BreakdownRow; readonly label: GridCell }
  | { readonly kind: 'total'; readonly row: ReportJson['totals']; readonly label: GridCell };

export interface ColumnContext {
  readonly palette: Palette;
  readonly zone: Zone;
  readonly now: number;
  readonly noCost: boolean;
}

type Column = GridColumn<TableLine>;
type Lines = readonly TableLine[];

/** Columns of a report with figures, most of them for every kind, the key's first. */
export function figureColumns(by: ReportJson['by'], lines: Lines, context: ColumnContext): readonly Column[] {
  const hasParts = lines.some((line) => line.kind === 'part');
  const special: Partial<Record<ReportJson['by'], readonly Column[]>> = {
    session: sessionColumns(lines, context),
    block: blockColumns(context),
  };
  const columns = [
    labelColumn(by, lines),
    ...(by === 'session' || by === 'model' || hasParts ? [] : [modelsColumn(context)]),
    ...(special[by] ?? []),
    ...(by === 'session' ? [] : [numberColumn('Sessions', 4, 'sessions', context)]),
    ...tokenColumns(lines, context),
    ...costColumns(lines, context),
  ];
  // Weight 0: not for this kind at any width.
  const weights = lighter[by];
  return columns.map((column) => ({ ...column, weight: weights?.[column.title] ?? column.weight })).filter(hasWeight);
}

const lighter: Partial<Record<ReportJson['by'], Readonly<Record<string, number>>>> = {
  session: {
    Prompts: 0,
    Tools: 0,
    Saved: 0,
    'Cache hit': 3.4,
    'Cache write': 2.1,
    'Cache read': 2.2,
    Input: 2.3,
    Output: 2.6,
  },
  block: { Prompts: 0, Tools: 0, Saved: 0, Input: 3.4, 'Cache write': 3.1, 'Cache read': 3.2, Output: 3.5, Models: 2 },
};

function hasWeight(column: Column): boolean {
  return column.weight > 0;
}

/** Columns of the report by tool. */
export function toolColumns(rows: readonly ToolRow[], palette: Palette): readonly GridColumn<ToolRow | undefined>[] {
  const most = Math.max(1, ...rows.map((row) => row.calls));
  const text = (title: string, weight: number, of: (row: ToolRow) => string): GridColumn<ToolRow | undefined> => ({
    title,
    align: 'left',
    weight,
    minWidth: 12,
    cell: (row) => ({ text: row === undefined ? '' : of(row) }),
  });
  const number = (title: string, weight: number, of: (row: ToolRow) => string, paint = plain) => ({
    title,
    align: 'right' as const,
    weight,
    cell: (row: ToolRow | undefined) => ({ text: row === undefined ? '' : of(row), paint }),
  });
  return [
    text('Tool', 100, (row) => displaySafe(row.key ?? '(unnamed)')),
    ...(rows.some((row) => row.server !== undefined)
      ? [text('Server', 6, (row) => displaySafe(row.server ?? ''))]
      : []),
    number('Calls', 10, (row) => groupDigits(row.calls), palette.bold),
    number('Errors', 8, (row) => (row.errors === 0 ? '0' : groupDigits(row.errors)), plain),
    number('Failed', 5, (row) => formatRatio(row.calls === 0 ? null : row.errors / row.calls), palette.dim),
    number('Sessions', 4, (row) => groupDigits(row.sessions)),
    number('Sent', 4.5, (row) => formatBytes(row.input_size_bytes)),
    number('Returned', 4.6, (row) => formatBytes(row.output_size_bytes)),
    { ...text('', 3, (row) => bar(row.calls / most, barWidth)), cell: (row) => shareCell(row?.calls, most, palette) },
  ];
}

const barWidth = 12;

function plain(text: string): string {
  return text;
}

/** Dates, times and ids are never cut, names may be. */
function labelColumn(by: ReportJson['by'], lines: Lines): Column {
  const fixed = by === 'hour' || by === 'day' || by === 'week' || by === 'month' || by === 'block' || by === 'session';
  const least = lines.map(({ kind, label }) => {
    const needed = displayWidth(label.short ?? label.text);
    return kind === 'row' && fixed ? needed : Math.min(needed, kind === 'part' ? 20 : 14);
  });
  return {
    title: labelTitles[by],
    align: 'left',
    weight: 100,
    minWidth: Math.max(...least),
    cell: (line) => line.label,
  };
}

const labelTitles: Readonly<Record<ReportJson['by'], string>> = {
  hour: 'Hour',
  day: 'Date',
  week: 'Week of',
  month: 'Month',
  session: 'Session',
  project: 'Project',
  model: 'Model',
  block: 'Block',
  provider: 'Provider',
  branch: 'Branch',
  tag: 'Tag',
  tool: 'Tool',
  agent: 'Agent',
};

function modelsColumn({ palette }: ColumnContext): Column {
  return {
    title: 'Models',
    align: 'left',
    weight: 3.3,
    minWidth: 14,
    cell: (line) => ({ text: line.kind === 'row' ? modelList(line.row.models) : '', paint: palette.dim }),
  };
}

/** Names as short as they stay clear: without vendor prefix and date. */
function modelList(models: readonly string[]): string {
  const names = models.map((model) => displaySafe(model.replace(/^claude-/, '').replace(/-20\d{6}(?=-fast$|$)/, '')));
  const shown = names.slice(0, 3).join(', ');
  return names.length > 3 ? `${shown} +${names.length - 3}` : shown;
}

type CountField = 'sessions' | 'turns' | 'prompts' | 'input_tokens' | 'cache_write_tokens' | 'cache_read_tokens';
type NumberField = CountField | 'output_tokens' | 'reasoning_tokens' | 'total_tokens' | 'tool_calls';

function numberColumn(title: string, weight: number, field: NumberField, { palette }: ColumnContext): Column {
  return {
    title,
    align: 'right',
    weight,
    cell: (line) => {
      const value = line.row[field];
      const paint = value === 0 || value === null || line.kind === 'part' ? palette.dim : plain;
      return { text: groupDigits(value), short: compactNumber(value), paint };
    },
  };
}

function tokenColumns(lines: Lines, context: ColumnContext): readonly Column[] {
  const { palette } = context;
  const columns = [
    numberColumn('Prompts', 2, 'prompts', context),
    numberColumn('Turns', 7.5, 'turns', context),
    numberColumn('Tools', 1.5, 'tool_calls', context),
    numberColumn('Input', 7, 'input_tokens', context),
    numberColumn('Cache write', 5, 'cache_write_tokens', context),
    numberColumn('Cache read', 6, 'cache_read_tokens', context),
    numberColumn('Output', 8, 'output_tokens', context),
    ...(lines.some((line) => line.row.reasoning_tokens !== null)
      ? [numberColumn('Reasoning', 1, 'reasoning_tokens', context)]
      : []),
    numberColumn('Total', 9, 'total_tokens', context),
  ];
  const hit: Column = {
    title: 'Cache hit',
    align: 'right',
    weight: 4.5,
    cell: (line) => ({
      text: formatRatio(line.row.cache_hit_rate),
      paint: line.kind === 'total' ? plain : palette.dim,
    }),
  };
  return [...columns, hit];
}

function costColumns(lines: Lines, { palette, noCost }: ColumnContext): readonly Column[] {
  const shares = lines.flatMap((line) => (line.kind === 'row' ? [shareOf(line, noCost)] : []));
  const most = Math.max(...shares, 0);
  const share: Column = {
    title: '',
    align: 'left',
    weight: 3,
    minWidth: barWidth,
    cell: (line) => shareCell(line.kind === 'row' ? shareOf(line, noCost) : undefined, most, palette),
  };
  if (noCost) return most > 0 ? [share] : [];
  const cost: Column = { title: 'Cost', align: 'right', weight: 10, cell: (line) => costCell(line, palette) };
  const saved: Column = {
    title: 'Saved',
    align: 'right',
    weight: 2.5,
    cell: ({ row }) => ({
      text: formatUsd(row.cache_savings_usd),
      short: compactUsd(row.cache_savings_usd),
      paint: palette.dim,
    }),
  };
  return most > 0 ? [saved, cost, share] : [saved, cost];
}

function shareOf(line: TableLine, noCost: boolean): number {
  return noCost ? line.row.total_tokens : (line.row.cost_usd ?? 0);
}

function shareCell(value: number | undefined, most: number, palette: Palette): GridCell {
  return { text: value === undefined || most <= 0 ? '' : bar(value / most, barWidth), paint: palette.cyan };
}

/** `≥` where some turns have no price: the true cost is higher. */
function costCell({ row, kind }: TableLine, palette: Palette): GridCell {
  if (row.cost_usd === null) return { text: 'unpriced', paint: palette.yellow };
  const mark = row.unpriced_turns > 0 ? '≥' : '';
  const paint = row.cost_usd === 0 || kind === 'part' ? palette.dim : palette.green;
  return { text: mark + formatUsd(row.cost_usd), short: mark + compactUsd(row.cost_usd), paint };
}

function sessionColumns(lines: Lines, context: ColumnContext): readonly Column[] {
  const { palette, zone, now } = context;
  const text = (
    title: string,
    weight: number,
    minWidth: number,
    of: (row: SessionRow) => string,
    paint = plain,
  ): Column => ({
    title,
    align: 'left',
    weight,
    minWidth,
    cell: (line) => ({ text: line.kind === 'row' && 'id' in line.row ? of(line.row) : '', paint }),
  });
  const providers = new Set(lines.flatMap((line) => (line.kind === 'row' ? line.row.providers : [])));
  const rows = lines.flatMap((line) => (line.kind === 'row' && 'id' in line.row ? [line.row] : []));
  return [
    text('Project', 8.5, 12, (row) => displaySafe(row.project ?? '–')),
    ...(providers.size > 1 ? [text('Agent', 2.8, 8, (row) => displaySafe(row.provider), palette.dim)] : []),
    text('Models', 4.2, 14, (row) => modelList(row.models), palette.dim),
    ...(rows.some((row) => row.branch !== null)
      ? [text('Branch', 2.4, 10, (row) => displaySafe(row.branch ?? ''), palette.dim)]
      : []),
    ...(rows.some((row) => row.tags.length > 0)
      ? [text('Tags', 2.7, 8, (row) => displaySafe(row.tags.join(', ')), palette.cyan)]
      : []),
    text(
      'Started',
      3.6,
      16,
      (row) => (row.started_at === null ? '–' : localMinute(Date.parse(row.started_at), zone)),
      palette.dim,
    ),
    {
      ...text('Last', 7.2, 8, (row) =>
        formatAge(row.last_turn_at === null ? null : now - Date.parse(row.last_turn_at)),
      ),
      align: 'right',
    },
    contextColumn(palette),
  ];
}

function contextColumn(palette: Palette): Column {
  return {
    title: 'Context',
    align: 'right',
    weight: 6.5,
    cell: (line) => {
      if (line.kind !== 'row' || !('id' in line.row)) return { text: '' };
      const pct = line.row.context_fill_pct;
      if (pct === null) return { text: '–', paint: palette.dim };
      const { filled, rest } = gauge(pct, 8);
      const paint = pct >= 95 ? palette.red : pct >= 80 ? palette.yellow : plain;
      return { text: `${filled}${rest} ${formatPct(pct).padStart(4)}`, short: formatPct(pct), paint };
    },
  };
}

function blockColumns({ palette, noCost }: ColumnContext): readonly Column[] {
  const number = (title: string, weight: number, of: (row: BlockRow) => number | null, money: boolean): Column => ({
    title,
    align: 'right',
    weight,
    cell: (line) => {
      const value = line.kind === 'row' && 'active' in line.row ? of(line.row) : null;
      if (value === null) return { text: '', paint: palette.dim };
      if (money) return { text: formatUsd(value), short: compactUsd(value) };
      return { text: groupDigits(value), short: compactNumber(value) };
    },
  });
  return [
    number('Tokens/min', 4.4, (row) => row.burn_rate_tokens_per_min, false),
    ...(noCost ? [] : [number('$/hour', 4.3, (row) => row.burn_rate_usd_per_hour, true)]),
  ];
}
