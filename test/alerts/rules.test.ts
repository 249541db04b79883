import { describe, expect, it } from 'vitest';
import type { AlertSnapshot, WasFiring } from '../../src/alerts/rule.ts';
import { budgetState } from '../../src/metrics/budget.ts';
import { turn } from '../metrics/turns.ts';
import { rules, session, snapshot, spending, testNow } from './world.ts';

const never: WasFiring = () => false;
const always: WasFiring = () => true;

function find(type: string, world: Partial<AlertSnapshot>, was = never) {
  const rule = rules.get(type);
  if (rule === undefined) throw new Error(`no rule ${type}`);
  return rule.evaluate(snapshot(world), was);
}

it('are the published types', () => {
  expect([...rules.keys()].map((id) => id.replaceAll('-', '_'))).toEqual([
    'budget_warning',
    'cache_bust',
    'cache_low',
    'cold_cache',
    'compaction_advisory',
    'compaction_detected',
    'context_crisis',
    'context_warning',
    'cost_spike',
    'daily_cost',
    'ingest_error',
    'low_turns_left',
    'provider_dark',
    'rate_limit_near',
    'rate_limit_reset',
    'unpriced_model',
  ]);
});

it.each([...rules])('%s finds nothing in a world in which nothing is wrong', (_, rule) => {
  expect(rule.evaluate(snapshot(), never)).toEqual([]);
  expect(rule.evaluate(snapshot({ sessions: [session(50), session(undefined)] }), never)).toEqual([]);
});

describe('the context', () => {
  it.each([
    [79.9, [], []],
    [80, ['warning'], []],
    [94.9, ['warning'], []],
    [95, [], ['critical']],
  ])('at %f %% warns %j and cries %j', (fill, warning, crisis) => {
    const sessions = [session(fill)];
    expect(find('context-warning', { sessions }).map((each) => each.severity)).toEqual(warning);
    expect(find('context-crisis', { sessions }).map((each) => each.severity)).toEqual(crisis);
  });

  it('is off again five points below', () => {
    expect(find('context-warning', { sessions: [session(75)] }, always)).toHaveLength(1);
    expect(find('context-warning', { sessions: [session(74.9)] }, always)).toEqual([]);
    expect(find('context-crisis', { sessions: [session(90)] }, always)).toHaveLength(1);
    expect(find('context-crisis', { sessions: [session(89.9)] }, always)).toEqual([]);
  });

  it('warns quietly while the crisis speaks', () => {
    expect(find('context-warning', { sessions: [session(97)] }, always)).toMatchObject([{ isQuiet: true }]);
  });

  it('tells the published fields', () => {
    expect(find('context-crisis', { sessions: [session(96)] })).toMatchObject([
      { fields: { fill_pct: 96, should_compact: true } },
    ]);
    expect(find('context-warning', { sessions: [session(85, { turnsLeft: 7 })] })).toMatchObject([
      { fields: { fill_pct: 85, predicted_turns_remaining: 7 } },
    ]);
  });

  it('has few turns left from five down, until there are eight', () => {
    expect(find('low-turns-left', { sessions: [session(10, { turnsLeft: 5 })] })).toMatchObject([
      { severity: 'warning', fields: { predicted_turns_remaining: 5 } },
    ]);
    expect(find('low-turns-left', { sessions: [session(10, { turnsLeft: 6 })] })).toEqual([]);
    expect(find('low-turns-left', { sessions: [session(10, { turnsLeft: 7 })] }, always)).toHaveLength(1);
    expect(find('low-turns-left', { sessions: [session(10, { turnsLeft: 8 })] }, always)).toEqual([]);
  });

  it('counts one turn as one', () => {
    const message = (rule: string, facts: Parameters<typeof find>[1]): string | undefined =>
      find(rule, facts)[0]?.message;
    const left = (turnsLeft: number, fill: number) => ({ sessions: [session(fill, { turnsLeft })] });
    expect(message('low-turns-left', left(1, 10))).toBe('About 1 turn is left in the context.');
    expect(message('low-turns-left', left(2, 10))).toBe('About 2 turns are left in the context.');
    expect(message('context-warning', left(1, 85))).toBe('The context is 85 % full, about 1 turn left.');
    expect(message('context-warning', left(1_200, 85))).toBe('The context is 85 % full, about 1,200 turns left.');
    const unpriced = [{ model: 'm', provider: 'codex', turns: 1 }];
    expect(message('unpriced-model', { unpriced })).toBe(
      'A model without a known price was used: 1 turn is in no cost.',
    );
  });

  it('is best compacted when it fills ever faster (W-43)', () => {
    const compaction = { score: 0.7, advised: true };
    expect(find('compaction-advisory', { sessions: [session(60, { compaction })] })).toMatchObject([
      { severity: 'info', fields: { fill_pct: 60, advisory_score: 0.7, should_compact: true } },
    ]);
  });

  it('was compacted: told once, while it is fresh (W-42)', () => {
    const at = testNow - 60_000;
    expect(find('compaction-detected', { sessions: [session(20, { lastCompactionAt: at })] })).toMatchObject([
      { scope: String(at), isEvent: true },
    ]);
    const old = testNow - 16 * 60_000;
    expect(find('compaction-detected', { sessions: [session(20, { lastCompactionAt: old })] })).toEqual([]);
  });
});

