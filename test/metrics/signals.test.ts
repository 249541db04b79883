import { describe, expect, it } from 'vitest';
import { loadMembers } from '../../src/members.ts';
import type { InsightTurn } from '../../src/metrics/insight-turn.ts';
import { findSignals, type SignalFacts, type SignalModule, wasteScore } from '../../src/metrics/signal.ts';
import { defaultThresholds } from '../../src/metrics/thresholds.ts';
import { call, reasoningTurn, turn } from './turns.ts';

const members = await loadMembers<SignalModule>('metrics/signals');

function find(kind: string, facts: Partial<SignalFacts>) {
  const whole = { turns: [], calls: [], thresholds: defaultThresholds, tellsCache: true, ...facts };
  return findSignals(members, whole).filter((signal) => signal.kind === kind);
}

it('finds nothing in nothing', () => {
  expect(findSignals(members, { turns: [], calls: [], thresholds: defaultThresholds, tellsCache: true })).toEqual([]);
});

it('are the five published kinds', () => {
  expect([...members.keys()].map((id) => id.replaceAll('-', '_'))).toEqual([
    'cold_cache_session',
    'context_bloat_turn',
    'file_heavy_session',
    'redundant_tool_calls',
    'thinking_waste',
  ]);
});

describe('repeated calls', () => {
  const kind = 'redundant_tool_calls';
  it('count when tool and arguments are the same', () => {
    const calls = [call('Read', 'a'), call('Read', 'b'), call('Read', 'a'), call('Read', 'a', { turnId: 't9' })];
    expect(find(kind, { calls })).toEqual([
      {
        kind,
        severity: 'warning',
        message: 'The same call was made 3 times although nothing had changed in between.',
        fields: { tool_name: 'Read', count: 3 },
        evidence: ['t', 't9'],
      },
    ]);
  });

  it.each([
    ['Edit', 'after an edit (W-33)'],
    ['apply_patch', 'after a patch'],
    ['Bash', 'after a command'],
  ])('by %s between them are no waste', (between) => {
    expect(find(kind, { calls: [call('Read', 'a'), call(between, 'x'), call('Read', 'a')] })).toEqual([]);
  });

  it('are no waste more than fifty calls apart, or of unknown arguments', () => {
    const far = [call('Read', 'a'), ...Array.from({ length: 50 }, (_, i) => call('Grep', `${i}`)), call('Read', 'a')];
    expect(find(kind, { calls: far })).toEqual([]);
    expect(find(kind, { calls: [call('Read'), call('Read')] })).toEqual([]);
  });
});

describe('reasoning', () => {
  const kind = 'thinking_waste';
  it.each([
    [60, []],
    [61, ['warning']],
    [85, ['warning']],
    [86, ['critical']],
  ])('of %i in 100 gives %j', (reasoning, severities) => {
    expect(find(kind, { turns: [reasoningTurn(100, reasoning)] }).map((signal) => signal.severity)).toEqual(severities);
  });

  it('is a share of the output of those turns that tell it', () => {
    const [signal] = find(kind, { turns: [reasoningTurn(100, 70), reasoningTurn(1000, undefined)] });
    expect(signal?.fields).toEqual({ thinking_tokens: 70, output_tokens: 100, ratio: 0.7 });
    expect(find(kind, { turns: [reasoningTurn(1000, undefined)] })).toEqual([]);
  });
});

describe('a cold cache', () => {
  const kind = 'cold_cache_session';
  const cold = (): InsightTurn => turn([960, 40, 0, 0, 5]); // coverage 4 %
  it('is seen from the fourth turn on', () => {
    expect(find(kind, { turns: [cold(), cold(), cold()] })).toEqual([]);
    const turns = [cold(), cold(), cold(), cold()];
    expect(find(kind, { turns })).toMatchObject([{ fields: { hit_rate: 0.04, turns: 4 }, evidence: [turns[3]?.id] }]);
  });

  it('goes by the user’s own threshold, the main chain, and logs that tell the cache', () => {
    const turns = [cold(), cold(), cold(), cold()];
    expect(find(kind, { turns, thresholds: { ...defaultThresholds, coldCachePct: 4 } })).toEqual([]);
    expect(find(kind, { turns: turns.map((each) => ({ ...each, sidechain: true })) })).toEqual([]);
    expect(find(kind, { turns, tellsCache: false })).toEqual([]);
  });
});

it('a bloated turn is well above the mean and not small', () => {
  const kind = 'context_bloat_turn';
  const turns = [turn([1000]), turn([1000]), turn([7000])];
  expect(find(kind, { turns })).toMatchObject([
    { severity: 'info', fields: { turn_index: 2, input_tokens: 7000, session_avg: 3000 }, evidence: [turns[2]?.id] },
  ]);
  expect(find(kind, { turns: [turn([3]), turn([3]), turn([900])] })).toEqual([]);
  expect(find(kind, { turns: [turn([1000]), turn([1000]), turn([4000])] })).toEqual([]); // exactly twice
});

it('reading files is much from ten calls and two in five on', () => {
  const kind = 'file_heavy_session';
  const turns = Array.from({ length: 5 }, () => turn([1]));
  const reads = Array.from({ length: 10 }, (_, i) => call(i % 2 === 0 ? 'Read' : 'mcp_view_file', `${i}`));
  const other = (n: number) => Array.from({ length: n }, (_, i) => call('Think', `o${i}`));
  expect(find(kind, { turns, calls: [...reads, ...other(15)] })).toMatchObject([
    { fields: { file_read_calls: 10, total_tool_calls: 25, read_pct: 40 } },
  ]);
  expect(find(kind, { turns, calls: [...reads, ...other(16)] })).toEqual([]);
  expect(find(kind, { turns, calls: reads.slice(1) })).toEqual([]);
  expect(find(kind, { turns: turns.slice(1), calls: reads })).toEqual([]);
});

it('waste is 40, 20 and 5 points, at most 100', () => {
  expect(wasteScore([])).toBe(0);
  expect(wasteScore([{ severity: 'critical' }, { severity: 'warning' }, { severity: 'info' }])).toBe(65);
  expect(wasteScore(Array.from({ length: 9 }, () => ({ severity: 'critical' as const })))).toBe(100);
});

it('come worst first, and their sentences hold no name from a log', () => {
  const turns = Array.from({ length: 5 }, () => reasoningTurn(100, 90));
  const calls = [...Array.from({ length: 10 }, () => call('ReadCANARY', 'same')), call('Other', 'x')];
  const signals = findSignals(members, { turns, calls, thresholds: defaultThresholds, tellsCache: true });
  expect(signals.map((signal) => signal.severity)).toEqual(['critical', 'warning', 'info']);
  for (const { message } of signals) expect(message).not.toContain('CANARY');
});
