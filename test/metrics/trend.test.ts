import { expect, it } from 'vitest';
import { weekTrend } from '../../src/metrics/trend.ts';

const week = (value: number | undefined): readonly (number | undefined)[] => Array.from({ length: 7 }, () => value);

it('sets the last seven days against the seven before', () => {
  expect(weekTrend([9, ...week(2), ...week(3)])).toEqual({ mean: 3, changePct: 50 });
  expect(weekTrend([...week(4), ...week(1)])).toEqual({ mean: 1, changePct: -75 });
});

it('tells no change from nothing, and nothing of nothing', () => {
  expect(weekTrend([...week(0), ...week(3)])).toEqual({ mean: 3, changePct: undefined });
  expect(weekTrend(week(3))).toEqual({ mean: 3, changePct: undefined });
  expect(weekTrend([...week(1), ...week(undefined)])).toBeUndefined();
  expect(weekTrend([])).toBeUndefined();
});

it('leaves out days of which nothing is known', () => {
  expect(weekTrend([...week(10), 5, undefined, undefined, 15, undefined, undefined, undefined])).toEqual({
    mean: 10,
    changePct: 0,
  });
});
