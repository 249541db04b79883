import { displaySafe } from '../display.ts';
import { parseZone, type Zone } from '../metrics/calendar.ts';
import { type ColumnContext, figureColumns, type TableLine, toolColumns } from './columns.ts';
import { compactNumber, countOf, formatDuration, formatUsd, localMinute } from './format.ts';
import { drawGrid, type GridCell } from './grid.ts';
import type { Palette } from './palette.ts';
import type { BlockRow, FigureRow, ReportJson } from './shape.ts';
import { wrap } from './wrap.ts';

export interface TableOptions {
  /** Columns of the terminal. */
  readonly width: number;
  readonly palette: Palette;
  /** Filters in force as a user would say them, such as `project scopeon`. */
  readonly filters?: readonly string[] | undefined;
  readonly noCost?: boolean | undefined;
  /** The report's zone where it is at hand already. Absent: found by its name. */
  readonly zone?: Zone | undefined;
}

/** A report for a terminal: caption, table, notes. Ends in a newline; no line is wider than `width`. */
export function renderTable(report: ReportJson, options: TableOptions): string {
  const zone = options.zone ?? parseZone(report.timezone);
  const parts = [
    '',
    ...caption(report, options),
    '',
    ...(report.rows.length === 0
      ? paragraph(emptyText(report, options), options.width, (line) => line)
      : grid(report, options, zone)),
    ...notes(report, options, zone),
    '',
  ];
  return `${parts.join('\n')}\n`;
}

function grid(report: ReportJson, { width, palette, noCost = false }: TableOptions, zone: Zone): readonly string[] {
  if (report.by === 'tool') {
    const rows = report.rows.map((row) => ({ row, kind: 'row' as const }));
    return drawGrid(toolColumns(report.rows, palette), rows, width, palette);
  }
  const context: ColumnContext = { palette, zone, now: Date.parse(report.generated_at), noCost };
  const labels = labelsOf(report, zone, palette);
  const lines: readonly TableLine[] = [
    ...report.rows.flatMap((row: FigureRow, index): readonly TableLine[] => [
      { kind: 'row', row, label: labels[index] ?? { text: '' } },
      ...(row.breakdown ?? []).map(
        (part): TableLine => ({ kind: 'part', row: part, label: partLabel(part.model, palette) }),
      ),
    ]),
    { kind: 'total', row: report.totals, label: { text: 'Total' } },
  ];
  const gridLines = lines.map((line) => ({ row: line, kind: line.kind }));
  return drawGrid(figureColumns(report.by, lines, context), gridLines, width, palette);
}

function partLabel(model: string, palette: Palette): GridCell {
  return { text: `  └ ${displaySafe(model)}`, paint: palette.dim };
}

/** How each row is called in the first column. */
function labelsOf(report: Exclude<ReportJson, { by: 'tool' }>, zone: Zone, palette: Palette): readonly GridCell[] {
  switch (report.by) {
    case 'session': {
      const length = shortIdLength(report.rows.map((row) => row.id));
      return report.rows.map((row) => ({
        text: `${row.is_subagent ? '↳ ' : ''}${displaySafe(row.id).slice(0, length)}`,
        paint: palette.bold,
      }));
    }
    case 'block':
      return report.rows.map((row) => blockLabel(row, zone, palette));
    case 'hour': {
      const changes = new Set(report.rows.map((row) => row.key?.slice(16))).size > 1;
      return report.rows.map(({ key }) => ({ text: (key ?? '').replace('T', ' ').slice(0, changes ? undefined : 16) }));
    }
    default:
      return report.rows.map((row) => ({
        text: row.key === null ? '(none)' : displaySafe(row.key),
        ...(row.key === null ? { paint: palette.dim } : {}),
      }));
  }
}

function blockLabel(row: BlockRow, zone: Zone, palette: Palette): GridCell {
  const start = localMinute(Date.parse(row.start), zone);
  const end = localMinute(Date.parse(row.end), zone).slice(11);
  const mark = row.active ? '● ' : '  ';
  return {
    text: `${mark}${start} – ${end}`,
    short: `${mark}${start.slice(5)}–${end}`,
    ...(row.active ? { paint: palette.green } : {}),
  };
}

/** At least eight characters, and enough to tell the ids apart. */
function shortIdLength(ids: readonly string[]): number {
  const all = new Set(ids).size;
  let length = 8;
  while (length < 36 && new Set(ids.map((id) => id.slice(0, length))).size < all) length += 1;
  return length;
}

const titles: Readonly<Record<ReportJson['by'], string>> = {
  hour: 'Usage by hour',
  day: 'Usage by day',
  week: 'Usage by week',
  month: 'Usage by month',
  session: 'Sessions',
  project: 'Projects',
  model: 'Models',
  block: 'Usage windows',
  provider: 'Providers',
  branch: 'Branches',
  tag: 'Tags',
  tool: 'Tools',
  agent: 'Agents',
};

