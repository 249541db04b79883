import { closeSync, mkdirSync, mkdtempSync, openSync, realpathSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { patiently } from '../../src/ingest/patience.ts';
import { addToCounters, type Counters, goOnCounting, readCounters } from '../../src/store/counters.ts';
import { openFile } from '../../src/store/driver.ts';
import { run } from '../helpers/bin.ts';
import { makeLogs, writeLogs } from '../helpers/made-logs.ts';
import { createWrittenStore } from '../helpers/written-store.ts';

let work: string;
beforeEach(() => {
  work = realpathSync(mkdtempSync(join(tmpdir(), 'scopeon-counters-')));
});
afterEach(() => rmSync(work, { recursive: true, force: true }));

it('grow with what is read, and with each time a damaged store is replaced', async () => {
  const home = join(work, 'home');
  const path = join(work, 'scopeon', 'scopeon.db');
  mkdirSync(home);
  const counted = (): Counters => {
    const db = openFile(path, { readonly: true });
    try {
      return readCounters(db);
    } finally {
      db.close();
    }
  };
  const read = async (): Promise<Counters> => {
    expect((await run(['daily', '--json'], { home })).code).toBe(0);
    return counted();
  };
  const start = Date.parse('2026-05-01T08:00:00Z');
  writeLogs(home, makeLogs({ starts: [start], turnsPerSession: 10 }));
  const first = await read();
  expect(first.records).toBeGreaterThan(10);
  expect(first).toMatchObject({ batches: 1, retries: 0, recoveries: 0, invalid: 0 });
  expect(await read()).toEqual(first); // nothing new
  writeLogs(home, makeLogs({ starts: [start, start + 86_400_000], turnsPerSession: 10 }));
  const second = await read();
  expect(second.records).toBeGreaterThan(first.records);
  expect(second.batches).toBe(2);
  const fd = openSync(path, 'r+');
  writeSync(fd, Buffer.alloc(100, 7), 0, 100, 0);
  closeSync(fd);
  expect(await read()).toMatchObject({ records: second.records, recoveries: 1 });
});

it('take over what could still be read of the store before, and nothing that is no count', async () => {
  const { db, remove } = await createWrittenStore();
  addToCounters(db, { records: 5, batches: 3 });
  goOnCounting(db, '{"records":9,"batches":2,"retries":-1,"invalid":"7","oversize":1e300}');
  expect(readCounters(db)).toMatchObject({ records: 9, batches: 3, retries: 0, invalid: 0, oversize: 0 });
  for (const text of [undefined, '', 'null', '[', '{"records":null}']) goOnCounting(db, text);
  expect(readCounters(db)).toMatchObject({ records: 9, batches: 3 });
  remove();
});

it('tell with the next batch how often another program was in the way', async () => {
  const { db, write, remove } = await createWrittenStore();
  let tries = 0;
  await patiently(() => {
    if (++tries < 3) throw Object.assign(new Error('database is locked'), { code: 'SQLITE_BUSY' });
  });
  const before = readCounters(db);
  write('a', []);
  expect(readCounters(db)).toEqual({ ...before, batches: before.batches + 1, retries: before.retries + 2 });
  write('a', []);
  expect(readCounters(db).retries).toBe(before.retries + 2);
  remove();
});
