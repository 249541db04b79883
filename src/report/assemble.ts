import { type CostMode, costOf, figuresOf, type Sums, totalTokensOf } from './figures.ts';
import type { ReportKind } from './kinds.ts';
import type { ExtrasOf, ReportJson, ToolRow } from './shape.ts';

/** One group as the store gives it. `extras`: what rows of this kind have besides (nothing for most). */
export interface SumsRow<By extends FigureKind = FigureKind> {
  readonly key: string | null;
  readonly sums: Sums;
  readonly extras: ExtrasOf<By>;
  readonly providers: readonly string[];
  readonly models: readonly string[];
  readonly breakdown?: readonly ModelSums[] | undefined;
}

/** A model's part of a group. */
export interface ModelSums {
  readonly model: string;
  readonly provider: string;
  readonly sums: Sums;
}

export type FigureKind = Exclude<ReportKind, 'tool'>;

/** What every report carries around its rows. Instants are UTC ms; `since` and `until` as they are to be shown. */
export interface ReportFrame {
  readonly timezone: string;
  readonly since: string | null;
  readonly until: string | null;
  readonly generatedAt: number;
  /** Of everything in range and filters: sessions counted once. */
  readonly totals: Sums;
  readonly unpricedModels: readonly string[];
  readonly asOf: number | null;
  readonly ingest: { readonly files: number; readonly skippedRecords: number };
  readonly mode: CostMode;
  readonly noCost?: boolean | undefined;
  /** Absent: times ascend, all else falls by cost, then by tokens. */
  readonly order?: 'asc' | 'desc' | undefined;
  /** Rows at most; totals stay those of everything. */
  readonly limit?: number | undefined;
}

/** The published report of some groups, in any order: sorted, cut, and with dollars for nano-USD. */
export function reportJson<By extends FigureKind>(
  report: ReportFrame & { readonly by: By; readonly rows: readonly SumsRow<By>[] },
): ReportJson {
  const { by, mode, noCost = false } = report;
  const sorted = isTime(by) ? byTime(report.rows, report.order) : byCost(report.rows, report);
  const rows = sorted.slice(0, report.limit).map((row) => ({
    key: row.key,
    ...figuresOf(row.sums, mode, noCost),
    providers: row.providers,
    models: row.models,
    ...row.extras,
    ...(row.breakdown === undefined ? {} : { breakdown: breakdownOf(row.breakdown, report) }),
  }));
  return { ...frameOf(report), by, rows } as unknown as ReportJson; // the type of `extras` ties rows to `by`; a test checks them by the schema
}

/** The published report by tool: rows carry calls and sizes, and fall by calls. */
export function toolReportJson(report: ReportFrame & { readonly rows: readonly ToolRow[] }): ReportJson {
  const direction = report.order === 'asc' ? 1 : -1;
  const rows = [...report.rows].sort((a, b) => direction * (a.calls - b.calls) || compareKeys(a.key, b.key));
  return { ...frameOf(report), by: 'tool', rows: rows.slice(0, report.limit) };
}

function frameOf(report: ReportFrame & { readonly by?: ReportKind }) {
  return {
    schema_version: 1,
    by: report.by,
    timezone: report.timezone,
    since: report.since,
    until: report.until,
    generated_at: new Date(report.generatedAt).toISOString(),
    rows: [], // here for its place in the output
    totals: figuresOf(report.totals, report.mode, report.noCost),
    unpriced_models: report.unpricedModels,
    as_of: report.asOf === null ? null : new Date(report.asOf).toISOString(),
    ingest: { files: report.ingest.files, skipped_records: report.ingest.skippedRecords },
  } as const;
}

function breakdownOf(parts: readonly ModelSums[], { mode, noCost }: ReportFrame) {
  return byCost(
    parts.map((part) => ({ ...part, key: part.model })),
    { mode, noCost },
  ).map((part) => ({
    model: part.model,
    provider: part.provider,
    ...figuresOf(part.sums, mode, noCost),
  }));
}

function isTime(by: FigureKind): boolean {
  return by === 'hour' || by === 'day' || by === 'week' || by === 'month' || by === 'block';
}

/** By the instant a key names: the two rows of a repeated hour do not sort as text. */
function byTime<Row extends { readonly key: string | null }>(rows: readonly Row[], order: 'asc' | 'desc' = 'asc') {
  const direction = order === 'asc' ? 1 : -1;
  return [...rows].sort((a, b) => direction * (Date.parse(a.key ?? '') - Date.parse(b.key ?? '')));
}

/** By cost, then tokens, then key, falling unless `asc`; without a cost always last. */
function byCost<Row extends { readonly key: string | null; readonly sums: Sums }>(
  rows: readonly Row[],
  { mode, noCost, order = 'desc' }: Pick<ReportFrame, 'mode' | 'noCost' | 'order'>,
): readonly Row[] {
  const direction = order === 'asc' ? 1 : -1;
  return rows
    .map((row) => ({ row, cost: noCost ? null : costOf(row.sums, mode).nanoUsd, tokens: totalTokensOf(row.sums) }))
    .sort((a, b) => {
      if ((a.cost === null) !== (b.cost === null)) return a.cost === null ? 1 : -1;
      const difference = (a.cost ?? 0) - (b.cost ?? 0) || a.tokens - b.tokens;
      return direction * difference || compareKeys(a.row.key, b.row.key);
    })
    .map(({ row }) => row);
}

/** Ascending by code unit, the unnamed group last. */
function compareKeys(a: string | null, b: string | null): number {
  if (a === b) return 0;
  if (a === null || b === null) return a === null ? 1 : -1;
  return a < b ? -1 : 1;
}
