import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createHost } from '../../src/host.ts';
import type { PassResult } from '../../src/ingest/pass.ts';
import { prepareIngest } from '../../src/ingest/prepare-ingest.ts';
import { loadMember } from '../../src/members.ts';
import type { Provider } from '../../src/provider.ts';
import { CheckpointMoved } from '../../src/store/batch.ts';
import type { Database } from '../../src/store/driver.ts';
import { openStore } from '../../src/store/open.ts';
import { createHouse, type House } from '../helpers/house.ts';
import { assertRollups } from '../helpers/rollups.ts';

let house: House;
let db: Database;
beforeEach(async () => {
  house = await createHouse();
  db = await openStore(house.store, Date.now(), () => undefined);
  const directory = join(house.home, '.claude/projects/-home-dev-shop');
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'a.jsonl'), [1, 2, 3].map(line).join(''));
});
afterEach(() => {
  db.close();
  house.remove();
});

/** Reads everything while another process sets checkpoints back after the first `times` commits; how often the log was read. */
async function readWhileMoved(times: number): Promise<{ readonly reads: number; readonly result: PassResult | Error }> {
  const claude = await loadMember<Provider>('providers', 'claude-code');
  let reads = 0;
  let moved = 0;
  const counting: Provider = {
    ...claude,
    read(file, from) {
      reads++;
      return claude.read(file, from);
    },
  };
  const ingest = prepareIngest(db, {
    paths: house.store,
    providers: new Map([['claude-code', counting]]),
    host: createHost({ home: house.home, env: {}, platform: process.platform }),
    overrides: {},
    command: 'test',
    now: Date.now,
    notice: () => undefined,
  });
  const result = await ingest({
    takeTail: () => true,
    commitEveryMs: 0,
    afterCommit() {
      if (moved++ < times) db.exec("UPDATE source_file SET offset = 0, tail_hash = x'', size = -1");
      return true;
    },
  }).catch((error: Error) => error);
  return { reads, result };
}

it.each([1, 4])(
  'a checkpoint that others moved %i times is read again each time; every response counts once',
  async (n) => {
    const { reads, result } = await readWhileMoved(n);
    expect({ reads, result }).toMatchObject({ reads: n + 1, result: { complete: true } });
    expect(db.prepare('SELECT output_tokens FROM turn ORDER BY 1').pluck().all()).toEqual([1, 2, 3]);
    assertRollups(db);
  },
);

it('a checkpoint that never stays is given up after five readings; nothing is counted twice', async () => {
  const { reads, result } = await readWhileMoved(Number.POSITIVE_INFINITY);
  expect(result).toMatchObject({
    code: 'locked',
    message: 'Another scopeon keeps reading the same logs at the same time.',
    cause: expect.any(CheckpointMoved),
  });
  expect(reads).toBe(5);
  expect(db.inTransaction).toBe(false);
  expect(db.prepare('SELECT output_tokens FROM turn ORDER BY 1').pluck().all()).toEqual([1, 2, 3]);
  assertRollups(db);
  expect((await readWhileMoved(0)).result).toMatchObject({ complete: true });
});

function line(n: number): string {
  const usage = { input_tokens: 1, output_tokens: n };
  const message = { id: `msg_${n}`, model: 'claude-opus-4-6', content: [{ type: 'text', text: 'CANARY' }], usage };
  return `${JSON.stringify({ type: 'assistant', timestamp: '2026-04-10T10:00:00.000Z', sessionId: 's', message })}\n`;
}
