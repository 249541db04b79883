import type { Overrides } from '../metrics/overrides.ts';
import { mergeLedger } from '../metrics/price-ledger.ts';
import type { PriceRow } from '../metrics/price-row.ts';
import { builtInPrices } from '../metrics/price-snapshot.ts';
import { createPriceBook, type PriceBook } from '../metrics/prices.ts';
import { cacheSavingsNanoUsd, turnCostNanoUsd } from '../metrics/turn-cost.ts';
import type { Database } from '../store/driver.ts';
import { applyPriceChanges, readPrices } from '../store/prices.ts';
import type { PriceTurn } from '../store/writer.ts';

/** Brings the ledger up to this version's price list and gives the book of all its rows with the user's overrides on top. */
export function loadPriceBook(
  db: Database,
  overrides: Overrides,
  now: number,
): { readonly book: PriceBook; readonly changed: boolean } {
  const change = mergeLedger(ledgerRows(db), builtInPrices, now);
  const changed = change.close.length > 0 || change.open.length > 0;
  if (changed) {
    applyPriceChanges(
      db,
      { close: change.close, open: change.open.map((row) => ({ ...row, row: JSON.stringify(row) })) },
      now,
    );
  }
  return { book: createPriceBook(ledgerRows(db), overrides), changed };
}

/** The ledger as it stands, without touching it; the built-in list when there is no store. */
export function readPriceBook(db: Database | undefined, overrides: Overrides): PriceBook {
  const rows = db === undefined ? [] : ledgerRows(db);
  return createPriceBook(rows.length > 0 ? rows : builtInPrices, overrides);
}

function ledgerRows(db: Database): (PriceRow & { readonly id: number })[] {
  return readPrices(db).map((stored) => {
    const row: PriceRow = JSON.parse(stored.row); // our own JSON, from our own table
    return { ...row, validTo: stored.validTo ?? undefined, id: stored.id };
  });
}

/** Prices turns by the row of their model, speed and time; remembers the last answer, since turns come in runs. */
export function createPricer(book: PriceBook): PriceTurn {
  let last: { model: string; fast: number; row: PriceRow | undefined } | undefined;
  return (turn, model) => {
    const { at, fast } = turn;
    if (last?.model !== model || last.fast !== fast || !covers(last.row, at))
      last = { model, fast, row: book.find(model, at, fast === 1 ? 'fast' : 'standard') };
    const { row } = last;
    if (row === undefined) return undefined;
    const usage = {
      uncachedInputTokens: turn.uncached,
      cacheReadInputTokens: turn.cacheRead,
      cacheCreation5mInputTokens: turn.write5m,
      cacheCreation1hInputTokens: turn.write1h,
      outputTokens: turn.output,
    };
    return {
      priceId: row.id ?? 0,
      costNano: turnCostNanoUsd(row, usage, turn.promptTokens, turn.webSearches),
      savingsNano: cacheSavingsNanoUsd(row, usage, turn.promptTokens),
    };
  };
}

/** Does the remembered answer hold at this time? "Unpriced" is asked again: another time may have a price. */
function covers(row: PriceRow | undefined, at: number): boolean {
  return (
    row !== undefined &&
    at >= (row.validFrom ?? Number.NEGATIVE_INFINITY) &&
    at < (row.validTo ?? Number.POSITIVE_INFINITY)
  );
}
