import { expect, it } from 'vitest';
import { compactionAdvice } from '../../src/metrics/compaction-advice.ts';
import { isCompactionDrop } from '../../src/metrics/compaction-drop.ts';
import { turn } from './turns.ts';

const noWrites = turn([0, 100, 0, 0, 1]);

it.each([
  // s0 = 5, s1 = 20: accel = 3/3, score 1
  ['speeds up fourfold at 75 %', [50, 55, 75], noWrites, 1, true],
  // s0 = 5, s1 = 10: accel = 1/3, score 0.6
  ['doubles its step', [45, 50, 60], noWrites, 0.6, false],
  // |s0| <= 0.5, s1 > 1: accel 0.4, score 0.64
  ['stood still and starts', [60, 60.4, 62], noWrites, 0.64, false],
  ['slows down', [40, 60, 65], noWrites, 0.4, false],
  ['is full already', [60, 65, 85], noWrites, 1, false],
  ['has room', [10, 12, 40], noWrites, 1, false],
  // half of the prompt was written to the cache: half the score
  ['has just filled the cache', [50, 55, 75], turn([0, 50, 50, 0, 1]), 0.5, false],
] as const)('a context that %s', (_, fills, last, score, advised) => {
  const advice = compactionAdvice(fills, last);
  expect(advice?.score).toBeCloseTo(score, 10);
  expect(advice?.advised).toBe(advised);
});

it('advises nothing on two turns, or without a prompt', () => {
  expect(compactionAdvice([60, 70], noWrites)).toBeUndefined();
  expect(compactionAdvice([50, 60, 70], turn([]))).toBeUndefined();
});

it('can advise from 55 % on: no fill enters the score (W-43)', () => {
  expect(compactionAdvice([50, 51, 56], noWrites)?.advised).toBe(true);
});

it.each([
  [50_001, 25_000, true],
  [50_000, 1_000, false],
  [120_000, 60_000, false],
  [120_000, 59_999, true],
])('a prompt that falls from %i to %i is a compaction: %s', (before, now, expected) => {
  expect(isCompactionDrop(before, now)).toBe(expected);
});
