import { describe, expect, it } from 'vitest';
import { budgetState, paceOf } from '../../src/metrics/budget.ts';
import { dailyLevel, daysToLimit, endOfDay, endOfMonth, type SpendSoFar } from '../../src/metrics/projection.ts';
import { daySpike, isFarAbove } from '../../src/metrics/spend-habit.ts';

const nothing: SpendSoFar = {
  todayNanoUsd: 0,
  hoursToday: 0,
  daysByHour: [],
  completedDays: [],
  monthBeforeTodayNanoUsd: 0,
  daysLeftInMonth: 0,
};
/** A day with all its cost in these hours, evenly. */
const dayAt = (...hours: number[]): number[] => Array.from({ length: 24 }, (_, h) => (hours.includes(h) ? 100 : 0));

describe('the end of the day', () => {
  it('is unknown in its first half hour, then by pace', () => {
    expect(endOfDay({ ...nothing, todayNanoUsd: 10, hoursToday: 0.4 })).toBeUndefined();
    expect(endOfDay({ ...nothing, todayNanoUsd: 10, hoursToday: 0.5 })).toBe(480);
  });

  it('goes by the usual day once seven are known: at noon of days that run from 8 to 16 half is spent', () => {
    const daysByHour = Array.from({ length: 7 }, () => dayAt(8, 9, 10, 11, 12, 13, 14, 15));
    expect(endOfDay({ ...nothing, todayNanoUsd: 600, hoursToday: 12, daysByHour })).toBe(1200);
    expect(endOfDay({ ...nothing, todayNanoUsd: 600, hoursToday: 8.5, daysByHour })).toBe(9600); // 1/16
  });

  it('falls back to the pace before 5 % are usually spent', () => {
    const daysByHour = Array.from({ length: 7 }, () => dayAt(20));
    expect(endOfDay({ ...nothing, todayNanoUsd: 100, hoursToday: 10, daysByHour })).toBe(240);
  });

  it('is what is spent when the usual day is over', () => {
    const daysByHour = Array.from({ length: 7 }, () => dayAt(9));
    expect(endOfDay({ ...nothing, todayNanoUsd: 77, hoursToday: 22, daysByHour })).toBe(77);
  });
});

describe('a usual day', () => {
  it.each([
    [[], undefined],
    [[5], 5],
    [[5, 7], 6],
    [[1, 2, 90], 2],
    [[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 100, 140], 100 / 12],
    [[...Array.from({ length: 14 }, () => 4), 999], 4],
  ])('of %j is %s', (days, level) => {
    expect(dailyLevel(days)).toBe(level);
  });
});

it('the month is what was spent, today at its end, and a usual day for each left', () => {
  const spend = { ...nothing, completedDays: [10, 10, 10], monthBeforeTodayNanoUsd: 100, daysLeftInMonth: 5 };
  expect(endOfMonth({ ...spend, todayNanoUsd: 6, hoursToday: 12 })).toBe(100 + 12 + 50);
  expect(endOfMonth({ ...spend, todayNanoUsd: 6 })).toBe(100 + 6 + 50);
  expect(endOfMonth(nothing)).toBeUndefined();
});

it('days to a limit are money over money a day; constant spend has an answer (W-30)', () => {
  expect(daysToLimit(100, 40, [10, 10, 10])).toBe(6);
  expect(daysToLimit(100, 100, [10])).toBe(0);
  expect(daysToLimit(100, 40, [0, 0, 0])).toBeUndefined();
  expect(daysToLimit(100, 40, [])).toBeUndefined();
});

it.each([
  [90, 'ok'],
  [90.1, 'warning'],
  [100, 'warning'],
  [100.1, 'over'],
] as const)('%f of a budget of 100 is %s', (spent, level) => {
  expect(budgetState(spent, 100)).toMatchObject({ level, usedPct: expect.closeTo(spent, 9) });
});

it('a budget of 0 is none', () => {
  expect(budgetState(5, 0)).toBeUndefined();
});

it.each([
  [111, 'over_pace'],
  [110, 'on_track'],
  [90, 'under_budget'],
] as const)('a projection of %i against 100 is %s', (projected, pace) => {
  expect(paceOf(projected, 100)).toBe(pace);
});

describe('today against the days before', () => {
  it('is measured in standard deviations, zeros included', () => {
    expect(daySpike(14, [2, 4, 4, 4, 5, 5, 7, 9])).toEqual({ z: 4.5, meanNanoUsd: 5 });
  });

  it('needs seven days with cost', () => {
    expect(daySpike(9, [1, 1, 1, 1, 1, 1, 0])).toBeUndefined();
  });

  it('of days that never differ is infinite, or 0', () => {
    const same = Array.from({ length: 7 }, () => 3);
    expect([daySpike(4, same)?.z, daySpike(3, same)?.z, daySpike(2, same)?.z]).toEqual([Infinity, 0, -Infinity]);
  });
});

it.each([
  [30, { z: 3, meanNanoUsd: 10 }, true],
  [30, { z: 1.9, meanNanoUsd: 10 }, false],
  [11, { z: Number.POSITIVE_INFINITY, meanNanoUsd: 10 }, false],
])('%i is far above %j: %s', (today, spike, far) => {
  expect(isFarAbove(today, spike)).toBe(far);
});
