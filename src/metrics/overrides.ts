import { modelKey, normalizeModelId } from './model-id.ts';
import type { PriceRow, Rates } from './price-row.ts';

/** Prices the user sets, in USD per million tokens. Absent: the built-in rate stays. */
export interface Override {
  readonly input?: number | undefined;
  readonly output?: number | undefined;
  /** Five-minute cache write. */
  readonly cache_write?: number | undefined;
  readonly cache_write_1h?: number | undefined;
  readonly cache_read?: number | undefined;
}

/** By prefix of a model's name; the longest that fits wins. */
export type Overrides = Readonly<Record<string, Override>>;

export interface MatchedOverride {
  readonly prefix: string;
  readonly override: Override;
}

/**
 * The override for a model name. A prefix covers its variants and dates (`gpt-5` covers `gpt-5-mini`), but never the
 * next version: `gpt-5` leaves `gpt-5.5` alone and `claude-opus-4` leaves `claude-opus-4-7`. Case and routes do not count.
 */
export function matchOverride(overrides: Overrides, modelId: string): MatchedOverride | undefined {
  const key = modelKey(modelId);
  let best: MatchedOverride | undefined;
  let bestLength = -1;
  for (const [prefix, override] of Object.entries(overrides)) {
    const prefixKey = modelKey(normalizeModelId(prefix));
    if (prefixKey.length > bestLength && covers(prefixKey, key)) {
      best = { prefix, override };
      bestLength = prefixKey.length;
    }
  }
  return best;
}

/** The row at the user's rates, above its tier too. It is no row of the ledger any more and carries no id. */
export function overrideRow(row: PriceRow, { prefix, override }: MatchedOverride): PriceRow {
  const { id: _, ...rest } = row;
  const tier = row.tier && { ...row.tier, rates: overrideRates(row.tier.rates, override) };
  return { ...rest, rates: overrideRates(row.rates, override), tier, source: sourceOf(prefix) };
}

/**
 * A row for a model without a built-in price, or undefined unless both input and output are set. Kinds not named are
 * charged as input, a one-hour write as the other one: a discount nobody stated is not assumed.
 */
export function rowOfOverride(modelId: string, { prefix, override }: MatchedOverride): PriceRow | undefined {
  const { input, output } = override;
  if (input === undefined || output === undefined) return undefined;
  const flat: Rates = {
    input: pico(input),
    output: pico(output),
    cacheRead: pico(input),
    cacheWrite5m: pico(input),
    cacheWrite1h: pico(override.cache_write ?? input),
  };
  return {
    modelId,
    vendor: 'override',
    speed: 'standard',
    validFrom: undefined,
    validTo: undefined,
    rates: overrideRates(flat, override),
    tier: undefined,
    webSearchNanoUsd: undefined,
    contextWindow: undefined,
    source: sourceOf(prefix),
    sourceDate: '',
  };
}

function covers(prefix: string, key: string): boolean {
  if (!key.startsWith(prefix)) return false;
  const rest = key.slice(prefix.length);
  if (rest === '') return true;
  if (!/^[-:@_[/]/.test(rest) && !/[-:@_[/]$/.test(prefix)) return false;
  return !(/\d$/.test(prefix) && /^-\d{1,3}(?!\d)/.test(rest));
}

function overrideRates(rates: Rates, override: Override): Rates {
  return {
    input: override.input === undefined ? rates.input : pico(override.input),
    output: override.output === undefined ? rates.output : pico(override.output),
    cacheRead: override.cache_read === undefined ? rates.cacheRead : pico(override.cache_read),
    cacheWrite5m: override.cache_write === undefined ? rates.cacheWrite5m : pico(override.cache_write),
    cacheWrite1h: override.cache_write_1h === undefined ? rates.cacheWrite1h : pico(override.cache_write_1h),
  };
}

function sourceOf(prefix: string): string {
  return `pricing.overrides."${prefix}"`;
}

/** USD per million tokens as whole pico-USD per token. */
function pico(usdPerMillion: number): number {
  return Math.round(usdPerMillion * 1e6);
}
