import { modelKey, normalizeModelId, pricingIds } from '../src/metrics/model-id.ts';
import { type HandRow, type HandUsd, handAliases, handRows, handWindows } from './prices.hand.ts';

/** The parts of the catalogue that are read. */
export interface CatalogueVendor {
  readonly id: string;
  readonly pricing_urls?: readonly string[];
  readonly models: readonly CatalogueModel[];
}
interface CatalogueModel {
  readonly id: string;
  readonly match: unknown;
  readonly context_window?: number;
  readonly price_comments?: string;
  readonly prices: Prices | readonly DatedPrices[];
}
type Prices = Readonly<Record<string, number | Tiered | undefined>>;
interface Tiered {
  readonly base: number;
  readonly tiers: readonly { readonly start: number; readonly price: number }[];
}
interface DatedPrices {
  readonly constraint?:
    | { readonly type: 'start_date'; readonly start_date: string }
    | { readonly type: 'time_of_date'; readonly start_time: string; readonly end_time: string };
  readonly prices: Prices;
}

/** One line of the snapshot. Rates in pico-USD per token: input, output, cache read, 5m write, 1h write. */
export interface SnapshotRow {
  readonly model: string;
  readonly vendor: string;
  readonly speed?: 'fast';
  readonly from?: string;
  readonly to?: string;
  readonly rates: readonly number[];
  readonly above?: number;
  readonly tier?: readonly number[];
  readonly web?: number;
  readonly window?: number;
  readonly source: string;
  readonly date: string;
}

/** Vendors whose own lists are taken. Resellers and hosts of open models have other prices for the same names. */
const vendors = [
  'anthropic',
  'openai',
  'google',
  'deepseek',
  'mistral',
  'x-ai',
  'moonshotai',
  'zai',
  'minimax',
  'cohere',
  'cursor',
];
/** Listed under a vendor whose own price they are not: other vendors' models, ids only a host of the weights uses. */
const foreign: Readonly<Record<string, RegExp>> = {
  google: /claude|gemma/,
  cursor: /^(?!composer)/,
  deepseek: /^deepseek-v3/,
};
const notForAgents =
  /audio|realtime|image|tts|embed|transcribe|search|ocr|whisper|moderation|davinci|vision|live|omni|voice|voxtral|pixtral|deep-research|computer-use|instruct|chat-latest|chatgpt|-v3-0324|r1-0528|\bft\b|aya|safeguard|:|16k|32k|-her$|-tiny$|-saba$|^(text|ada|babbage|curie)\b|^gpt-3\.5-(turbo-)?(0|1)|^gpt-35|^claude-(2|v)|^gemini-(1|pro|flash)|^moonshot-v1|^command(-light)?$/;
const secondHand = /Imported from OpenRouter|trusting/;
/** The plainer of two names the catalogue knows. */
const renamed: Readonly<Record<string, string>> = {
  'claude-3-5-haiku-latest': 'claude-3-5-haiku',
  'claude-3-7-sonnet-latest': 'claude-3-7-sonnet',
  'claude-3-opus-latest': 'claude-3-opus',
  'grok-2-1212': 'grok-2',
  'grok-4-0709': 'grok-4',
};
/** A fast variant listed as a model of its own. */
const fastOf: Readonly<Record<string, string>> = { 'composer-2.5-fast': 'composer-2.5' };

export interface Table {
  readonly rows: readonly SnapshotRow[];
  /** What was decided where sources disagree or say more than a row can. One line each, sorted. */
  readonly conflicts: readonly string[];
}

/** Catalogue plus hand table; the hand table wins, and every place where it does is told. `date`: the catalogue's release. */
export function buildTable(catalogue: readonly CatalogueVendor[], date: string): Table {
  const conflicts: string[] = [];
  const listed = vendors.flatMap((id) => {
    const vendor = catalogue.find((candidate) => candidate.id === id);
    if (vendor === undefined) throw new Error(`the catalogue has no vendor ${id}`);
    return vendor.models
      .filter((model) => isWanted(id, model))
      .flatMap((model) => modelRows(vendor, model, date, conflicts));
  });
  const byHand = handRows.map(handRow);
  const rows = [...listed.filter((row) => !replaced(row, byHand, conflicts)), ...byHand];
  const withAliases = [...rows, ...aliasRows(catalogue, rows)];
  refuseOverlap(withAliases.sort(byModel));
  return { rows: withAliases, conflicts: [...new Set(conflicts)].sort() };
}

/** The file: one row a line, so that a changed price is one changed line. `asOf`: the catalogue's release. */
export function renderSnapshot(rows: readonly SnapshotRow[], asOf: string): string {
  const sources = [...new Set(rows.map((row) => row.source))].sort();
  const lines = rows.map((row) => `    ${JSON.stringify({ ...row, source: sources.indexOf(row.source) })}`);
  return [
    '{',
    `  "asOf": ${JSON.stringify(asOf)},`,
    '  "sources": [',
    sources.map((source) => `    ${JSON.stringify(source)}`).join(',\n'),
    '  ],',
    '  "rows": [',
    lines.join(',\n'),
    '  ]',
    '}',
    '',
  ].join('\n');
}

