import { describe, expect, it } from 'vitest';
import { turnsLeft, usualGrowth } from '../../src/metrics/context-growth.ts';

describe('turns left', () => {
  it('is unknown when nothing tells the growth, and not a constant (W-30)', () => {
    expect(turnsLeft([], 100_000, undefined)).toBeUndefined();
    expect(turnsLeft([10_000, 20_000], 100_000, undefined)).toBeUndefined();
  });

  it('goes by the habit alone below three turns', () => {
    expect(turnsLeft([10_000], 100_000, 2_000)).toEqual({ turns: 50, low: 50, high: 50 });
  });

  it('goes by the slope alone without a habit', () => {
    expect(turnsLeft([10_000, 12_000, 14_000, 16_000], 100_000, undefined)).toEqual({ turns: 50, low: 50, high: 50 });
  });

  it('is not bent by one jump: the median of the slopes stays', () => {
    // slopes of the steady five are all 1 000; the jump of the last adds 5 of 15
    const left = turnsLeft([10_000, 11_000, 12_000, 13_000, 14_000, 115_000], 50_000, undefined);
    expect(left).toEqual({ turns: 50, low: expect.any(Number), high: 50 });
    expect(left?.low).toBeLessThan(50);
  });

  it('blends habit and slope: half and half at eight turns', () => {
    const used = Array.from({ length: 8 }, (_, i) => 10_000 + i * 1_000);
    expect(turnsLeft(used, 100_000, 3_000)).toEqual({ turns: 50, low: 50, high: 50 }); // 0.5·3 000 + 0.5·1 000
  });

  it('forgets the habit from thirteen turns on', () => {
    const used = Array.from({ length: 13 }, (_, i) => 10_000 + i * 1_000);
    expect(turnsLeft(used, 100_000, 9_000)?.turns).toBe(100);
  });

  it('looks back on twenty turns at most', () => {
    const used = [...Array.from({ length: 30 }, () => 0), ...Array.from({ length: 20 }, (_, i) => i * 500)];
    expect(turnsLeft(used, 10_000, undefined)?.turns).toBe(20);
  });

  it.each([
    ['a context that shrinks', [30_000, 20_000, 10_000]],
    ['a context that stands still', [10_000, 10_000, 10_000]],
  ])('is unknown for %s', (_, used) => {
    expect(turnsLeft(used, 100_000, undefined)).toBeUndefined();
  });

  it('has no upper bound when the slower quarter does not grow', () => {
    expect(turnsLeft([0, 0, 100, 0, 400, 100, 900], 1_000, undefined)).toMatchObject({ high: undefined });
  });

  it('ends at 0 and at 10 000', () => {
    expect(turnsLeft([1, 2, 3], -5, undefined)?.turns).toBe(0);
    expect(turnsLeft([1, 2, 3], 1e9, undefined)?.turns).toBe(10_000);
  });
});

it('a habit needs twenty differences', () => {
  expect(usualGrowth(Array.from({ length: 19 }, () => 5))).toBeUndefined();
  expect(usualGrowth([...Array.from({ length: 19 }, () => 5), 900])).toBe(5);
});
