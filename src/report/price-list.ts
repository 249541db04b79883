import { displaySafe } from '../display.ts';
import type { PriceRow, Rates } from '../metrics/price-row.ts';
import { drawGrid, type GridColumn } from './grid.ts';
import type { Palette } from './palette.ts';
import { wrap } from './wrap.ts';

interface View {
  readonly width: number;
  readonly palette: Palette;
  /** UTC ms. */
  readonly now: number;
}

/** The rows to list: of one vendor or all, those that hold now or all that ever did. */
export function listPrices(
  rows: readonly PriceRow[],
  options: { readonly vendor: string | undefined; readonly all: boolean; readonly now: number },
): readonly PriceRow[] {
  const vendor = options.vendor?.toLowerCase();
  return rows.filter(
    (row) => (vendor === undefined || row.vendor.toLowerCase() === vendor) && (options.all || holds(row, options.now)),
  );
}

/** A price as JSON: USD per million tokens, USD per web search, days as `YYYY-MM-DD`. */
export function priceJson(row: PriceRow) {
  return {
    model_id: row.modelId,
    vendor: row.vendor,
    speed: row.speed,
    valid_from: dayOf(row.validFrom),
    valid_to: dayOf(row.validTo),
    usd_per_million_tokens: ratesJson(row.rates),
    above_prompt_tokens: row.tier?.abovePromptTokens ?? null,
    usd_per_million_tokens_above: row.tier === undefined ? null : ratesJson(row.tier.rates),
    usd_per_web_search: row.webSearchNanoUsd === undefined ? null : row.webSearchNanoUsd / 1e9,
    context_window: row.contextWindow ?? null,
    source: row.source,
    source_date: row.sourceDate,
  };
}

/** The list as a table, and the models in use that it has no price for. */
export function renderPriceList(
  rows: readonly PriceRow[],
  unpriced: readonly string[],
  { width, palette, now }: View,
): string {
  const hasEnded = rows.some((row) => !holds(row, now));
  const columns: readonly GridColumn<PriceRow>[] = [
    {
      title: 'Model',
      align: 'left',
      weight: 9,
      minWidth: 12,
      cell: (row) => ({ text: `${row.modelId}${row.speed === 'fast' ? ' (fast)' : ''}` }),
    },
    { title: 'Vendor', align: 'left', weight: 2, cell: (row) => ({ text: row.vendor }) },
    ...rateColumns,
    {
      title: 'Above',
      align: 'right',
      weight: 1,
      cell: (row) => ({
        text:
          row.tier === undefined
            ? ''
            : `>${Math.round(row.tier.abovePromptTokens / 1000)}k: ${usd(row.tier.rates.input)}/${usd(row.tier.rates.output)}`,
      }),
    },
    { title: 'Since', align: 'left', weight: 1, cell: (row) => ({ text: dayOf(row.validFrom) ?? '' }) },
    ...(hasEnded
      ? [
          {
            title: 'Until',
            align: 'left',
            weight: 1,
            cell: (row: PriceRow) => ({ text: dayOf(row.validTo) ?? '' }),
          } as const,
        ]
      : []),
  ];
  const grid = drawGrid(
    columns,
    rows.map((row) => ({ row, kind: 'row' as const })),
    width,
    palette,
  );
  const note =
    unpriced.length === 0
      ? []
      : [
          '',
          ...wrap(
            `Without a price, so shown as unpriced: ${unpriced.map((name) => displaySafe(name)).join(', ')}`.split(' '),
            width - 2,
          ).map((line) => ` ${palette.yellow(line)}`),
        ];
  return `${['', ` ${palette.bold('Prices')} ${palette.dim('· USD per million tokens')}`, '', ...grid, ...note, ''].join('\n')}\n`;
}

/** Everything known of one model's price. */
export function renderPriceOf(model: string, rows: readonly PriceRow[], { width, palette, now }: View): string {
  const columns: readonly GridColumn<PriceRow>[] = [
    {
      title: 'Price',
      align: 'left',
      weight: 9,
      cell: (row) => ({
        text: `${dayOf(row.validFrom) ?? 'always'} – ${dayOf(row.validTo) ?? 'now'}${row.speed === 'fast' ? ', fast' : ''}`,
      }),
    },
    ...rateColumns,
    {
      title: 'Window',
      align: 'right',
      weight: 2,
      cell: (row) => ({ text: row.contextWindow === undefined ? '' : row.contextWindow.toLocaleString('en-US') }),
    },
  ];
  const lines = rows.flatMap((row) => [
    row,
    ...(row.tier === undefined ? [] : [{ ...row, rates: row.tier.rates, contextWindow: undefined }]),
  ]);
  const current = rows.find((row) => holds(row, now)) ?? rows[0];
  const tiers = rows
    .filter((row) => row.tier !== undefined)
    .map(
      (row) =>
        `The second line of a price holds for requests of more than ${row.tier?.abovePromptTokens.toLocaleString('en-US')} prompt tokens.`,
    );
  const searches = rows.flatMap((row) =>
    row.webSearchNanoUsd === undefined ? [] : [`A web search costs $${row.webSearchNanoUsd / 1e9}.`],
  );
  const sources = rows.map((row) => `Source: ${displaySafe(row.source)}, ${row.sourceDate}.`);
  const notes = [...new Set([...tiers, ...searches, ...sources])].flatMap((text) =>
    wrap(text.split(' '), width - 2).map((line) => ` ${palette.dim(line)}`),
  );
  const heading = ` ${palette.bold(displaySafe(model))} ${palette.dim(`· ${current?.modelId ?? ''} · ${current?.vendor ?? ''} · USD per million tokens`)}`;
  return `${[
    '',
    heading,
    '',
    ...drawGrid(
      columns,
      lines.map((row) => ({ row, kind: 'row' as const })),
      width,
      palette,
    ),
    '',
    ...notes,
    '',
  ].join('\n')}\n`;
}

const rateColumns: readonly GridColumn<PriceRow>[] = [
  { title: 'Input', align: 'right', weight: 8, cell: (row) => ({ text: usd(row.rates.input) }) },
  { title: 'Output', align: 'right', weight: 8, cell: (row) => ({ text: usd(row.rates.output) }) },
  { title: 'Cache read', align: 'right', weight: 6, cell: (row) => ({ text: usd(row.rates.cacheRead) }) },
  { title: 'Write 5m', align: 'right', weight: 5, cell: (row) => ({ text: usd(row.rates.cacheWrite5m) }) },
  { title: 'Write 1h', align: 'right', weight: 5, cell: (row) => ({ text: usd(row.rates.cacheWrite1h) }) },
];

function ratesJson(rates: Rates) {
  const million = (pico: number): number => pico / 1e6;
  return {
    input: million(rates.input),
    output: million(rates.output),
    cache_read: million(rates.cacheRead),
    cache_write_5m: million(rates.cacheWrite5m),
    cache_write_1h: million(rates.cacheWrite1h),
  };
}

/** Pico-USD per token as USD per million tokens, with at least two decimals. */
function usd(pico: number): string {
  const text = String(pico / 1e6);
  const decimals = text.split('.')[1]?.length ?? 0;
  return decimals >= 2 ? text : (pico / 1e6).toFixed(2);
}

function holds(row: PriceRow, now: number): boolean {
  return (row.validFrom ?? Number.NEGATIVE_INFINITY) <= now && now < (row.validTo ?? Number.POSITIVE_INFINITY);
}

function dayOf(at: number | undefined): string | null {
  return at === undefined ? null : new Date(at).toISOString().slice(0, 10);
}
