/**
 * What the price catalogue lacks or has out of date, entered by hand. USD per million tokens; web searches USD per
 * thousand. A row needs a public source that states it and the day it did; a price nobody publishes is left out, and the
 * model stays "unpriced". Cache kinds not given follow the vendor's rule (price-table.ts).
 */
export interface HandRow {
  readonly model: string;
  readonly vendor: string;
  readonly speed?: 'fast';
  /** `YYYY-MM-DD` (midnight UTC) or a full ISO time; `from` inclusive, `to` exclusive. */
  readonly from?: string;
  readonly to?: string;
  readonly usd: HandUsd;
  readonly above?: { readonly promptTokens: number; readonly usd: HandUsd };
  readonly webSearches?: number;
  readonly window?: number;
  readonly source: string;
  readonly date: string;
  readonly note?: string;
}

export interface HandUsd {
  readonly input: number;
  readonly output: number;
  readonly cacheRead?: number;
  readonly cacheWrite?: number;
  readonly cacheWrite1h?: number;
}

const claudeFast = 'https://platform.claude.com/docs/en/build-with-claude/fast-mode';
const claudeCodeFast = 'https://code.claude.com/docs/en/fast-mode';
const claudePricing = 'https://platform.claude.com/docs/en/about-claude/pricing';
const openaiFast = 'https://openai.com/api-fast-mode/';
const zai = 'https://docs.z.ai/guides/overview/pricing';

/** Fast mode: Anthropic's cache multipliers apply on top of it; flat over the whole context window. */
const fast: readonly HandRow[] = [
  {
    model: 'claude-opus-4-6',
    vendor: 'anthropic',
    speed: 'fast',
    to: '2026-02-17T08:00:00Z',
    usd: { input: 15, output: 75 },
    webSearches: 10,
    source: claudeCodeFast,
    date: '2026-02-07',
    note: 'launch: half price until 2026-02-16 23:59 Pacific',
  },
  {
    model: 'claude-opus-4-6',
    vendor: 'anthropic',
    speed: 'fast',
    from: '2026-02-17T08:00:00Z',
    usd: { input: 30, output: 150 },
    webSearches: 10,
    source: claudeFast,
    date: '2026-05-28',
    note: '6x; since its removal (mid 2026) such requests run, and are logged, as standard',
  },
  {
    model: 'claude-opus-4-7',
    vendor: 'anthropic',
    speed: 'fast',
    usd: { input: 30, output: 150 },
    webSearches: 10,
    source: claudeCodeFast,
    date: '2026-05-28',
    note: 'removed on 2026-07-24, requests fail since',
  },
  {
    model: 'claude-opus-4-8',
    vendor: 'anthropic',
    speed: 'fast',
    usd: { input: 10, output: 50 },
    webSearches: 10,
    source: claudePricing,
    date: '2026-08-06',
  },
  {
    model: 'claude-opus-5',
    vendor: 'anthropic',
    speed: 'fast',
    usd: { input: 10, output: 50 },
    webSearches: 10,
    source: claudePricing,
    date: '2026-08-06',
  },
  {
    model: 'claude-opus-5-5',
    vendor: 'anthropic',
    speed: 'fast',
    usd: { input: 8, output: 40, cacheRead: 0.4 },
    webSearches: 10,
    source: 'https://apidog.com/jp/blog/claude-sonnet-5-5-pricing/',
    date: '2026-09-29',
    note: "second hand, quoting Anthropic's price list; twice the standard rate, cache reads at this model's 0.05x",
  },
  ...openaiFastRows(),
];

