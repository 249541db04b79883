import { describe, expect, it } from 'vitest';
import { health } from '../../src/metrics/health.ts';
import { turn } from './turns.ts';

describe('health', () => {
  it('is unknown without turns', () => {
    expect(health([], 10, 0)).toBeUndefined();
  });

  it('is the sum of its parts, by the weights of the profile', () => {
    // coverage 0.8: cache_heavy. R/(I+R) = 0.8. O costs 25 of 50 nano-parts: 2 × 0.5 = 1.
    const one = turn([200, 800, 0, 0, 100], { costNanoUsd: 5_000_000 });
    // O: 100 × 25 USD/M = 2 500 000 nano of 5 000 000
    expect(health([one], 25, 20)).toEqual({
      score: 83,
      profile: 'cache_heavy',
      parts: {
        cache: { score: 32, max: 40 },
        context: { score: 15, max: 20 },
        cost: { score: 20, max: 20 },
        waste: { score: 16, max: 20 },
      },
    });
  });

  it.each([
    ['cache_heavy', turn([300, 700, 0, 0, 10])],
    ['exploration', turn([100, 0, 900, 0, 251])],
    ['tool_heavy', turn([100, 0, 900, 0, 10], { toolCalls: 6 })],
    ['balanced', turn([100, 0, 900, 0, 10], { toolCalls: 5 })],
  ])('knows the profile %s', (profile, one) => {
    expect(health([one], 0, 0)?.profile).toBe(profile);
  });

  it('has neutral parts where nothing is known', () => {
    const parts = health([turn([], { price: undefined })], undefined, 0)?.parts;
    expect(parts).toMatchObject({
      cache: { score: 15, max: 30 },
      context: { score: 25, max: 25 },
      cost: { score: 15, max: 25 },
    });
  });

  it('lets Opus reach full cost points (W-32)', () => {
    const one = turn([0, 1000, 0, 0, 1000], { costNanoUsd: 25_500_000 });
    expect(health([one], 0, 0)?.parts.cost).toEqual({ score: 20, max: 20 });
  });

  it('stays within 0 and 100', () => {
    const worst = turn([1000, 0, 0, 0, 0], { costNanoUsd: 5_000_000 });
    expect(health([worst], 250, 400)?.score).toBe(0);
    expect(health([turn([0, 1000, 0, 0, 9000], { costNanoUsd: 225_500_000 })], 0, 0)?.score).toBe(100);
  });
});
