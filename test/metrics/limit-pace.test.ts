import { expect, it } from 'vitest';
import { limitPace } from '../../src/metrics/limit-pace.ts';

const hour = 3_600_000;
const fiveHours = { windowMinutes: 300, resetsAt: 5 * hour };

it('tells where a window leads at the pace of its begin', () => {
  expect(limitPace({ ...fiveHours, at: 2 * hour, usedPct: 30 })).toEqual({
    pctPerHour: 15,
    pctAtReset: 75,
    fullAtMs: undefined,
  });
  const tight = limitPace({ ...fiveHours, at: 2 * hour, usedPct: 80 });
  expect(tight?.pctAtReset).toBe(200);
  expect(tight?.fullAtMs).toBeCloseTo(2.5 * hour, 3);
});

it('is full at once when all is used', () => {
  expect(limitPace({ ...fiveHours, at: 2 * hour, usedPct: 100 })?.fullAtMs).toBe(2 * hour);
});

it.each([
  ['its share is not known', { ...fiveHours, at: hour, usedPct: null }],
  ['nothing is used', { ...fiveHours, at: hour, usedPct: 0 }],
  ['it has hardly begun', { ...fiveHours, at: 60_000, usedPct: 3 }],
  ['its end is not known', { windowMinutes: 300, resetsAt: null, at: hour, usedPct: 3 }],
  ['its length is not known', { windowMinutes: null, resetsAt: 5 * hour, at: hour, usedPct: 3 }],
  ['the report is older than the window', { ...fiveHours, at: -hour, usedPct: 3 }],
])('is not known when %s', (_, limit) => {
  expect(limitPace(limit)).toBeUndefined();
});
