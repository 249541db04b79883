import { expect, it } from 'vitest';
import { adaptiveThresholds, defaultThresholds } from '../../src/metrics/thresholds.ts';

const days = (n: number, coverage: (i: number) => number | undefined, thinking?: (i: number) => number | undefined) =>
  Array.from({ length: n }, (_, i) => ({ cacheCoverageRatio: coverage(i), thinkingRatio: thinking?.(i) }));

it('are the defaults below seven days', () => {
  expect(adaptiveThresholds(days(6, () => 0.9))).toBe(defaultThresholds);
});

it('take the lowest tenth of cache coverage, at least 1 %', () => {
  expect(adaptiveThresholds(days(11, (i) => i / 10)).coldCachePct).toBeCloseTo(10, 10);
  expect(adaptiveThresholds(days(11, () => 0)).coldCachePct).toBe(1);
  expect(adaptiveThresholds(days(11, () => undefined)).coldCachePct).toBe(5);
});

it('take the highest tenth of reasoning, from 0.60 to 0.95, when three days have any', () => {
  const warn = (ratio: number) =>
    adaptiveThresholds(
      days(
        10,
        () => 0.5,
        () => ratio,
      ),
    );
  expect(warn(0.1)).toMatchObject({ thinkingRatioWarn: 0.6, thinkingRatioCritical: 0.85, days: 10 });
  expect(warn(0.8)).toMatchObject({ thinkingRatioWarn: 0.8, thinkingRatioCritical: 0.9 });
  expect(warn(0.99)).toMatchObject({ thinkingRatioWarn: 0.95, thinkingRatioCritical: 0.975 });
  expect(
    adaptiveThresholds(
      days(
        10,
        () => 0.5,
        (i) => (i < 2 ? 0.9 : 0),
      ),
    ).thinkingRatioWarn,
  ).toBe(0.6);
});

it('look at ninety days at most', () => {
  expect(adaptiveThresholds(days(200, (i) => (i < 90 ? 0.5 : 0))).coldCachePct).toBe(50);
});