function caption(report: ReportJson, { width, palette, filters = [] }: TableOptions): readonly string[] {
  const facts = [rangeText(report), displaySafe(report.timezone), ...filters.map((filter) => displaySafe(filter))];
  const lines = wrap(
    [titles[report.by], ...facts].map((fact, index) => (index === 0 ? fact : `· ${fact}`)),
    width - 2,
  );
  return lines.map((line, index) => {
    if (index > 0) return ` ${palette.dim(line)}`;
    const title = titles[report.by];
    return ` ${palette.bold(title)}${palette.dim(line.slice(title.length))}`;
  });
}

function rangeText({ since, until }: ReportJson): string {
  if (since !== null && until !== null) return since === until ? since : `${since} to ${until}`;
  if (since !== null) return `since ${since}`;
  return until === null ? 'all time' : `until ${until}`;
}

function emptyText(report: ReportJson, { filters = [] }: TableOptions): string {
  const what = report.by === 'tool' ? 'No tool calls' : 'No usage';
  const range = report.since === null && report.until === null ? '' : ' in this range';
  return `${what}${range}${filters.length === 0 ? '' : ' for these filters'}.`;
}

/** What a reader must know to take the figures for what they are. */
function notes(report: ReportJson, options: TableOptions, zone: Zone): readonly string[] {
  const { width, palette, noCost = false } = options;
  const { totals } = report;
  const active = report.by === 'block' ? report.rows.find((row) => row.active) : undefined;
  const plain: string[] = [];
  if (!noCost && report.by !== 'tool' && totals.turns > 0) plain.push(sourceNotes[totals.cost_source]);
  if (report.by === 'tag' && report.rows.length > 0)
    plain.push('A session with two tags is in two rows, and once in the total.');
  if (report.ingest.skipped_records > 0) {
    plain.push(
      `${countOf(report.ingest.skipped_records, 'log record')} could not be read and ${report.ingest.skipped_records === 1 ? 'is' : 'are'} left out.`,
    );
  }
  if (report.as_of !== null && Date.parse(report.generated_at) - Date.parse(report.as_of) > 60_000) {
    plain.push(`As of ${localMinute(Date.parse(report.as_of), zone)}, when the logs were last read.`);
  }
  const lines = [
    ...(active === undefined
      ? []
      : [activeNote(active, report, noCost)].flatMap((note) => paragraph(note, width, palette.green))),
    ...(noCost || report.by === 'tool' ? [] : paragraph(unpricedNote(report), width, palette.yellow)),
    ...plain.flatMap((note) => paragraph(note, width, palette.dim)),
  ];
  return lines.length === 0 ? [] : ['', ...lines];
}

const sourceNotes: Readonly<Record<ReportJson['totals']['cost_source'], string>> = {
  logged: 'Costs are those the logs state.',
  calculated: 'Costs are tokens at list price; what a subscription bills may differ.',
  mixed: 'Costs are those the logs state, else tokens at list price.',
  none: '',
};

function unpricedNote({ totals, unpriced_models: models }: ReportJson): string {
  if (totals.unpriced_turns === 0) return '';
  const names = models.length === 0 ? '' : `: ${models.map((model) => displaySafe(model)).join(', ')}`;
  const mark = totals.cost_usd === null ? '' : '≥ ';
  return `${mark}${countOf(totals.unpriced_turns, 'turn')} ${totals.unpriced_turns === 1 ? 'has' : 'have'} no known cost and ${totals.unpriced_turns === 1 ? 'is' : 'are'} left out${names}`;
}

function activeNote(row: BlockRow, report: ReportJson, noCost: boolean): string {
  const left = Math.max(0, Date.parse(row.end) - Date.parse(report.generated_at));
  const facts = [`● ${formatDuration(left)} left`];
  if (row.burn_rate_tokens_per_min !== null) facts.push(`${compactNumber(row.burn_rate_tokens_per_min)} tokens/min`);
  if (!noCost && row.burn_rate_usd_per_hour !== null) facts.push(`${formatUsd(row.burn_rate_usd_per_hour)}/h`);
  if (row.projected_tokens !== null) {
    const cost = noCost || row.projected_cost_usd === null ? '' : ` and ${formatUsd(row.projected_cost_usd)}`;
    facts.push(`on course for ${compactNumber(row.projected_tokens)} tokens${cost}`);
  }
  return facts.join(' · ');
}

function paragraph(text: string, width: number, paint: (line: string) => string): readonly string[] {
  return text === '' ? [] : wrap(text.split(' '), width - 2).map((line) => ` ${paint(line)}`);
}