function isWanted(vendor: string, model: CatalogueModel): boolean {
  if (notForAgents.test(model.id.toLowerCase()) || foreign[vendor]?.test(model.id)) return false;
  if (secondHand.test(model.price_comments ?? '')) return false;
  const first = Array.isArray(model.prices)
    ? (model.prices as readonly DatedPrices[])[0]?.prices
    : (model.prices as Prices);
  return first?.input_mtok !== undefined && first.output_mtok !== undefined;
}

function modelRows(
  vendor: CatalogueVendor,
  model: CatalogueModel,
  date: string,
  conflicts: string[],
): readonly SnapshotRow[] {
  const id = primaryId(model.id);
  const periods = Array.isArray(model.prices)
    ? datedPeriods(id, model.prices as readonly DatedPrices[], conflicts)
    : [{ from: undefined, prices: model.prices as Prices }];
  const window = model.context_window ?? handWindows.get(id);
  const source = `genai-prices: ${vendor.pricing_urls?.[0] ?? vendor.id}`;
  return periods.map((period, i) => {
    const to = periods[i + 1]?.from;
    const base = usdOf(period.prices, (value) => (typeof value === 'number' ? value : value.base));
    const starts = [
      ...new Set(Object.values(period.prices).flatMap((value) => tiersOf(value).map((tier) => tier.start))),
    ];
    if (starts.length > 1)
      conflicts.push(`${id}: ${starts.length} tiers in the catalogue, only the one above ${starts[0]} is kept`);
    const [above] = starts;
    const tier =
      above === undefined ? undefined : usdOf(period.prices, (value) => tiersOf(value)[0]?.price ?? baseOf(value));
    const web = period.prices.web_searches_kcount;
    return compact({
      model: fastOf[id] ?? id,
      vendor: vendor.id,
      speed: fastOf[id] === undefined ? undefined : ('fast' as const),
      from: period.from,
      to,
      rates: rates(vendor.id, base),
      above,
      tier: tier === undefined ? undefined : rates(vendor.id, tier),
      web: typeof web === 'number' ? pico(web) : undefined,
      window,
      source,
      date,
    });
  });
}

/**
 * Dated prices as consecutive periods. Prices by time of day cannot be said in a row: the one that holds for most of the
 * day is taken, for the period it belongs to (the last).
 */
function datedPeriods(
  id: string,
  list: readonly DatedPrices[],
  conflicts: string[],
): readonly { readonly from: string | undefined; readonly prices: Prices }[] {
  const periods: { from: string | undefined; prices: Prices }[] = [];
  let hours = 0;
  let timed: Prices | undefined;
  for (const { constraint, prices } of list) {
    if (constraint?.type === 'time_of_date') {
      hours += clock(constraint.end_time) - clock(constraint.start_time);
      timed = prices;
    } else periods.push({ from: constraint?.start_date, prices });
  }
  const last = periods.at(-1);
  if (timed !== undefined && last !== undefined) {
    const most = hours > 12 ? timed : last.prices;
    const other = most === timed ? last.prices : timed;
    conflicts.push(
      `${id}: priced by the hour; taken is ${show(most)} (${hours > 12 ? hours : 24 - hours} h a day), not ${show(other)}`,
    );
    periods[periods.length - 1] = { from: last.from, prices: most };
  }
  return periods;
}

function clock(time: string): number {
  const [hours, minutes] = time.split(':');
  return Number(hours) + Number(minutes) / 60;
}

function show(prices: Prices): string {
  return `${baseOf(prices.input_mtok)}/${baseOf(prices.output_mtok)} USD`;
}

function handRow(row: HandRow): SnapshotRow {
  const above = row.above;
  return compact({
    model: row.model,
    vendor: row.vendor,
    speed: row.speed,
    from: row.from,
    to: row.to,
    rates: rates(row.vendor, row.usd),
    above: above?.promptTokens,
    tier: above === undefined ? undefined : rates(row.vendor, above.usd),
    web: row.webSearches === undefined ? undefined : pico(row.webSearches),
    window: row.window,
    source: row.source,
    date: row.date,
  });
}

function replaced(row: SnapshotRow, byHand: readonly SnapshotRow[], conflicts: string[]): boolean {
  const mine = byHand.filter((hand) => hand.model === row.model && hand.speed === row.speed);
  for (const hand of mine) {
    const fields = (['rates', 'above', 'tier', 'from', 'to', 'web', 'window'] as const).filter(
      (field) => JSON.stringify(hand[field]) !== JSON.stringify(row[field]),
    );
    const told = fields.map(
      (field) => `${field} ${JSON.stringify(row[field]) ?? 'none'} -> ${JSON.stringify(hand[field]) ?? 'none'}`,
    );
    conflicts.push(
      `${row.model}: hand table (${hand.source}) over catalogue: ${told.join(', ') || 'the same; remove it'}`,
    );
  }
  return mine.length > 0;
}