describe('a budget', () => {
  const budget = (spent: number, scope: 'all' | 'project' = 'all') => ({
    scope,
    name: scope === 'all' ? undefined : 'shop CANARY',
    spending: { ...spending, today: spent * 1e9 },
    daily: budgetState(spent * 1e9, 10e9),
    weekly: undefined,
    monthly: budgetState(spent * 1e9, 20e9),
  });

  it('warns above 90 %, with amounts (W-41)', () => {
    expect(find('budget-warning', { budgets: [budget(9)] })).toEqual([]);
    expect(find('budget-warning', { budgets: [budget(9.5)] })).toMatchObject([
      {
        scope: 'daily',
        severity: 'warning',
        message: '95 % of the daily budget is spent: $9.50 of $10.00.',
        fields: { spent: 9.5, limit: 10, scope: 'daily', daily_spent: 9.5, daily_limit: 10, over_budget: false },
      },
    ]);
  });

  it('is one alert for each span, and critical when over', () => {
    expect(find('budget-warning', { budgets: [budget(30)] }).map((each) => [each.scope, each.severity])).toEqual([
      ['daily', 'critical'],
      ['monthly', 'critical'],
    ]);
  });

  it('of a project does not name it but to itself', () => {
    const [finding] = find('budget-warning', { budgets: [budget(30, 'project')] });
    expect(finding?.scope).toContain('CANARY');
    expect(JSON.stringify([finding?.message, finding?.fields])).not.toContain('CANARY');
  });
});

describe('cost', () => {
  it('spikes above three deviations and a dollar', () => {
    const world = (z: number, today: number) => ({ spending: { ...spending, today, spike: { z, meanNanoUsd: 1e9 } } });
    expect(find('cost-spike', world(3.1, 5e9))).toMatchObject([{ fields: { cost_usd: 5, z: 3.1 } }]);
    expect(find('cost-spike', world(3, 5e9))).toEqual([]);
    expect(find('cost-spike', world(9, 1e9))).toEqual([]);
    expect(find('cost-spike', world(Infinity, 5e9))).toMatchObject([{ fields: { z: null } }]);
  });

  it('of a day above the setting', () => {
    const world = (today: number) => ({ spending: { ...spending, today }, settings: { daily_cost_usd: 5 } });
    expect(find('daily-cost', world(5e9))).toEqual([]);
    expect(find('daily-cost', world(5.01e9))).toMatchObject([{ fields: { cost_usd: 5.01 } }]);
    expect(find('daily-cost', { spending: { ...spending, today: 5e9 } })).toEqual([]);
  });
});

