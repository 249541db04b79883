import { afterEach, beforeEach, expect, test } from 'vitest';
import { alertSnapshot } from '../../src/alerts/snapshot.ts';
import { readPriceBook } from '../../src/ingest/pricing.ts';
import { parseZone } from '../../src/metrics/calendar.ts';
import { rememberNothing } from '../../src/report/memory.ts';
import { createTestStore, type TestStore } from '../tui/store.ts';

const now = Date.UTC(2026, 3, 10, 12, 0, 0);
const minute = 60_000;
let store: TestStore;

beforeEach(async () => {
  store = await createTestStore(now);
});

afterEach(() => store.remove());

function lastCompaction(prompts: readonly number[], markAt?: number): number | undefined {
  const session = store.addSession({ id: 's1' });
  prompts.forEach((read, i) => store.addTurn(session, { at: now - (prompts.length - i) * minute, read }));
  if (markAt !== undefined)
    store.writer
      .prepare(
        `INSERT INTO event (key, session_id, at, kind, phase, name_id, file_id)
         VALUES (randomblob(16), ?, ?, 'compaction', 'complete', 0, 0)`,
      )
      .run(session, markAt);
  const { sessions } = alertSnapshot(
    store.writer,
    {
      now,
      zone: parseZone('UTC'),
      startOfWeek: 'monday',
      book: () => readPriceBook(store.writer, {}),
      signals: new Map(),
      growth: () => undefined,
      remember: rememberNothing,
      budget: { daily_usd: 0, weekly_usd: 0, monthly_usd: 0, providers: {}, projects: {} },
      settings: {} as Parameters<typeof alertSnapshot>[1]['settings'], // handed on as it is
    },
    { dark: [], troubles: [] },
  );
  expect(sessions).toHaveLength(1);
  return sessions[0]?.lastCompactionAt;
}

test('a compaction is where the log marks one', () => {
  expect(lastCompaction([100_000, 30_000, 40_000], now - 2.5 * minute)).toBe(now - 2.5 * minute);
});

test('without a mark, the turn whose prompt fell by more than half came after one', () => {
  expect(lastCompaction([100_000, 120_000, 40_000, 45_000])).toBe(now - 2 * minute);
});

test('a prompt that falls a little, or from little, tells of none', () => {
  expect(lastCompaction([40_000, 10_000, 100_000, 60_000])).toBeUndefined();
});
