import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cacheSavingsNanoUsd, outputCostNanoUsd, turnCostNanoUsd } from '../../src/metrics/turn-cost.ts';
import { opusRates, priceRow, rates, usage } from './usage.ts';

describe('turn cost', () => {
  it('prices every kind at its own rate: 1000 x 5 + 2000 x 0.5 + 400 x 6.25 + 300 x 10 + 100 x 25 USD per million', () => {
    // 0.005 + 0.001 + 0.0025 + 0.003 + 0.0025 = 0.014 USD
    expect(turnCostNanoUsd(priceRow(), usage(1000, 2000, 400, 300, 100), 3700, 0)).toBe(14_000_000);
  });

  it('charges one-hour cache writes twice the input, not 1.25 times (W-18)', () => {
    expect(turnCostNanoUsd(priceRow(), usage(0, 0, 0, 1_000_000), 1_000_000, 0)).toBe(10_000_000_000);
    expect(turnCostNanoUsd(priceRow(), usage(0, 0, 1_000_000, 0), 1_000_000, 0)).toBe(6_250_000_000);
  });

  it('does not add reasoning to the output it is part of', () => {
    const row = priceRow();
    const silent = turnCostNanoUsd(row, usage(0, 0, 0, 0, 100), 0, 0);
    expect(turnCostNanoUsd(row, { ...usage(0, 0, 0, 0, 100), reasoningOutputTokens: 80 }, 0, 0)).toBe(silent);
  });

  it('agrees with what Copilot logged for a real haiku request', () => {
    // 15 fresh + 17142 read + 17314 written + 159 out = 0.0241667 USD
    const haiku = priceRow({ rates: rates(1, 5, 0.1, 1.25, 2) });
    expect(turnCostNanoUsd(haiku, usage(15, 17_142, 17_314, 0, 159), 34_471, 0)).toBe(24_166_700);
  });

  it('applies the tier to the whole request, from the first token above it (W-23)', () => {
    const tier = { abovePromptTokens: 200_000, rates: rates(2.5, 15, 0.25, 2.5, 2.5) };
    const gemini = priceRow({ rates: rates(1.25, 10, 0.125, 1.25, 1.25), tier });
    expect(turnCostNanoUsd(gemini, usage(200_000, 0, 0, 0, 1000), 200_000, 0)).toBe(260_000_000);
    expect(turnCostNanoUsd(gemini, usage(200_001, 0, 0, 0, 1000), 200_001, 0)).toBe(515_002_500);
  });

  it('adds the fee of web searches, and nothing where none is published (W-23)', () => {
    expect(turnCostNanoUsd(priceRow(), usage(), 0, 3)).toBe(30_000_000);
    expect(turnCostNanoUsd(priceRow({ webSearchNanoUsd: undefined }), usage(), 0, 3)).toBe(0);
  });

  it('rounds once, half up', () => {
    const row = priceRow({ rates: { ...opusRates, input: 500, output: 499 } });
    expect(turnCostNanoUsd(row, usage(1), 1, 0)).toBe(1);
    expect(turnCostNanoUsd(row, usage(0, 0, 0, 0, 1), 0, 0)).toBe(0);
    expect(turnCostNanoUsd(row, usage(2, 0, 0, 0, 1), 0, 0)).toBe(1); // 1.499
  });

  it('is 0 for a model that costs nothing', () => {
    expect(turnCostNanoUsd(priceRow({ rates: rates(0, 0, 0, 0, 0) }), usage(9, 9, 9, 9, 9), 36, 0)).toBe(0);
  });

  it('is the exact rational sum, rounded half up, for any tokens and rates', () => {
    const count = fc.integer({ min: 0, max: 2_000_000_000 });
    const rate = fc.integer({ min: 0, max: 600_000_000 });
    fc.assert(
      fc.property(
        fc.array(count, { minLength: 6, maxLength: 6 }),
        fc.array(rate, { minLength: 5, maxLength: 5 }),
        (n, p) => {
          const [i, r, w5, w1, o, searches] = n.map((value) => value) as [
            number,
            number,
            number,
            number,
            number,
            number,
          ];
          const [input, output, cacheRead, cacheWrite5m, cacheWrite1h] = p as [number, number, number, number, number];
          const row = priceRow({ rates: { input, output, cacheRead, cacheWrite5m, cacheWrite1h } });
          const pairs: [number, number][] = [
            [i, input],
            [r, cacheRead],
            [w5, cacheWrite5m],
            [w1, cacheWrite1h],
            [o, output],
          ];
          const pico =
            pairs.reduce((sum, [a, b]) => sum + BigInt(a) * BigInt(b), 0n) + BigInt(searches) * 10_000_000_000n;
          expect(turnCostNanoUsd(row, usage(i, r, w5, w1, o), 0, searches)).toBe(Number((pico + 500n) / 1000n));
        },
      ),
    );
  });
});

describe('cost of the output alone', () => {
  it('is the output at its own rate, above the tier too', () => {
    const row = priceRow({ tier: { abovePromptTokens: 10, rates: rates(10, 37.5, 1, 12.5, 20) } });
    expect(outputCostNanoUsd(row, usage(5, 0, 0, 0, 1000), 5)).toBe(25_000_000);
    expect(outputCostNanoUsd(row, usage(50, 0, 0, 0, 1000), 50)).toBe(37_500_000);
  });
});

describe('cache savings', () => {
  it('are what reading saved less what writing cost on top of input', () => {
    // 10000 x 4.5 - 1000 x 1.25 - 100 x 5 = 45000 - 1250 - 500 = 43250 USD per million
    expect(cacheSavingsNanoUsd(priceRow(), usage(0, 10_000, 1000, 100), 11_100)).toBe(43_250_000);
  });

  it('are negative for a cache written and never read', () => {
    expect(cacheSavingsNanoUsd(priceRow(), usage(0, 0, 0, 1000), 1000)).toBe(-5_000_000);
  });

  it('give no bonus where writing is free or cheaper than input', () => {
    const free = priceRow({ rates: { ...opusRates, cacheWrite5m: 0, cacheWrite1h: 0 } });
    expect(cacheSavingsNanoUsd(free, usage(0, 0, 5000, 5000), 10_000)).toBe(0);
  });

  it('are nil where the vendor has no price for reads', () => {
    expect(cacheSavingsNanoUsd(priceRow({ rates: rates(30, 60, 30, 30, 30) }), usage(0, 5000), 5000)).toBe(0);
  });

  it('stay exact beyond 2^53 and below zero', () => {
    const n = 9_007_199_254_740_991;
    expect(cacheSavingsNanoUsd(priceRow(), usage(0, 0, n, 0), 0)).toBe(Number((-BigInt(n) * 1_250_000n) / 1000n));
  });
});
