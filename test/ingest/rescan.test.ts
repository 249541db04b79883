import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createHost } from '../../src/host.ts';
import { type CollectorState, runCollector, scanRestMs } from '../../src/ingest/collector-loop.ts';
import type { Watching } from '../../src/ingest/watch.ts';
import { loadMembers } from '../../src/members.ts';
import type { Provider } from '../../src/provider.ts';
import { openReader } from '../../src/store/open.ts';
import { until } from '../helpers/collector.ts';
import { createHouse, type House } from '../helpers/house.ts';

let house: House;
let directory: string;
beforeEach(async () => {
  house = await createHouse();
  directory = join(house.home, '.claude/projects/-home-dev-shop');
  mkdirSync(directory, { recursive: true });
});
afterEach(() => house.remove());

/** As where the system tells of nothing: a network share, a container's mount. */
const deaf: Watching = {
  degraded: false,
  trouble: undefined,
  follow: () => undefined,
  close: () => Promise.resolve(),
};

it('a file that nobody told of is found when everything is looked at again', { timeout: 60_000 }, async () => {
  write('first');
  const states: CollectorState[] = [];
  const stopping = new AbortController();
  const running = runCollector(
    {
      paths: house.store,
      providers: await loadMembers<Provider>('providers'),
      host: createHost({ home: house.home, env: {}, platform: process.platform }),
      overrides: {},
      command: 'test',
      now: Date.now,
      notice: () => undefined,
    },
    { signal: stopping.signal, onState: (state) => states.push(state), rescanMs: 100, watch: () => deaf },
  );
  try {
    await until(() => states.some(({ phase }) => phase === 'watching'));
    expect(sessions()).toEqual(['first']);
    write('second');
    await until(() => sessions().length === 2);
    expect(sessions()).toEqual(['first', 'second']);
    mkdirSync((directory = join(house.home, '.claude/projects/-home-dev-api')));
    write('third');
    await until(() => sessions().length === 3);
  } finally {
    stopping.abort();
    await running;
  }
});

it('many logs are looked at more seldom, but not so seldom as to be forgotten', () => {
  expect([0, 300, 1_000, 60_000].map((took) => scanRestMs(60_000, 200, took))).toEqual([
    60_000, 60_000, 200_000, 300_000,
  ]);
});

function write(session: string): void {
  const usage = { input_tokens: 1, output_tokens: 1 };
  const message = {
    id: `msg_${session}`,
    model: 'claude-opus-4-6',
    content: [{ type: 'text', text: 'CANARY' }],
    usage,
  };
  const row = { type: 'assistant', timestamp: '2026-04-10T10:00:00.000Z', cwd: '/home/dev/shop', sessionId: session };
  writeFileSync(join(directory, `${session}.jsonl`), `${JSON.stringify({ ...row, message })}\n`);
}

function sessions(): readonly unknown[] {
  const db = openReader(house.store);
  try {
    return db?.prepare('SELECT sid FROM session ORDER BY sid').pluck().all() ?? [];
  } finally {
    db?.close();
  }
}
