import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blocksOf, burnRate, isActive, projection } from '../../src/metrics/blocks.ts';

const at = (text: string): number => Date.parse(`2026-04-10T${text}Z`);
const activity = (...times: string[]) => times.map((time) => ({ bucketStartMs: at(time) }));
const shown = (blocks: readonly { startMs: number; endMs: number }[]) =>
  blocks.map(
    ({ startMs, endMs }) =>
      `${new Date(startMs).toISOString().slice(11, 16)}-${new Date(endMs).toISOString().slice(11, 16)}`,
  );

describe('blocksOf', () => {
  it('floors the first turn to the full UTC hour and lasts five hours', () => {
    expect(shown(blocksOf(activity('09:45', '10:00', '13:45')))).toEqual(['09:00-14:00']);
  });

  it('opens the next block with a turn at its end or after', () => {
    expect(shown(blocksOf(activity('09:15', '14:00', '20:30')))).toEqual(['09:00-14:00', '14:00-19:00', '20:00-01:00']);
  });

  it('takes another length, in any order of activity, and nothing from nothing', () => {
    expect(shown(blocksOf(activity('12:00', '09:15', '10:30'), 2))).toEqual(['09:00-11:00', '12:00-14:00']);
    expect(shown(blocksOf(activity('09:00', '11:30'), 2.5))).toEqual(['09:00-11:30', '11:30-14:00']);
    expect(blocksOf([])).toEqual([]);
  });

  it('holds every point in exactly one block', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(4000)), fc.integer({ min: 1, max: 48 }), (points, hours) => {
        const buckets = points.map((point) => ({ bucketStartMs: point * 900_000 }));
        const blocks = blocksOf(buckets, hours);
        for (const { bucketStartMs } of buckets) {
          expect(blocks.filter(({ startMs, endMs }) => startMs <= bucketStartMs && bucketStartMs < endMs)).toHaveLength(
            1,
          );
        }
      }),
    );
  });
});

describe('burn rate and projection', () => {
  const block = { startMs: at('09:00'), endMs: at('14:00') };
  const usage = { totalTokens: 60_000, costNanoUsd: 3e9, firstTurnMs: at('09:30'), lastTurnMs: at('10:30') };

  it('is the pace between first and last turn', () => {
    expect(burnRate(usage)).toEqual({ tokensPerMin: 1000, nanoUsdPerHour: 3e9 });
  });

  it('projects the pace to the end of a running block', () => {
    expect(projection(block, usage, at('12:00'))).toEqual({ totalTokens: 180_000, costNanoUsd: 9e9 });
  });

  it('knows no pace under a minute, no money without prices, no future once ended', () => {
    const short = { ...usage, lastTurnMs: usage.firstTurnMs + 59_999 };
    expect(burnRate(short)).toBeNull();
    expect(projection(block, short, at('12:00'))).toBeNull();
    const unpriced = { ...usage, costNanoUsd: null };
    expect(burnRate(unpriced)).toEqual({ tokensPerMin: 1000, nanoUsdPerHour: null });
    expect(projection(block, unpriced, at('12:00'))).toEqual({ totalTokens: 180_000, costNanoUsd: null });
    expect(projection(block, usage, at('14:00'))).toBeNull();
  });

  it('is active while now lies before its end', () => {
    expect(isActive({ ...block, lastTurnMs: at('09:00') }, at('13:59:59'))).toBe(true);
    expect(isActive({ ...block, lastTurnMs: at('13:00') }, at('14:00'))).toBe(false);
  });
});
