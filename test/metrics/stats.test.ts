import { expect, it } from 'vitest';
import { mean, median, percentile, standardDeviation } from '../../src/metrics/stats.ts';

it.each([
  [[], 0.5, undefined],
  [[7], 0.9, 7],
  [[4, 1, 3, 2], 0.5, 2.5],
  [[10, 20, 30, 40, 50], 0.1, 14],
  [[10, 20, 30, 40, 50], 1, 50],
] as const)('of %j the value at %f is %s', (sample, share, expected) => {
  expect(percentile(sample, share)).toBe(expected);
});

it('of nothing is undefined, never 0', () => {
  expect([median([]), mean([]), standardDeviation([])]).toEqual([undefined, undefined, undefined]);
});

it('takes the deviation of the whole population', () => {
  expect(standardDeviation([2, 4, 4, 4, 5, 5, 7, 9])).toBe(2);
});
