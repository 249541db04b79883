/**
 * Price of one token by kind, in pico-USD (1e-12 USD): a list price in USD per million tokens times 1e6. Whole, >= 0.
 * A kind the vendor's list does not price apart carries the rate it is billed at: cache reads and writes the input rate,
 * a one-hour write the rate of the only write there is. The price script fills these in, so no reader has to guess.
 */
export interface Rates {
  readonly input: number;
  /** All output, reasoning included. */
  readonly output: number;
  readonly cacheRead: number;
  readonly cacheWrite5m: number;
  readonly cacheWrite1h: number;
}

export type Speed = 'standard' | 'fast';

/** What one model costs at one speed during one stretch of time. Rows of a model and speed never overlap. */
export interface PriceRow {
  /** Id in the ledger. Absent: not from the store, or changed by an override. */
  readonly id?: number | undefined;
  /** Normalised; what reports call `model_id`. */
  readonly modelId: string;
  /** Who publishes the price: `anthropic`, `openai`. */
  readonly vendor: string;
  readonly speed: Speed;
  /** UTC ms, inclusive. Undefined: since ever. */
  readonly validFrom: number | undefined;
  /** UTC ms, exclusive. Undefined: still valid. */
  readonly validTo: number | undefined;
  readonly rates: Rates;
  /** Rates of the whole request once its prompt has more than this many tokens. */
  readonly tier: PriceTier | undefined;
  /** Nano-USD (1e-9 USD) per web search request. Undefined: none published. */
  readonly webSearchNanoUsd: number | undefined;
  /** Tokens. */
  readonly contextWindow: number | undefined;
  /** Public page or catalogue the price was taken from. */
  readonly source: string;
  /** Day the source said so, `YYYY-MM-DD`. */
  readonly sourceDate: string;
}

interface PriceTier {
  readonly abovePromptTokens: number;
  readonly rates: Rates;
}

/** Rates that apply to a request with this prompt (`I + R + W`, tokens). */
export function ratesFor(row: PriceRow, promptTokens: number): Rates {
  return row.tier !== undefined && promptTokens > row.tier.abovePromptTokens ? row.tier.rates : row.rates;
}