/** Models and changes younger than the catalogue. */
const newer: readonly HandRow[] = [
  {
    model: 'claude-sonnet-5-5',
    vendor: 'anthropic',
    to: '2026-10-07',
    usd: { input: 2, output: 10, cacheRead: 0.2 },
    webSearches: 10,
    window: 1_000_000,
    source: 'https://platform.claude.com/docs/en/models/sonnet-5-5/overview',
    date: '2026-09-29',
  },
  {
    model: 'claude-sonnet-5-5',
    vendor: 'anthropic',
    from: '2026-10-07',
    usd: { input: 2, output: 10, cacheRead: 0.1 },
    webSearches: 10,
    window: 1_000_000,
    source: claudePricing,
    date: '2026-10-16',
    note: 'cache reads halved on 2026-10-07, as reported by price tables that audit this page',
  },
  {
    model: 'claude-haiku-5-5',
    vendor: 'anthropic',
    usd: { input: 0.1, output: 0.5 },
    above: { promptTokens: 100_000, usd: { input: 0.5, output: 2.5 } },
    webSearches: 10,
    window: 1_000_000,
    source: 'https://platform.claude.com/docs/en/models/haiku-5-5/overview',
    date: '2026-10-07',
  },
  {
    model: 'gpt-6.1-sol',
    vendor: 'openai',
    usd: { input: 2, output: 10, cacheRead: 0.1, cacheWrite: 2.5 },
    above: { promptTokens: 272_000, usd: { input: 4, output: 15, cacheRead: 0.2, cacheWrite: 5 } },
    window: 1_050_000,
    source: 'https://developers.openai.com/api/docs/models/gpt-6.1-sol',
    date: '2026-09-29',
    note: 'as launch notes quote the page; long-context cache write by the rule of its siblings: twice, as all input',
  },
  {
    model: 'deepseek-flash',
    vendor: 'deepseek',
    usd: { input: 0.15, output: 0.6, cacheRead: 0.003 },
    source: 'https://api-docs.deepseek.com/quick_start/pricing',
    date: '2026-10-27',
    note: 'off-peak, which is all but 35 hours a week; twice that on weekdays 01-04 and 06-10 UTC',
  },
];

/** Older prices the catalogue has wrong or only in another currency. */
const older: readonly HandRow[] = [
  {
    model: 'claude-sonnet-4',
    vendor: 'anthropic',
    usd: { input: 3, output: 15 },
    above: { promptTokens: 200_000, usd: { input: 6, output: 22.5 } },
    webSearches: 10,
    window: 200_000,
    source: 'https://www.anthropic.com/pricing',
    date: '2025-09-29',
    note: 'as public calculators quote the page: the 1M beta of Sonnet 4 was billed as that of Sonnet 4.5; the catalogue has the tier for 4.5 only',
  },
  ...['deepseek-chat', 'deepseek-reasoner'].flatMap(deepseekAliases),
  ...['glm-4.5', 'glm-4.6', 'glm-4.7'].map((model) => glm(model, 0.6, 2.2, 0.11)),
  glm('glm-5', 1, 3.2, 0.2),
  glm('glm-5-turbo', 1.2, 4, 0.24),
  glm('glm-5.1', 1.4, 4.4, 0.26),
];

export const handRows: readonly HandRow[] = [...fast, ...newer, ...older];

/** Other names of a model the catalogue prices under one. */
export const handAliases: readonly (readonly [alias: string, model: string])[] = [
  ['gemini-3-pro', 'gemini-3-pro-preview'],
  ['gemini-3-flash', 'gemini-3-flash-preview'],
  ['gemini-3.1-pro', 'gemini-3.1-pro-preview'],
  ['gpt-5.6', 'gpt-5.6-sol'],
];

/** Context windows the catalogue leaves out, in tokens. Google's model pages (2026-09) and Moonshot's. */
export const handWindows: ReadonlyMap<string, number> = new Map([
  ['gemini-2.5-pro', 1_048_576],
  ['gemini-3-pro-preview', 1_048_576],
  ['gemini-3.1-pro-preview', 1_048_576],
  ['kimi-k2', 131_072],
]);

