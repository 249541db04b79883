import { modelKey, normalizeModelId, pricingIds } from './model-id.ts';
import { type MatchedOverride, matchOverride, type Overrides, overrideRow, rowOfOverride } from './overrides.ts';
import type { PriceRow, Speed } from './price-row.ts';

/** Answers what a model costs. One book for ingest, re-pricing and every view, so that they agree. */
export interface PriceBook {
  /**
   * The price of this model at this time (UTC ms) and speed; `undefined` is "unpriced", never a guess: an unknown model,
   * one not sold at this speed (fast never falls back to standard), a time no row covers. A name ending in `-fast` asks
   * for the fast mode, unless a model is called so.
   */
  readonly find: (model: string, atMs: number, speed: Speed) => PriceRow | undefined;
  /** Every row a model's name leads to, both speeds, oldest first within a speed. Empty: not in the book. */
  readonly candidates: (model: string) => readonly PriceRow[];
  /** The window by the price table, else by the family's name. Tokens. */
  readonly window: (model: string) => TableWindow;
  /** All rows with overrides applied, by model, speed and time; then models only an override prices. */
  readonly list: () => readonly PriceRow[];
}

interface TableWindow {
  readonly tokens: number;
  readonly source: 'table' | 'assumed';
}

/** `rows` may be the snapshot's or the ledger's; those of one model and speed must not overlap. Pure; remembers names asked. */
export function createPriceBook(rows: readonly PriceRow[], overrides: Overrides = {}): PriceBook {
  const byKey = new Map<string, readonly PriceRow[]>();
  for (const row of [...rows].sort(byTime)) {
    if (row.validTo !== undefined && row.validTo <= start(row)) continue; // closed before it began
    const key = modelKey(row.modelId);
    byKey.set(key, [...(byKey.get(key) ?? []), row]);
  }
  const remembered = new Map<string, Resolved>();
  const resolved = (model: string): Resolved => {
    const known = remembered.get(model) ?? resolve(byKey, overrides, model);
    remembered.set(model, known);
    return known;
  };
  return {
    find: (model, atMs, speed) => {
      const { rows: found, fastName } = resolved(model);
      return found.find((row) => row.speed === (fastName ? 'fast' : speed) && covers(row, atMs));
    },
    candidates: (model) => resolved(model).rows,
    window: (model) => tableWindow(model, resolved(model).rows),
    list: () => list(byKey, overrides),
  };
}

interface Resolved {
  readonly rows: readonly PriceRow[];
  /** `claude-opus-4-8-fast`, found under `claude-opus-4-8`; `grok-4-fast` is a model of that name. */
  readonly fastName: boolean;
}

function resolve(byKey: ReadonlyMap<string, readonly PriceRow[]>, overrides: Overrides, model: string): Resolved {
  const id = normalizeModelId(model);
  const own = id.startsWith('ollama/') ? localRows(id) : lookUp(byKey, id);
  const base = id.endsWith('-fast') && own === undefined ? lookUp(byKey, id.slice(0, -'-fast'.length)) : undefined;
  const found = own ?? base ?? [];
  const matched = matchOverride(overrides, id) ?? (found[0] && matchOverride(overrides, found[0].modelId));
  const fastName = base !== undefined;
  return { rows: withOverride(found, id, matched, fastName), fastName };
}

function lookUp(byKey: ReadonlyMap<string, readonly PriceRow[]>, id: string): readonly PriceRow[] | undefined {
  for (const candidate of pricingIds(id)) {
    const rows = byKey.get(modelKey(candidate));
    if (rows !== undefined) return rows;
  }
  return undefined;
}

/** An override is of the standard speed; one written `<model>-fast` is of that model's fast mode. */
function withOverride(
  rows: readonly PriceRow[],
  id: string,
  matched: MatchedOverride | undefined,
  fastName: boolean,
): readonly PriceRow[] {
  if (matched === undefined) return rows;
  const speed: Speed = fastName && matched.prefix.toLowerCase().endsWith('-fast') ? 'fast' : 'standard';
  if (!rows.some((row) => row.speed === speed)) {
    const own = rowOfOverride(rows[0]?.modelId ?? id, matched);
    return own === undefined ? rows : [...rows, { ...own, speed }];
  }
  return rows.map((row) => (row.speed === speed ? overrideRow(row, matched) : row));
}

function list(byKey: ReadonlyMap<string, readonly PriceRow[]>, overrides: Overrides): readonly PriceRow[] {
  const listed = [...byKey.values()].flatMap((rows) => {
    const id = rows[0]?.modelId ?? '';
    return withOverride(rows, id, matchOverride(overrides, id), false);
  });
  const added = Object.entries(overrides).flatMap(([prefix, override]) => {
    const id = normalizeModelId(prefix);
    const own = lookUp(byKey, id) === undefined ? rowOfOverride(id, { prefix, override }) : undefined;
    return own === undefined ? [] : [own];
  });
  return [...listed.sort(byModel), ...added.sort(byModel)];
}

/** Models on the user's own machine cost nothing; those Ollama serves from its cloud have prices we do not know. */
function localRows(modelId: string): readonly PriceRow[] {
  if (/[:-]cloud$/.test(modelId)) return [];
  const free: PriceRow = {
    modelId,
    vendor: 'ollama',
    speed: 'standard',
    validFrom: undefined,
    validTo: undefined,
    rates: { input: 0, output: 0, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0 },
    tier: undefined,
    webSearchNanoUsd: undefined,
    contextWindow: undefined,
    source: 'local model',
    sourceDate: '',
  };
  return [free];
}

function tableWindow(model: string, found: readonly PriceRow[]): TableWindow {
  // The newest row knows best: a model's window may have grown with its price change.
  const tokens = found.findLast((row) => row.contextWindow !== undefined)?.contextWindow;
  return tokens === undefined
    ? { tokens: assumedWindow(normalizeModelId(model)), source: 'assumed' }
    : { tokens, source: 'table' };
}

/** Windows of families, for models the table lacks. The first prefix that fits; agents' own names before 128 000. */
const families: readonly (readonly [prefix: string, tokens: number])[] = [
  ['claude', 200_000],
  ['gpt-5', 400_000],
  ['gpt-4-1', 1_047_576],
  ['gpt-4', 128_000],
  ['gpt-3-5-turbo', 16_385],
  ['o4-mini', 200_000],
  ['o3', 200_000],
  ['o1-mini', 128_000],
  ['o1', 200_000],
  ['gemini-1-5-pro', 2_000_000],
  ['gemini-1-0-pro', 32_768],
  ['gemini', 1_000_000],
];

function assumedWindow(id: string): number {
  const key = modelKey(id);
  return families.find(([prefix]) => key.startsWith(prefix))?.[1] ?? 128_000;
}

function covers(row: PriceRow, atMs: number): boolean {
  return start(row) <= atMs && (row.validTo === undefined || atMs < row.validTo);
}

function start(row: PriceRow): number {
  return row.validFrom ?? Number.NEGATIVE_INFINITY;
}

function byTime(a: PriceRow, b: PriceRow): number {
  if (a.speed !== b.speed) return a.speed === 'standard' ? -1 : 1;
  return start(a) === start(b) ? 0 : start(a) - start(b);
}

function byModel(a: PriceRow, b: PriceRow): number {
  if (a.modelId !== b.modelId) return a.modelId < b.modelId ? -1 : 1;
  return byTime(a, b);
}
