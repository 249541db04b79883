import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createAlerter } from '../../src/alerts/alerter.ts';
import { readPriceBook } from '../../src/ingest/pricing.ts';
import { parseZone } from '../../src/metrics/calendar.ts';
import { openFile } from '../../src/store/driver.ts';
import { createTestStore, type TestStore } from '../tui/store.ts';
import { rules, testNow } from './world.ts';

const minute = 60_000;

let store: TestStore;
let session: number;
beforeEach(async () => {
  store = await createTestStore(testNow);
  session = store.addSession({ id: 's1', contextTokens: 9_000 });
  for (const age of [40 * 24 * 60, 24 * 60, 5])
    store.addTurn(session, { at: testNow - age * minute, costUsd: 1, input: 1_000 });
});
afterEach(() => store.remove());

it('while nothing is new nothing is summed up again; what is new is, whoever wrote it', () => {
  let at = 0;
  const told: string[] = [];
  const alerter = createAlerter({
    db: store.writer,
    rules,
    signals: new Map(),
    book: readPriceBook(store.writer, {}),
    zone: parseZone('UTC'),
    startOfWeek: 'monday',
    budget: { daily_usd: 0, weekly_usd: 0, monthly_usd: 0, providers: {}, projects: {} },
    settings: { daily_cost_usd: 5, repeat_after_mins: 0, send_resolved: false },
    now: () => testNow + at,
    clock: () => at,
    tell: (_, { type }) => void told.push(type),
  });
  expect(alerter.look(true)).toBe(true);
  const prepare = vi.spyOn(store.writer, 'prepare');
  const sums = (): number => prepare.mock.calls.filter(([sql]) => /\b(SUM|TOTAL)\(/.test(sql)).length;
  for (at = 30_000; at <= 3 * minute; at += 30_000) expect(alerter.look(false)).toBe(true);
  expect(sums()).toBe(0);
  store.addTurn(session, { at: testNow + at, costUsd: 3 });
  expect(alerter.look(true)).toBe(true);
  expect(sums()).toBeGreaterThan(0);
  expect(told).not.toContain('daily_cost');
  const other = openFile(store.writer.name); // of whoever writes beside us nobody tells
  other.prepare('UPDATE rollup SET auto_nano = auto_nano * 2').run();
  other.close();
  at += 30_000;
  expect(alerter.look(false)).toBe(true);
  expect(told).toContain('daily_cost');
});