/** OpenAI's fast mode (called priority processing until 2026-07-30). Cache writes 1.25x input from GPT-5.6 on. */
function openaiFastRows(): readonly HandRow[] {
  const row = (
    model: string,
    [input, cacheRead, output]: readonly [number, number, number],
    more: Partial<HandRow> = {},
    writes = false,
  ): HandRow => ({
    model,
    vendor: 'openai',
    speed: 'fast',
    usd: { input, output, cacheRead, ...(writes ? { cacheWrite: input * 1.25 } : {}) },
    webSearches: 10,
    source: openaiFast,
    date: '2026-08-21',
    ...more,
  });
  const long = ([input, cacheRead, output]: readonly [number, number, number]): Partial<HandRow> => ({
    above: { promptTokens: 271_999, usd: { input, output, cacheRead, cacheWrite: input * 1.25 } },
  });
  return [
    row('gpt-5.6-sol', [10, 1, 60], { to: '2026-08-21', date: '2026-07-30' }, true),
    row('gpt-5.6-sol', [8, 0.8, 40], { from: '2026-08-21', ...long([16, 1.6, 60]) }, true),
    row('gpt-5.6-terra', [4, 0.4, 24], { from: '2026-07-30', ...long([8, 0.8, 36]) }, true),
    row('gpt-5.6-luna', [0.4, 0.04, 2.4], { from: '2026-07-30', ...long([0.8, 0.08, 3.6]) }, true),
    row('gpt-5.5', [12.5, 1.25, 75]),
    row('gpt-5.4', [5, 0.5, 30]),
    row('gpt-5.4-mini', [1.5, 0.15, 9]),
    row('gpt-5.2', [3.5, 0.35, 28]),
    row('gpt-5.1', [2.5, 0.25, 20]),
  ];
}

/**
 * The two names changed what they served: V3 and R1, then V3.1, V3.2, and V4 Flash from 2026-04-24 until they were retired
 * on 2026-07-24. What `deepseek-reasoner` cost under V4 is told differently by those who report it: left unpriced. The
 * catalogue stopped at V3 and R1.
 */
function deepseekAliases(model: string): readonly HandRow[] {
  const first =
    model === 'deepseek-chat'
      ? { input: 0.27, output: 1.1, cacheRead: 0.07 }
      : { input: 0.55, output: 2.19, cacheRead: 0.14 };
  const rows: readonly HandRow[] = [
    {
      model,
      vendor: 'deepseek',
      to: '2025-09-05T16:00:00Z',
      usd: first,
      window: 64_000,
      source: 'https://api-docs.deepseek.com/quick_start/pricing-details-usd',
      date: '2025-02-09',
      note: 'standard hours; the discount from 16:30 to 00:30 UTC is left out',
    },
    {
      model,
      vendor: 'deepseek',
      from: '2025-09-05T16:00:00Z',
      to: '2025-09-29',
      usd: { input: 0.56, output: 1.68, cacheRead: 0.07 },
      window: 128_000,
      source: 'https://api-docs.deepseek.com/news/news250821',
      date: '2025-08-21',
      note: 'the figures as articles of September 2025 give them',
    },
    {
      model,
      vendor: 'deepseek',
      from: '2025-09-29',
      to: '2026-04-24',
      usd: { input: 0.28, output: 0.42, cacheRead: 0.028 },
      window: 128_000,
      source: 'https://api-docs.deepseek.com/news/news250929',
      date: '2025-12-09',
      note: 'the figures as clients entered them from the price page',
    },
  ];
  const flash: HandRow = {
    model,
    vendor: 'deepseek',
    from: '2026-04-24',
    usd: { input: 0.14, output: 0.28, cacheRead: 0.0028 },
    window: 1_000_000,
    source: 'https://github.com/BerriAI/litellm/pull/29345',
    date: '2026-05-30',
    note: 'V4 Flash, quoting the price page',
  };
  return model === 'deepseek-chat' ? [...rows, flash] : rows;
}

function glm(model: string, input: number, output: number, cacheRead: number): HandRow {
  return {
    model,
    vendor: 'zai',
    usd: { input, output, cacheRead },
    window: 200_000,
    source: zai,
    date: '2026-05-30',
    note: "Z.AI's USD list as ccusage took it over (ryoppippi/ccusage 72e2372); the catalogue has it from 5.2 on",
  };
}
