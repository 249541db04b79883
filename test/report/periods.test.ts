import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseZone } from '../../src/metrics/calendar.ts';
import { buildReport } from '../../src/report/build.ts';
import { periodFigures } from '../../src/report/periods.ts';
import { runningBlock } from '../../src/report/running-block.ts';
import { yearOf } from '../../src/report/year.ts';
import { everything } from '../../src/store/queries/scope.ts';
import { createTestStore, type TestStore } from '../tui/store.ts';

const now = Date.UTC(2026, 3, 10, 12, 0, 0); // a Friday
const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const calendar = { zone: parseZone('UTC'), startOfWeek: 'monday' as const, now };

let store: TestStore;
beforeEach(async () => {
  store = await createTestStore(now);
});
afterEach(() => store.remove());

function addTurns(...agesMs: readonly number[]): void {
  const session = store.addSession({ id: 's1' });
  for (const age of agesMs) store.addTurn(session, { at: now - age, costUsd: 1 });
}

/** The running row of `scopeon blocks`. */
function lastBlock() {
  const report = buildReport(store.writer, {
    by: 'block',
    scope: everything,
    ...calendar,
    since: null,
    until: null,
    sessionLengthHours: 5,
    subagents: false,
    breakdown: false,
    mode: 'auto',
    noCost: false,
    order: undefined,
    limit: undefined,
    asOf: now,
    paths: false,
    book: () => {
      throw new Error('blocks need no prices');
    },
  });
  return report.by === 'block' ? report.rows.find((row) => row.active) : undefined;
}

describe('the running block', () => {
  const hourly = Array.from({ length: 402 }, (_, at) => at * hour + minute); // never a pause, for more than two weeks
  test.each([
    ['a lone session', [3 * hour, 2 * hour, minute]],
    ['days without a pause', hourly],
    ['one after a pause', [30 * hour, 29 * hour, 6 * hour, 10 * minute, minute]],
    ['one over midnight', [13 * hour, 12.5 * hour, 8 * hour, 4 * hour, minute]],
  ])('of %s is that of the report', (_, ages) => {
    addTurns(...ages);
    const block = runningBlock(store.writer, now);
    const row = lastBlock();
    expect(block).toBeDefined();
    expect(new Date(block?.startMs ?? 0).toISOString()).toBe(row?.start);
    expect(new Date(block?.endMs ?? 0).toISOString()).toBe(row?.end);
    expect(block).toMatchObject({
      totalTokens: row?.total_tokens,
      costUsd: row?.cost_usd,
      usdPerHour: row?.burn_rate_usd_per_hour,
      tokensPerMin: row?.burn_rate_tokens_per_min,
      projectedUsd: row?.projected_cost_usd,
    });
  });

  test('is none when the last one is over, and in an empty store', () => {
    expect(runningBlock(store.writer, now)).toBeUndefined();
    addTurns(6 * hour);
    expect(runningBlock(store.writer, now)).toBeUndefined();
  });
});

test('day, week and month are those of the calendar', () => {
  addTurns(hour, 2 * day, 6 * day, 20 * day); // today, this Wednesday, last Saturday in April, March
  const { today, week, month } = periodFigures(store.writer, calendar);
  expect([today.cost_usd, week.cost_usd, month.cost_usd]).toEqual([1, 2, 3]);
  expect(today.total_tokens).toBe(1_110);
});

test('the year is whole weeks that end today, with what each day cost', () => {
  addTurns(hour, 2 * hour, day, 300 * day, 400 * day);
  const days = yearOf(store.writer, calendar);
  expect(days).toHaveLength(52 * 7 + 5);
  expect(days[0]?.date).toBe('2025-04-07');
  expect(days.at(-1)).toEqual({ date: '2026-04-10', costUsd: 2, turns: 2, level: 4 });
  expect(days.at(-2)).toEqual({ date: '2026-04-09', costUsd: 1, turns: 1, level: 2 });
  expect(days.filter((each) => each.turns > 0)).toHaveLength(3);
});

test('a day of unpriced turns is a day with use', () => {
  const session = store.addSession({ id: 's1' });
  store.addTurn(session, { at: now - hour });
  expect(yearOf(store.writer, calendar).at(-1)).toEqual({ date: '2026-04-10', costUsd: 0, turns: 1, level: 1 });
});
