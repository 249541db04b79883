import { describe, expect, it } from 'vitest';
import { loadMembers } from '../../src/members.ts';
import { findSuggestions, type SuggestionFacts, type SuggestionModule } from '../../src/metrics/suggestion.ts';
import { call, reasoningTurn, turn } from './turns.ts';

const members = await loadMembers<SuggestionModule>('metrics/suggestions');
const nothing: SuggestionFacts = {
  turns: [],
  calls: [],
  signals: [],
  compactions: 0,
  tasks: [],
  tells: { cache: true, skills: true, mcpIdentity: true },
  skillsUsed: 0,
  hooks: { starts: 0, blocked: 0 },
  habit: undefined,
  today: undefined,
  pricesAgeDays: 0,
};
const day = 24 * 60 * 60 * 1000;
const times = <T>(n: number, make: (i: number) => T): T[] => Array.from({ length: n }, (_, i) => make(i));
const signal = (kind: string, fields: Record<string, number | string>, evidence: string[] = ['t1']) =>
  ({ kind, severity: 'warning', message: '', fields, evidence }) as const;

function find(id: string, facts: Partial<SuggestionFacts>) {
  return findSuggestions(members, { ...nothing, ...facts }).find((each) => each.id === id);
}

it('suggest nothing of nothing', () => {
  expect(findSuggestions(members, nothing)).toEqual([]);
});

it('are the 19 published ids', () => {
  expect(members.size).toBe(19);
});

const cold = (n: number) => times(n, (i) => turn([1_000_000, 0, 0, 0, 1], { at: i * day, costNanoUsd: 5e9 }));
const habit = { turns: 50, cacheCoverageRatio: 0.5, meanUncachedInputTokens: 1_000, meanCostNanoUsd: 1e9 };
const spike = { z: 3, meanNanoUsd: 1e9, costNanoUsd: 5e9, days: 30, hoursSoFar: 21 };

describe.each<[id: string, found: Partial<SuggestionFacts>, notFound: Partial<SuggestionFacts>]>([
  [
    'cache-warmup',
    { turns: [...times(6, () => turn([10])), turn([1, 9])] },
    { turns: [...times(5, () => turn([10])), turn([1, 9])] },
  ],
  ['compaction-freq', { compactions: 3 }, { compactions: 2 }],
  ['thinking-ratio', { turns: [reasoningTurn(100, 61)] }, { turns: [reasoningTurn(100, 60)] }],
  ['redundant-tools', { signals: [signal('redundant_tool_calls', { tool_name: 'CANARY', count: 3 })] }, {}],
  ['cold-cache', { signals: [signal('cold_cache_session', { hit_rate: 0, turns: 9 })] }, {}],
  ['high-mcp', { turns: [turn([1], { mcpCalls: 6 })] }, { turns: [turn([1], { mcpCalls: 5 })] }],
  [
    'heavy-mcp-server',
    { calls: times(3, () => call('x', 'd', { mcpServer: 'CANARY' })) },
    {
      calls: times(3, () => call('x', 'd', { mcpServer: 'CANARY' })),
      tells: { ...nothing.tells, mcpIdentity: false },
    },
  ],
  [
    'task-fanout',
    { tasks: [{ turnId: 't1', totalTokens: 100_001, toolCalls: 2, promptSizeBytes: undefined }] },
    { tasks: [{ turnId: 't1', totalTokens: 100_000, toolCalls: 20, promptSizeBytes: undefined }] },
  ],
  [
    'task-prompt-bloat',
    { tasks: [{ turnId: undefined, totalTokens: undefined, toolCalls: undefined, promptSizeBytes: 8_001 }] },
    { tasks: [{ turnId: undefined, totalTokens: undefined, toolCalls: undefined, promptSizeBytes: 8_000 }] },
  ],
  [
    'skill-opportunity',
    { calls: times(8, (i) => call('Grep', `${i}`)) },
    { calls: times(8, (i) => call('Grep', `${i}`)), skillsUsed: 1 },
  ],
  ['hook-activity', { hooks: { starts: 1, blocked: 1 } }, {}],
  ['below-avg-cache', { turns: [turn([66, 34])], habit }, { turns: [turn([65, 35])], habit }],
  ['above-avg-input', { turns: times(5, () => turn([1_751])), habit }, { turns: times(5, () => turn([1_750])), habit }],
  [
    'high-cost-per-turn',
    { turns: times(3, () => turn([1], { costNanoUsd: 2.1e9 })), habit },
    { turns: times(3, () => turn([1], { costNanoUsd: 2e9 })), habit },
  ],
  ['zscore-high-cost-day', { today: spike }, { today: { ...spike, z: 2 } }],
  ['zscore-low-cost-day', { today: { ...spike, z: -3 } }, { today: { ...spike, z: -3, hoursSoFar: 8 } }],
  [
    'file-heavy-session',
    { signals: [signal('file_heavy_session', { file_read_calls: 12, total_tool_calls: 20, read_pct: 60 })] },
    {},
  ],
  [
    'conversation-phase',
    { turns: [...times(3, () => turn([100])), ...times(3, () => turn([50]))] },
    { turns: times(6, () => turn([100])) },
  ],
  ['pricing-stale', { pricesAgeDays: 30 }, { pricesAgeDays: 29.9 }],
])('%s', (id, found, notFound) => {
  it('is found where it holds, and not a step before', () => {
    expect(find(id, found)).toMatchObject({ id, title: expect.any(String), body: expect.any(String) });
    expect(find(id, notFound)).toBeUndefined();
  });

  it('says numbers and no name from a log', () => {
    const suggestion = find(id, found);
    expect(JSON.stringify(suggestion)).not.toMatch(/CANARY|NaN|undefined|Infinity/);
  });
});

