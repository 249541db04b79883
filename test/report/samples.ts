import { type ReportFrame, reportJson, type SumsRow, toolReportJson } from '../../src/report/assemble.ts';
import { addSums, emptySums, figuresOf, type Sums } from '../../src/report/figures.ts';
import type { ReportJson, StatusJson } from '../../src/report/shape.ts';

/** Ten turns of 1,000 uncached input, 9,000 read, 500 written, 200 out for $1.50 at our prices, and what is given. */
export function sums(given: Partial<Sums> = {}): Sums {
  return {
    ...emptySums,
    sessions: 1,
    turns: 10,
    prompts: 3,
    uncachedInputTokens: 1000,
    cacheReadInputTokens: 9000,
    cacheCreation1hInputTokens: 500,
    outputTokens: 200,
    calculatedNanoUsd: 1_500_000_000,
    calculatedTurns: 10,
    autoNanoUsd: 1_500_000_000,
    autoTurns: 10,
    savingsNanoUsd: -250_000_000,
    ...given,
  };
}

export const unpriced = { calculatedNanoUsd: 0, calculatedTurns: 0, autoNanoUsd: 0, autoTurns: 0, savingsNanoUsd: 0 };

export function cost(dollars: number): Partial<Sums> {
  return { calculatedNanoUsd: dollars * 1e9, autoNanoUsd: dollars * 1e9 };
}

export function frame(rows: readonly { readonly sums: Sums }[] = []): ReportFrame {
  return {
    timezone: 'Europe/Berlin',
    since: null,
    until: null,
    generatedAt: Date.parse('2026-04-10T12:32:00Z'),
    totals: rows.map((row) => row.sums).reduce(addSums, emptySums),
    unpricedModels: [],
    asOf: Date.parse('2026-04-10T12:31:59Z'),
    ingest: { files: 12, skippedRecords: 0 },
    mode: 'auto',
  };
}

export function row(key: string | null, given: Partial<Sums> = {}): SumsRow<'day'> {
  return { key, sums: sums(given), extras: {}, providers: ['claude-code'], models: ['claude-opus-4-6'] };
}

const sessionExtras = {
  provider: 'claude-code',
  provider_version: '2.1.0',
  project: 'scopeon',
  branch: 'main',
  started_at: '2026-04-10T08:10:00.000Z',
  last_turn_at: '2026-04-10T12:00:00.000Z',
  context_fill_pct: 84,
  context_window: 200_000,
  compactions: 0,
  tags: ['release'],
  is_subagent: false,
  parent_id: null,
  subagents: 1,
};

/** One report of every shape, with names no terminal, sheet or page should trust. */
export function everyReport(): readonly ReportJson[] {
  const nasty = ['=cmd|calc', '@team #12 <b>|`x`', 'a\u001b[31m\nb', '漢字プロジェクト', null];
  const days = [row('2026-04-09', cost(12_345.67)), row('2026-04-10', unpriced)];
  const parts = [{ model: 'claude-opus-4-6', provider: 'claude-code', sums: sums() }];
  const sessions = nasty.map((project, index) => {
    const id = `5335${index}f00-1978-4cbe-9e4e-d437bb0d3f25`;
    const extras = {
      ...sessionExtras,
      id,
      project,
      is_subagent: index === 1,
      context_fill_pct: index === 2 ? null : 84,
    };
    return { ...row(id, index === 3 ? unpriced : {}), key: id, extras };
  });
  const key = '2026-04-10T12:00:00.000Z';
  const block = {
    start: key,
    end: '2026-04-10T17:00:00.000Z',
    active: true,
    burn_rate_tokens_per_min: 45_678.9,
    burn_rate_usd_per_hour: 7.2,
    projected_tokens: 14_500_000,
    projected_cost_usd: 18.2,
  };
  const model = { model_id: 'claude-opus-4-6', speed: 'fast' as const };
  const tool = {
    calls: 10,
    errors: 1,
    sessions: 2,
    input_size_bytes: 1000,
    output_size_bytes: null,
    providers: ['codex'],
  };
  return [
    reportJson({ ...frame(days), by: 'day', rows: days }),
    reportJson({
      ...frame(days),
      by: 'day',
      rows: days.map((day) => ({ ...day, breakdown: parts })),
      unpricedModels: ['x-1'],
    }),
    reportJson({ ...frame(), by: 'week', rows: [], since: '2026-04-01', until: '2026-04-10T00:00:00.000Z' }),
    reportJson({ ...frame(), by: 'hour', rows: [row('2026-10-25T02:00+02:00'), row('2026-10-25T02:00+01:00')] }),
    reportJson({ ...frame(sessions), by: 'session', rows: sessions }),
    reportJson({ ...frame(), by: 'project', rows: nasty.map((name) => row(name)) }),
    reportJson({ ...frame(), by: 'model', rows: [{ ...row('claude-opus-4-6-fast'), extras: model }] }),
    reportJson({ ...frame(), by: 'block', rows: [{ ...row(key), extras: block }] }),
    toolReportJson({ ...frame(), rows: nasty.map((name) => ({ ...tool, key: name, server: name ?? 'github' })) }),
  ];
}

export function status(given: Partial<StatusJson> = {}): StatusJson {
  const figures = figuresOf(sums(), 'auto');
  const none = { spent: 1.5, limit: null, pct: null };
  return {
    schema_version: 1,
    timezone: 'Europe/Berlin',
    generated_at: '2026-04-10T12:32:00.000Z',
    as_of: '2026-04-10T12:31:59.000Z',
    today: figures,
    week: figures,
    month: figures,
    all: figures,
    context: {
      session_id: 's',
      provider: 'claude-code',
      project: 'scopeon',
      model: 'claude-opus-4-6',
      context_window: 200_000,
      window_source: 'table',
      used_tokens: 168_000,
      fill_pct: 84,
      tokens_remaining: 32_000,
      pressure_level: 'high',
      predicted_turns_remaining: 18,
      last_turn_at: '2026-04-10T12:29:00.000Z',
      stale: false,
    },
    live_sessions: 2,
    health_score: 84,
    top_project: { project: 'scopeon', cost_usd: 3.1, total_tokens: 900_000 },
    budget: { daily: { spent: 1.5, limit: 10, pct: 15 }, weekly: none, monthly: { spent: 210, limit: 200, pct: 105 } },
    limits: [
      {
        provider: 'claude-code',
        window: 'five_hour',
        window_minutes: 300,
        used_pct: 63,
        used: null,
        entitlement: null,
        since: null,
        resets_at: '2026-04-10T14:42:00.000Z',
        reached: false,
        plan: null,
        state: 'current',
        source: 'log',
        as_of: '2026-04-10T12:20:00.000Z',
        age_secs: 600,
      },
    ],
    unpriced_models: [],
    collector: { pid: 4711 },
    ...given,
  };
}

export function emptyStatus(): StatusJson {
  const nothing = figuresOf(emptySums, 'auto');
  const none = { spent: 0, limit: null, pct: null };
  return status({
    as_of: null,
    today: nothing,
    week: nothing,
    month: nothing,
    all: nothing,
    context: null,
    live_sessions: 0,
    health_score: null,
    top_project: null,
    budget: { daily: none, weekly: none, monthly: none },
    limits: [],
    collector: { pid: null },
  });
}