describe('the cache', () => {
  const turns = Array.from({ length: 10 }, () => turn([70, 30]));
  it.each([
    [0.31, 1],
    [0.3, 0],
    [31, 1],
    [30, 0],
    [0, 0],
  ])('below %f: %i', (cache_hit_rate_min, count) => {
    const sessions = [session(10, { turns })];
    expect(find('cache-low', { sessions, settings: { cache_hit_rate_min } })).toHaveLength(count);
    expect(
      find('cache-low', { sessions: [session(10, { turns: turns.slice(1) })], settings: { cache_hit_rate_min } }),
    ).toEqual([]);
  });

  it('lost, from ten cents on, once', () => {
    const lost = (costNanoUsd: number | undefined, at = testNow) => ({
      turnId: 'ab',
      at,
      cause: 'ttl' as const,
      lostTokens: 9,
      costNanoUsd,
    });
    const world = (one: ReturnType<typeof lost>) => ({ sessions: [session(10, { regressions: [one] })] });
    expect(find('cache-bust', world(lost(1e8)))).toMatchObject([
      { scope: 'ab', isEvent: true, fields: { cause: 'ttl', cost_usd: 0.1 } },
    ]);
    expect(find('cache-bust', world(lost(9e7)))).toEqual([]);
    expect(find('cache-bust', world(lost(undefined)))).toEqual([]);
    expect(find('cache-bust', world(lost(1e9, testNow - 16 * 60_000)))).toEqual([]);
  });

  it('cold', () => {
    const signals = [
      {
        kind: 'cold_cache_session',
        severity: 'warning' as const,
        message: 'm',
        fields: { hit_rate: 0.01 },
        evidence: [],
      },
    ];
    expect(find('cold-cache', { sessions: [session(10, { signals })] })).toMatchObject([
      { fields: { hit_rate: 0.01 } },
    ]);
  });
});

describe('a usage limit', () => {
  const limit = (usedPct: number, change = {}) => ({
    limits: [
      {
        provider: 'codex',
        window: 'five_hour',
        windowMinutes: 300,
        usedPct,
        resetsAt: testNow + 60_000,
        at: testNow - 60_000,
        ...change,
      },
    ],
  });
  it('is near from 80 % on, critical from 95 %, off again below 75 %', () => {
    expect(find('rate-limit-near', limit(79.9))).toEqual([]);
    expect(find('rate-limit-near', limit(80))).toMatchObject([
      {
        severity: 'warning',
        fields: { window: 'five_hour', used_pct: 80, resets_at: new Date(testNow + 60_000).toISOString() },
      },
    ]);
    expect(find('rate-limit-near', limit(95))).toMatchObject([{ severity: 'critical' }]);
    expect(find('rate-limit-near', limit(75), always)).toHaveLength(1);
    expect(find('rate-limit-near', limit(74.9), always)).toEqual([]);
  });

  it('told longer ago than its window, or reset since, is not near', () => {
    expect(find('rate-limit-near', limit(99, { at: testNow - 301 * 60_000 }))).toEqual([]);
    expect(find('rate-limit-near', limit(99, { resetsAt: testNow }))).toEqual([]);
  });

  it('that was near tells its reset once', () => {
    expect(find('rate-limit-reset', limit(90, { resetsAt: testNow - 1_000 }))).toMatchObject([
      { isEvent: true, severity: 'info' },
    ]);
    expect(find('rate-limit-reset', limit(50, { resetsAt: testNow - 1_000 }))).toEqual([]);
    expect(find('rate-limit-reset', limit(90, { resetsAt: testNow - 16 * 60_000 }))).toEqual([]);
    expect(find('rate-limit-reset', limit(90))).toEqual([]);
  });
});

it('a model without a price, a log nobody can read, an agent gone dark', () => {
  expect(find('unpriced-model', { unpriced: [{ model: 'CANARY-1', provider: 'codex', turns: 3 }] })).toMatchObject([
    { scope: 'CANARY-1', isEvent: true, fields: { turns: 3 } },
  ]);
  expect(find('ingest-error', { troubles: [{ provider: 'codex', reason: 'quarantined', files: 2 }] })).toMatchObject([
    { fields: { provider: 'codex', reason: 'quarantined' }, message: expect.stringContaining('2 logs') },
  ]);
  expect(find('provider-dark', { dark: [{ id: 'codex', since: testNow }] })).toMatchObject([
    { fields: { provider: 'codex', since: '2026-05-04T10:00:00.000Z' } },
  ]);
});
