import type { PriceRow, Rates } from './price-row.ts';
import snapshot from './prices.snapshot.json' with { type: 'json' };

/** The price list this version was built with, by model, speed and time. Made by `npm run prices`; nothing is fetched. */
export const builtInPrices: readonly PriceRow[] = snapshot.rows.map(decode);

/** Release day of the catalogue most of it comes from, `YYYY-MM-DD`: what "stale" is counted from. */
export const pricesAsOf: string = snapshot.asOf;

/** One row as the file writes it: rates in the order input, output, cache read, 5-minute write, one-hour write. */
interface StoredRow {
  readonly model: string;
  readonly vendor: string;
  readonly speed?: string;
  readonly from?: string;
  readonly to?: string;
  readonly rates: readonly number[];
  readonly above?: number;
  readonly tier?: readonly number[];
  readonly web?: number;
  readonly window?: number;
  readonly source: number;
  readonly date: string;
}

function decode(row: StoredRow): PriceRow {
  return {
    modelId: row.model,
    vendor: row.vendor,
    speed: row.speed === 'fast' ? 'fast' : 'standard',
    validFrom: row.from === undefined ? undefined : Date.parse(row.from),
    validTo: row.to === undefined ? undefined : Date.parse(row.to),
    rates: decodeRates(row.rates),
    tier:
      row.above === undefined || row.tier === undefined
        ? undefined
        : { abovePromptTokens: row.above, rates: decodeRates(row.tier) },
    webSearchNanoUsd: row.web,
    contextWindow: row.window,
    source: snapshot.sources[row.source] ?? '',
    sourceDate: row.date,
  };
}

function decodeRates([input, output, cacheRead, cacheWrite5m, cacheWrite1h]: readonly number[]): Rates {
  if (input === undefined || output === undefined || cacheRead === undefined)
    throw new TypeError('price snapshot: short row');
  if (cacheWrite5m === undefined || cacheWrite1h === undefined) throw new TypeError('price snapshot: short row');
  return { input, output, cacheRead, cacheWrite5m, cacheWrite1h };
}
