import { afterEach, beforeEach, expect, it } from 'vitest';
import type { LogEvent, TurnEvent } from '../../src/events.ts';
import { turnsSinceCompaction } from '../../src/report/insight-facts.ts';
import { createWrittenStore, type WrittenStore } from '../helpers/written-store.ts';

let store: WrittenStore;
beforeEach(async () => {
  store = await createWrittenStore('claude-code');
});
afterEach(() => store.remove());

const start = Date.parse('2026-05-04T10:00:00Z');
const turn = (minute: number, promptTokens: number, sidechain = false): TurnEvent => ({
  kind: 'turn',
  key: `${minute}-${sidechain}`,
  session: 's1',
  at: start + minute * 60_000,
  model: 'claude-opus-4-8',
  usage: {
    uncachedInputTokens: promptTokens,
    cacheReadInputTokens: 0,
    cacheCreation5mInputTokens: 0,
    cacheCreation1hInputTokens: 0,
    outputTokens: 1,
  },
  fast: false,
  webSearchRequests: 0,
  promptTokens,
  contextTokens: promptTokens + 1,
  sidechain,
  rank: 'own',
  quality: 'measured',
  tools: [],
});
const compaction = (minute: number): LogEvent => ({
  kind: 'compaction',
  key: `c${minute}`,
  session: 's1',
  at: start + minute * 60_000,
  trigger: 'auto',
  micro: false,
});
const count = (): number =>
  turnsSinceCompaction(
    store.db,
    store.db.prepare<[], number>("SELECT id FROM session WHERE sid = 's1'").pluck().get() ?? 0,
  );

it('counts the turns of the main chain since a compaction, however many there are', () => {
  store.write(
    'a',
    Array.from({ length: 650 }, (_, minute) => turn(minute, 60_000 + minute * 100)),
  );
  store.write('a', [turn(300, 5, true)]);
  expect(count()).toBe(650);
  store.write('a', [compaction(649.5), turn(650, 20_000)]);
  expect(count()).toBe(1);
  store.write(
    'a',
    Array.from({ length: 300 }, (_, i) => turn(651 + i, 60_000 + i * 200)),
  );
  expect(count()).toBe(301);
  store.write('a', [turn(960, 30_000)]); // less than half of what it was: compacted, though nothing says so
  expect(count()).toBe(1);
});
