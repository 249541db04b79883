import fc from 'fast-check';
import { expect, it } from 'vitest';
import { heatLevels } from '../../src/metrics/heat.ts';

it.each([
  [[], []],
  [
    [0, 0],
    [0, 0],
  ],
  [[5], [4]],
  [
    [0, 1, 2, 3, 4],
    [0, 1, 2, 3, 4],
  ],
  // One dear day does not pale the others.
  [
    [1, 2, 3, 1000],
    [1, 2, 3, 4],
  ],
  [
    [2, 2, 2, 2, 3],
    [2, 2, 2, 2, 4],
  ],
  [
    [7, 7, 0],
    [4, 4, 0],
  ],
])('levels of %j are %j', (values, levels) => {
  expect(heatLevels(values)).toEqual(levels);
});

it('never gives a greater value a lower level, and nothing is 0 alone', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(50)), (values) => {
      const levels = heatLevels(values);
      const sorted = values.map((value, at) => [value, levels[at] ?? -1] as const).sort(([a], [b]) => a - b);
      for (const [at, [value, level]] of sorted.entries()) {
        expect(level === 0).toBe(value === 0);
        expect(level).toBeGreaterThanOrEqual(sorted[at - 1]?.[1] ?? 0);
      }
    }),
  );
});
