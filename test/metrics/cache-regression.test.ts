import { describe, expect, it } from 'vitest';
import { cacheRegressions } from '../../src/metrics/cache-regression.ts';
import { turn } from './turns.ts';

const minute = 60_000;
const full = turn([10, 80_000, 20_000, 0, 500]); // leaves 100 000 in the cache

describe('a cache regression', () => {
  it('after five minutes is one of time, and costs what was written again', () => {
    const cold = turn([10, 0, 100_000, 0, 500], { at: 5 * minute + 1 });
    // 100 000 × (6.25 − 0.50) USD per million = 0.575 USD
    expect(cacheRegressions([full, cold])).toEqual([
      { turnId: cold.id, at: cold.at, cause: 'ttl', lostTokens: 100_000, costNanoUsd: 575_000_000 },
    ]);
  });

  it('within five minutes is a bust', () => {
    expect(cacheRegressions([full, turn([0, 0, 100_000], { at: 5 * minute })])).toMatchObject([{ cause: 'bust' }]);
  });

  it('within an hour is a bust when the turn before wrote for an hour', () => {
    const hour = turn([10, 80_000, 0, 20_000, 500]);
    expect(cacheRegressions([hour, turn([0, 0, 0, 100_000], { at: 59 * minute })])).toMatchObject([{ cause: 'bust' }]);
    expect(cacheRegressions([hour, turn([0, 0, 0, 100_000], { at: 61 * minute })])).toMatchObject([{ cause: 'ttl' }]);
  });

  it('costs no more than what was lost, at the rates of what was written', () => {
    // lost 60 000 of 120 000 written, half of it for an hour: 60 000 × ((5.75 + 9.5) / 2) per million
    const cold = turn([0, 40_000, 60_000, 60_000], { at: minute });
    expect(cacheRegressions([full, cold])).toMatchObject([{ lostTokens: 60_000, costNanoUsd: 457_500_000 }]);
  });

  it.each([
    ['half of it was still read', turn([0, 50_000, 50_000])],
    ['the conversation was compacted', turn([0, 0, 20_000], { afterCompaction: true })],
    ['the model changed', turn([0, 0, 100_000], { model: 'claude-haiku-4-5' })],
    ['it is a side chain', turn([0, 0, 100_000], { sidechain: true })],
  ])('is none when %s', (_, next) => {
    expect(cacheRegressions([full, next])).toEqual([]);
  });

  it('of an unpriced turn has no price', () => {
    expect(cacheRegressions([full, turn([0, 0, 9], { price: undefined })])).toMatchObject([{ costNanoUsd: undefined }]);
  });

  it('is none in nothing', () => {
    expect(cacheRegressions([])).toEqual([]);
    expect(cacheRegressions([turn([5, 0, 0, 0, 1]), turn([5, 0, 0, 0, 1])])).toEqual([]);
  });
});
