import { describe, expect, it } from 'vitest';
import { cacheCoverageRatio, cacheHitRatio } from '../../src/metrics/cache.ts';
import { contextPressure } from '../../src/metrics/context-pressure.ts';
import { contextWindow } from '../../src/metrics/context-window.ts';
import { builtInPrices } from '../../src/metrics/price-snapshot.ts';
import { createPriceBook } from '../../src/metrics/prices.ts';
import { usage } from './usage.ts';

const book = createPriceBook(builtInPrices);

describe('the context window', () => {
  it.each([
    [
      'what the log reports, before all else',
      { model: 'gpt-5.4', reported: 258_400, observedMax: 300_000 },
      258_400,
      'reported',
    ],
    ['the [1m] of the name', { model: 'claude-sonnet-4-5-20250929[1m]' }, 1_000_000, 'hint'],
    ['the hint of the settings', { model: 'claude-opus-4-5', hint1m: true, reported: 0 }, 1_000_000, 'hint'],
    ['a prompt larger than the table', { model: 'claude-sonnet-4-5', observedMax: 200_001 }, 1_000_000, 'observed'],
    ['a prompt larger than the guess', { model: 'some-model', observedMax: 128_001 }, 200_000, 'observed'],
    ['a prompt larger than every size', { model: 'some-model', observedMax: 3_000_000 }, 3_000_000, 'observed'],
    ['the price table', { model: 'claude-opus-4.6', observedMax: 999 }, 1_000_000, 'table'],
    ['the table of a dated name', { model: 'claude-haiku-4-5-20251001' }, 200_000, 'table'],
    ['the family of an unknown Claude', { model: 'claude-opus-9' }, 200_000, 'assumed'],
    ['the family of an unknown GPT', { model: 'gpt-5.9' }, 400_000, 'assumed'],
    ['128 000 for the rest', { model: 'llama3.2' }, 128_000, 'assumed'],
  ] as const)('is %s', (_, facts, tokens, source) => {
    expect(contextWindow({ ...facts, book })).toEqual({ tokens, source });
  });
});

describe('context pressure', () => {
  it.each([
    [0, 200_000, 0, 200_000, 'normal', false],
    [159_999, 200_000, 79.9995, 40_001, 'normal', false],
    [160_000, 200_000, 80, 40_000, 'high', true],
    [190_000, 200_000, 95, 10_000, 'critical', true],
    [250_000, 200_000, 100, 0, 'critical', true],
    [5, 0, 100, 0, 'critical', true],
  ] as const)('of %i in %i is %f %%', (used, window, fillPct, remainingTokens, level, shouldCompact) => {
    expect(contextPressure(used, window)).toEqual({ fillPct, remainingTokens, level, shouldCompact });
  });
});

describe('cache ratios', () => {
  it('are two figures under two names: R/(I+R) and R/(I+R+W) (W-25)', () => {
    const sums = usage(100, 300, 500, 100, 9999);
    expect(cacheHitRatio(sums)).toBe(0.75);
    expect(cacheCoverageRatio(sums)).toBe(0.3);
  });

  it('are unknown, not 0, without input', () => {
    expect(cacheHitRatio(usage(0, 0, 50))).toBeUndefined();
    expect(cacheCoverageRatio(usage())).toBeUndefined();
    expect(cacheCoverageRatio(usage(0, 0, 50))).toBe(0);
  });
});