describe('what it would save', () => {
  it('is the excess over the habit, for a month', () => {
    // 3 turns over 2 days at 5 USD, usually 1 USD: 12 USD in 2 days
    expect(find('high-cost-per-turn', { turns: cold(3), habit })?.savingNanoUsdPerMonth).toBe(180e9);
  });

  it('of a cold cache is what usually had been read', () => {
    // half of 1 M tokens each, 4.50 USD per million less: 3 × 2.25 USD in 2 days
    const turns = cold(3);
    const signals = [
      signal(
        'cold_cache_session',
        { hit_rate: 0, turns: 6 },
        turns.map((each) => each.id),
      ),
    ];
    expect(find('cold-cache', { turns, signals, habit })?.savingNanoUsdPerMonth).toBe(101.25e9);
  });

  it('is unknown without a price or a habit', () => {
    const turns = cold(3).map((each) => ({ ...each, price: undefined }));
    expect(find('below-avg-cache', { turns, habit })).toMatchObject({ savingNanoUsdPerMonth: undefined });
    const signals = [
      signal(
        'cold_cache_session',
        { hit_rate: 0, turns: 6 },
        cold(3).map((each) => each.id),
      ),
    ];
    expect(find('cold-cache', { turns: cold(3), signals })?.savingNanoUsdPerMonth).toBeUndefined();
    expect(find('zscore-high-cost-day', { today: spike })?.savingNanoUsdPerMonth).toBeUndefined();
  });

  it('of less than a day counts as a day', () => {
    const turns = times(3, () => turn([1], { costNanoUsd: 3e9 }));
    expect(find('high-cost-per-turn', { turns, habit })?.savingNanoUsdPerMonth).toBe(180e9);
  });
});

it('come worst first, then by what they save', () => {
  const all = findSuggestions(members, {
    ...nothing,
    turns: cold(6),
    habit,
    compactions: 3,
    pricesAgeDays: 40,
  });
  expect(all.map((each) => each.severity)).toEqual(
    [...all.map((each) => each.severity)].sort((a, b) => (a === b ? 0 : a === 'warning' ? -1 : 1)),
  );
  const [first, second] = all;
  expect(first?.savingNanoUsdPerMonth ?? 0).toBeGreaterThanOrEqual(second?.savingNanoUsdPerMonth ?? 0);
});
