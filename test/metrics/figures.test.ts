import { describe, expect, it } from 'vitest';
import { loadMembers } from '../../src/members.ts';
import type { FigureFacts, FigureModule } from '../../src/metrics/figure.ts';
import { reasoningTurn, turn } from './turns.ts';

const members = await loadMembers<FigureModule>('metrics/figures');
const nothing: FigureFacts = {
  turns: [],
  compactions: 0,
  sessions: 0,
  contextFillPct: undefined,
  wasteScore: 0,
};

const minute = 60_000;
/** Two turns a quarter of an hour apart, a dollar and three. */
const two: FigureFacts = {
  ...nothing,
  turns: [
    turn([1_000, 0, 3_000, 0, 500], { costNanoUsd: 1e9, durationMs: 2_000, mcpCalls: 3 }),
    turn([1_000, 4_000, 0, 1_000, 1_500], { at: 15 * minute, costNanoUsd: 3e9, durationMs: 4_000, sidechain: false }),
  ],
  compactions: 2,
  sessions: 1,
  contextFillPct: 41.5,
  wasteScore: 25,
};

it('are the 24 published ids', () => {
  expect(members.size).toBe(24);
  for (const id of members.keys()) expect(id).toMatch(/^[a-z0-9-]+$/);
});

describe.each([...members])('%s', (id, figure) => {
  it('is unknown, not 0, when there is nothing', () => {
    expect(figure.of(nothing)).toBe(id === 'compaction-count' ? 0 : undefined);
  });
});

it.each([
  ['cache-hit-rate', (4_000 / 6_000) * 100],
  // R 4 000 × 4.50 − W5 3 000 × 1.25 − W1 1 000 × 5 USD per million
  ['cache-savings-usd', 0.018 - 0.00375 - 0.005],
  // 4 000 × 4.5 / (3 000 × 6.25 + 1 000 × 10)
  ['cache-roi', 18_000 / 28_750],
  ['cache-warmup-turns', 2],
  ['total-cost-usd', 4],
  ['cost-per-turn', 2],
  ['cost-per-output-token', 2],
  ['projected-daily-cost', 384],
  ['token-velocity', 8_000 / 15],
  ['output-velocity', 2_000 / 15],
  ['turns-per-hour', 8],
  ['avg-turn-latency-ms', 3_000],
  ['p95-turn-latency-ms', 4_000],
  ['context-efficiency', (2_000 / 6_000) * 100],
  ['mcp-density', 1.5],
  ['context-growth-rate', 3_000], // 4 500 to 7 500
  ['turn-size-cv', (2_500 / 4_000) * 100], // 1 500 and 6 500
  ['session-depth', 2],
  ['session-duration-mins', 15],
  ['compaction-count', 2],
  ['context-pressure-pct', 41.5],
  ['burn-rate-per-hour', 16],
  ['waste-score', 25],
])('%s of the two turns is %f', (id, expected) => {
  expect(members.get(id)?.of(two)).toBeCloseTo(expected, 9);
});

it('reasoning counts where it is told', () => {
  const turns = [reasoningTurn(100, 25), reasoningTurn(900, undefined)];
  expect(members.get('thinking-ratio')?.of({ ...nothing, turns })).toBe(25);
});

it('a cost is over priced turns alone, and none where none is priced', () => {
  const unpriced = turn([1, 0, 0, 0, 50], { price: undefined, at: minute });
  const priced = turn([1, 0, 0, 0, 50], { costNanoUsd: 2e9 });
  expect(members.get('cost-per-turn')?.of({ ...nothing, turns: [priced, unpriced] })).toBe(2);
  for (const id of ['total-cost-usd', 'cost-per-turn', 'burn-rate-per-hour', 'cache-savings-usd', 'cache-roi'])
    expect(members.get(id)?.of({ ...nothing, turns: [unpriced, unpriced] }), id).toBeUndefined();
});

it('growth leaves a compaction and side chains out', () => {
  const at = (contextTokens: number, change = {}) => turn([1], { contextTokens, ...change });
  const turns = [at(100), at(200), at(9_999, { sidechain: true }), at(50, { afterCompaction: true }), at(100)];
  expect(members.get('context-growth-rate')?.of({ ...nothing, turns })).toBe(75);
});
