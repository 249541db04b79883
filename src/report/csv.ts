import type { ReportKind } from './kinds.ts';
import type { ReportJson } from './shape.ts';

/**
 * A report as RFC 4180 CSV: a header, one record per row, CRLF after each, no totals. Columns are the JSON's fields; lists
 * are joined by `;`. With a breakdown there is one record per row and model instead, so that columns still add up.
 * Text that a spreadsheet would run as a formula gets a `'` in front; numbers stay as they are. `noCost`: without the
 * columns of costs, which are empty then.
 */
export function renderCsv(report: ReportJson, { noCost = false }: { readonly noCost?: boolean } = {}): string {
  const all = report.by === 'tool' ? toolFields : [...rowFields(report), ...(extraFields[report.by] ?? [])];
  const fields = noCost ? all.filter((field) => !costFields.has(field)) : all;
  const records = report.by === 'tool' ? report.rows : report.rows.flatMap(recordsOf);
  const lines = [fields.join(','), ...records.map((record) => csvRecord(record, fields))];
  return lines.map((line) => `${line}\r\n`).join('');
}

const costFields: ReadonlySet<string> = new Set([
  'cost_usd',
  'cost_source',
  'unpriced_turns',
  'cache_savings_usd',
  'burn_rate_usd_per_hour',
  'projected_cost_usd',
]);

const toolFields = [
  'key',
  'server',
  'calls',
  'errors',
  'sessions',
  'input_size_bytes',
  'output_size_bytes',
  'providers',
] as const;

const extraFields: Partial<Record<ReportKind, readonly string[]>> = {
  session: [
    'provider',
    'provider_version',
    'project',
    'project_path',
    'branch',
    'started_at',
    'last_turn_at',
    'context_fill_pct',
    'context_window',
    'compactions',
    'tags',
    'is_subagent',
    'parent_id',
    'subagents',
  ],
  model: ['model_id', 'speed'],
  block: [
    'start',
    'end',
    'active',
    'burn_rate_tokens_per_min',
    'burn_rate_usd_per_hour',
    'projected_tokens',
    'projected_cost_usd',
  ],
};

function rowFields(report: Exclude<ReportJson, { by: 'tool' }>): readonly string[] {
  return ['key', ...Object.keys(report.totals), 'providers', 'models'];
}

type FigureRow = Exclude<ReportJson, { by: 'tool' }>['rows'][number];

/** A row, or with a breakdown its models' parts under the row's key and facts. */
function recordsOf(row: FigureRow): readonly object[] {
  if (row.breakdown === undefined || row.breakdown.length === 0) return [row];
  return row.breakdown.map(({ model, provider, ...figures }) => ({
    ...row,
    ...figures,
    providers: [provider],
    models: [model],
  }));
}

/** One record of these fields, without a line end; what is absent or null is empty, lists are joined by `;`. */
export function csvRecord(record: object, fields: readonly string[]): string {
  const values = new Map<string, unknown>(Object.entries(record));
  return fields.map((field) => cell(values.get(field))).join(',');
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  const text = Array.isArray(value) ? value.join(';') : String(value);
  const printable = text.replace(unprintable, '');
  // Looked for twice: what is taken out may have hidden a start, or have been one.
  const guarded = formulaStart.test(text) || formulaStart.test(printable) ? `'${printable}` : printable;
  return /[",\r\n]/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
}

/** What makes a spreadsheet take text for a formula, and the full-width forms some read as the same. */
const formulaStart = /^[=+\-@\t\r\n\0\uff1d\uff0b\uff0d\uff20]/;
/** What could drive a terminal the output is shown on. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it removes
const unprintable = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g;
