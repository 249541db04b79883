import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { readPriceBook } from '../../src/ingest/pricing.ts';
import { loadInsightMembers } from '../../src/insight-members.ts';
import { parseZone } from '../../src/metrics/calendar.ts';
import { lastDays } from '../../src/report/budget-answer.ts';
import { buildInsights } from '../../src/report/insights.ts';
import { createMemory, habitKeptMs, type Remember, rememberNothing, untilNews } from '../../src/report/memory.ts';
import { darkProviders } from '../../src/report/providers.ts';
import { runningBlock } from '../../src/report/running-block.ts';
import { spendingOf } from '../../src/report/spending.ts';
import { yearOf } from '../../src/report/year.ts';
import { createTestStore, type TestStore } from '../tui/store.ts';

const now = Date.UTC(2026, 3, 10, 12, 20, 0); // a Friday
const minute = 60_000;
const day = 24 * 60 * minute;
const calendar = { zone: parseZone('UTC'), startOfWeek: 'monday' as const, now };
const members = await loadInsightMembers();

let store: TestStore;
let session: number;
beforeEach(async () => {
  store = await createTestStore(now);
  session = store.addSession({ id: 's1', contextTokens: 9_000 });
  for (const age of [40 * day, 9 * day, 3 * day, day, 90 * minute, 2 * minute]) addTurn(age);
});
afterEach(() => store.remove());

function addTurn(age: number): void {
  store.addTurn(session, { at: now - age, costUsd: 1 });
}

/** All that is made with a memory; `daysTo` as what it gives. */
function answers(remember: Remember) {
  const { turns: _, ...insights } = buildInsights(
    store.writer,
    {
      ...calendar,
      sessionRowId: undefined,
      book: () => readPriceBook(store.writer, {}),
      tells: () => ({ skills: true, mcpIdentity: true }),
      remember,
    },
    members,
  );
  const spending = spendingOf(store.writer, { ...calendar, remember });
  return {
    figures: [...insights.figures],
    insights: { ...insights, spending: undefined, figures: undefined },
    spending: { ...spending, daysTo: spending.daysTo(100e9) },
    ofProvider: { ...spendingOf(store.writer, { ...calendar, remember }, { provider: 'codex' }), daysTo: undefined },
    days: lastDays(store.writer, { ...calendar, remember }, 30),
    fewDays: lastDays(store.writer, { ...calendar, remember }, 1),
    year: yearOf(store.writer, { ...calendar, remember }),
    block: runningBlock(store.writer, now, remember),
  };
}

/** With the names of what was asked that a turn of now does not change; `all`: of whatever was. */
function noting(memory: Remember) {
  const asked: string[] = [];
  const all: string[] = [];
  const remember: Remember = (db, name, ask, keptMs) =>
    memory(
      db,
      name,
      () => {
        all.push(name);
        if (keptMs !== untilNews) asked.push(name);
        return ask();
      },
      keptMs,
    );
  return { asked, all, remember };
}

test('what is remembered changes no answer, and a turn of now is in all of them at once', () => {
  const { asked, remember } = noting(createMemory(() => 0));
  expect(answers(remember)).toEqual(answers(rememberNothing));
  expect(new Set(asked).size).toBe(asked.length);
  expect(asked.length).toBeGreaterThan(5);
  asked.length = 0;
  for (const age of [1 * minute, 0]) {
    addTurn(age);
    const told = answers(remember);
    expect(told).toEqual(answers(rememberNothing));
    expect(told.block?.totalTokens).toBeGreaterThan(0);
  }
  expect(asked).toEqual([]);
});

test('while the data stand nothing is asked again, when they are others all that they may change is', () => {
  let at = 0;
  let data = 1;
  const { all, remember } = noting(
    createMemory(
      () => at,
      () => data,
    ),
  );
  const before = answers(remember);
  expect(before).toEqual(answers(rememberNothing));
  expect(new Set(all).size).toBe(all.length);
  const names = [...all];
  all.length = 0;
  at = 9 * minute;
  expect(answers(remember)).toEqual(before);
  expect(all).toEqual([]);
  addTurn(0);
  data++;
  expect(answers(remember)).toEqual(answers(rememberNothing));
  expect(all).toEqual(names.filter((name) => !/^(thresholds|habit|usual)/.test(name)));
  all.length = 0;
  at += 10 * minute; // whatever time may do to it
  answers(remember);
  expect(all).toEqual(names);
});

test('it is asked again after a minute, and of another store', () => {
  let at = 0;
  let times = 0;
  const remember = createMemory(() => at);
  const ask = (): number => ++times;
  const reader = store.reader();
  if (reader === undefined) throw new Error('there is a store');
  try {
    expect([remember(store.writer, 'a', ask), remember(store.writer, 'a', ask)]).toEqual([1, 1]);
    expect([remember(store.writer, 'b', ask), remember(reader, 'a', ask)]).toEqual([2, 3]);
    at = 60_000;
    expect(remember(store.writer, 'a', ask)).toBe(4);
    expect(remember(store.writer, 'habit', ask, habitKeptMs)).toBe(5);
    at += 60_000;
    expect(remember(store.writer, 'habit', ask, habitKeptMs)).toBe(5);
    at += habitKeptMs;
    expect(remember(store.writer, 'habit', ask, habitKeptMs)).toBe(6);
  } finally {
    reader.close();
  }
});

test('while no provider is quiet, nothing of them is summed up to tell which went dark', () => {
  const prepare = vi.spyOn(store.writer, 'prepare');
  expect(darkProviders(store.writer, now)).toEqual([]);
  expect(prepare.mock.calls.filter(([sql]) => /source_file|rollup/.test(sql))).toEqual([]);
});