/** Names that no rule leads to their model get rows of their own. */
function aliasRows(catalogue: readonly CatalogueVendor[], rows: readonly SnapshotRow[]): readonly SnapshotRow[] {
  const known = new Set(rows.map((row) => modelKey(row.model)));
  const resolves = (name: string): boolean => pricingIds(normalizeModelId(name)).some((id) => known.has(modelKey(id)));
  const aliases = new Map<string, string>(handAliases);
  for (const vendor of vendors) {
    for (const model of catalogue.find((candidate) => candidate.id === vendor)?.models ?? []) {
      const id = primaryId(model.id);
      if (!isWanted(vendor, model) || fastOf[id] !== undefined || !known.has(modelKey(id))) continue;
      for (const name of equalNames(model.match).map(normalizeModelId)) {
        // A name that another row already answers for is that row's.
        if (!notForAgents.test(name) && !resolves(name) && !aliases.has(name)) aliases.set(name, id);
      }
    }
  }
  const distinct = new Map([...aliases].map(([alias, model]) => [modelKey(alias), { alias, model }]));
  for (const [alias, model] of aliases) if (alias.includes('.')) distinct.set(modelKey(alias), { alias, model });
  // What a fast mode costs is told of the named model, not of every variant that shares its standard price.
  const byHand = new Set(handAliases.map(([alias]) => alias));
  return [...distinct.values()].flatMap(({ alias, model }) =>
    rows
      .filter((row) => row.model === model && (row.speed === undefined || byHand.has(alias)))
      .map((row) => ({ ...row, model: alias })),
  );
}

function equalNames(match: unknown): readonly string[] {
  if (typeof match !== 'object' || match === null) return [];
  if ('equals' in match && typeof match.equals === 'string') return [match.equals];
  if ('or' in match && Array.isArray(match.or)) return match.or.flatMap(equalNames);
  return [];
}

function primaryId(name: string): string {
  const id = normalizeModelId(name);
  return renamed[id] ?? id;
}

function usdOf(prices: Prices, pick: (value: number | Tiered) => number): HandUsd {
  const of = (key: string): number | undefined => {
    const value = prices[key];
    return value === undefined ? undefined : pick(value);
  };
  return compact({
    input: of('input_mtok') ?? 0,
    output: of('output_mtok') ?? 0,
    cacheRead: of('cache_read_mtok'),
    cacheWrite: of('cache_write_mtok'),
    cacheWrite1h: of('cache_write_1h_mtok'),
  });
}

/**
 * The five rates. Anthropic's rule where a kind is not listed: reads 0.1x, 5-minute writes 1.25x, one-hour writes 2x
 * input (platform.claude.com, prompt caching). Elsewhere a kind without a price of its own is billed as input.
 */
function rates(vendor: string, usd: HandUsd): readonly number[] {
  const anthropic = vendor === 'anthropic';
  const cacheRead = usd.cacheRead ?? (anthropic ? usd.input * 0.1 : usd.input);
  const cacheWrite = usd.cacheWrite ?? (anthropic ? usd.input * 1.25 : usd.input);
  const cacheWrite1h = usd.cacheWrite1h ?? (anthropic ? usd.input * 2 : cacheWrite);
  return [usd.input, usd.output, cacheRead, cacheWrite, cacheWrite1h].map(pico);
}

/** USD per million tokens as pico-USD per token; USD per thousand searches as nano-USD per search. The same factor. */
function pico(usd: number): number {
  const whole = Math.round(usd * 1e6);
  if (!Number.isSafeInteger(whole) || Math.abs(whole - usd * 1e6) > 1e-6)
    throw new Error(`not whole in pico-USD: ${usd}`);
  return whole;
}

function tiersOf(value: number | Tiered | undefined): Tiered['tiers'] {
  return typeof value === 'object' ? value.tiers : [];
}

function baseOf(value: number | Tiered | undefined): number {
  return typeof value === 'object' ? value.base : (value ?? 0);
}

type Defined<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

function compact<T extends object>(row: T): Defined<T> {
  // Dropping the undefined is what `Defined` says.
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== undefined)) as Defined<T>;
}

/** Two prices for one moment are a mistake of this script or its tables. Rows come sorted. */
function refuseOverlap(rows: readonly SnapshotRow[]): void {
  for (const [i, row] of rows.entries()) {
    const next = rows[i + 1];
    if (next === undefined || next.model !== row.model || next.speed !== row.speed) continue;
    if (row.to === undefined || next.from === undefined || Date.parse(row.to) > Date.parse(next.from))
      throw new Error(`prices of ${row.model} overlap`);
  }
}

function byModel(a: SnapshotRow, b: SnapshotRow): number {
  return compare(a.model, b.model) || compare(a.speed ?? '', b.speed ?? '') || compare(a.from ?? '', b.from ?? '');
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
