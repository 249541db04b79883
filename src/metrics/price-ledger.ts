import type { PriceRow } from './price-row.ts';

/** A row the store keeps. */
export type LedgerRow = PriceRow & { readonly id: number };

export interface LedgerChange {
  /** Rows that end at `validTo` (UTC ms, exclusive); one equal to the row's start leaves it empty. Each id once. */
  readonly close: readonly { readonly id: number; readonly validTo: number }[];
  /** Rows to add, after closing; the ledger then has no overlap. */
  readonly open: readonly PriceRow[];
}

/**
 * What to change in the ledger so that it says what a newer price list says. Rows are closed and opened, never edited:
 *
 * - A price the list gives without a date counts from `todayMs` on; what earlier days cost does not move.
 * - A price with a date counts from that date, even if we hear of it late. Turns priced since keep their cost until the
 *   user re-prices.
 * - A model new to the ledger comes with its whole history. A model gone from the list keeps its rows.
 * - The same list again changes nothing, on any day; a new source or source date alone is no change.
 */
export function mergeLedger(
  existing: readonly LedgerRow[],
  desired: readonly PriceRow[],
  todayMs: number,
): LedgerChange {
  const ledger = timelines(existing.filter((row) => start(row) < end(row)));
  const changes = [...timelines(desired)].map(([key, list]) => mergeTimeline(ledger.get(key) ?? [], list, todayMs));
  return { close: changes.flatMap((change) => change.close), open: changes.flatMap((change) => change.open) };
}

function mergeTimeline(ledger: readonly LedgerRow[], list: readonly PriceRow[], todayMs: number): LedgerChange {
  if (ledger.length === 0) return { close: [], open: list };
  const cut = Math.min(...list.map((row) => firstDifference(ledger, row, todayMs)));
  if (cut === Number.POSITIVE_INFINITY) return { close: [], open: [] };
  return {
    close: ledger.filter((row) => end(row) > cut).map((row) => ({ id: row.id, validTo: Math.max(cut, start(row)) })),
    open: list
      .filter((row) => end(row) > cut)
      .map((row) => ({ ...row, validFrom: start(row) < cut ? cut : row.validFrom })),
  };
}

/** First moment from which the ledger must follow this row of the list; infinite when it says the same already. */
function firstDifference(ledger: readonly LedgerRow[], row: PriceRow, todayMs: number): number {
  const from = row.validFrom ?? todayMs;
  const to = end(row);
  const moments = [from, ...ledger.flatMap((old) => [start(old), end(old)])]
    .filter((at) => at >= from && at < to)
    .sort((a, b) => a - b);
  const differs = moments.find((at) => {
    const old = ledger.find((candidate) => start(candidate) <= at && at < end(candidate));
    return old === undefined || !sameTerms(old, row);
  });
  return differs ?? Number.POSITIVE_INFINITY;
}

/** Everything a turn's cost or window is worked out from; not where it was read. */
function sameTerms(a: PriceRow, b: PriceRow): boolean {
  return terms(a) === terms(b);
}

function terms(row: PriceRow): string {
  const rates = [row.rates, row.tier?.rates].map(
    (rate) => rate && [rate.input, rate.output, rate.cacheRead, rate.cacheWrite5m, rate.cacheWrite1h],
  );
  return JSON.stringify([row.vendor, ...rates, row.tier?.abovePromptTokens, row.webSearchNanoUsd, row.contextWindow]);
}

function timelines<Row extends PriceRow>(rows: readonly Row[]): ReadonlyMap<string, readonly Row[]> {
  const lines = new Map<string, Row[]>();
  for (const row of rows) {
    const key = `${row.modelId} ${row.speed}`;
    const line = lines.get(key);
    if (line === undefined) lines.set(key, [row]);
    else line.push(row);
  }
  for (const line of lines.values()) line.sort((a, b) => (start(a) < start(b) ? -1 : 1));
  return lines;
}

function start(row: PriceRow): number {
  return row.validFrom ?? Number.NEGATIVE_INFINITY;
}

function end(row: PriceRow): number {
  return row.validTo ?? Number.POSITIVE_INFINITY;
}
