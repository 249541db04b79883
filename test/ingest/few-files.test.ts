import { appendFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createHost } from '../../src/host.ts';
import { createDigest } from '../../src/ingest/digest.ts';
import { discover } from '../../src/ingest/discover.ts';
import { runPass } from '../../src/ingest/pass.ts';
import { createScratch } from '../../src/ingest/scratch.ts';
import { loadMembers } from '../../src/members.ts';
import { autoTag } from '../../src/metrics/tags.ts';
import type { Provider } from '../../src/provider.ts';
import { type Database, openFile } from '../../src/store/driver.ts';
import { createFileTable, type FileTable } from '../../src/store/files.ts';
import { createWriter } from '../../src/store/writer.ts';
import { createHouse, type House } from '../helpers/house.ts';

const providers = await loadMembers<Provider>('providers');
let house: House;
let directory: string;
const path = (name: string): string => join(directory, `${name}.jsonl`);

beforeEach(async () => {
  house = await createHouse();
  directory = join(house.home, '.claude/projects/-home-dev-shop');
  mkdirSync(directory, { recursive: true });
});
afterEach(() => house.remove());

/** A response without an id: were its line read twice, it would count twice. */
function line(output: number): string {
  return `${JSON.stringify({ type: 'assistant', timestamp: '2026-04-10T10:00:00.000Z', cwd: '/home/dev/shop', message: { model: 'claude-opus-4-6', content: [{ type: 'text', text: 'CANARY' }], usage: { input_tokens: 1, output_tokens: output } } })}\n`;
}

/**
 * Reads files as a collector does that was told of them, or without names all there are; what was counted, and how the
 * tracked files were looked up.
 */
async function readSome(names?: readonly string[]) {
  const db = openFile(house.store.db);
  try {
    return await readThrough(db, createFileTable(db), names);
  } finally {
    db.close();
  }
}

/** The same over a store that is open already. */
async function readThrough(db: Database, table: FileTable, names?: readonly string[]) {
  const looked = { all: 0, withInode: 0 };
  const host = createHost({ home: house.home, env: {}, platform: 'linux' });
  const found = discover(providers, host);
  await runPass({
    files: {
      ...table,
      all() {
        looked.all++;
        return table.all();
      },
      withInode(dev, ino) {
        looked.withInode++;
        return table.withInode(dev, ino);
      },
    },
    writer: createWriter(db, {
      price: () => undefined,
      findProject: (cwd) => ({ root: cwd, isRepository: true }),
      tagOf: autoTag,
      fillsNew: false,
    }),
    providers,
    host,
    digest: createDigest(house.store.hmacKey),
    hmacKey: house.store.hmacKey,
    now: Date.now,
    scratch: createScratch(house.store.db),
    takeTail: () => false,
    discovery:
      names === undefined
        ? found
        : {
            ...found,
            candidates: found.candidates.filter((each) => names.some((name) => each.path === path(name))),
            isPartial: true,
          },
  });
  const outputs = db.prepare('SELECT output_tokens FROM turn ORDER BY output_tokens').pluck().all();
  return { outputs, looked };
}

it('a file that grew among many is looked up alone', async () => {
  for (const name of ['a', 'b', 'c']) writeFileSync(path(name), line(name.charCodeAt(0)));
  await house.read();
  appendFileSync(path('b'), line(200));
  expect(await readSome(['b'])).toEqual({ outputs: [97, 98, 99, 200], looked: { all: 0, withInode: 0 } });
});

it('a look at everything reads of the tracked files no more than shows what has changed', async () => {
  for (const name of ['a', 'b', 'c']) writeFileSync(path(name), line(name.charCodeAt(0)));
  await house.read();
  expect(await readSome()).toEqual({ outputs: [97, 98, 99], looked: { all: 0, withInode: 0 } });
  appendFileSync(path('b'), line(200));
  expect(await readSome()).toEqual({ outputs: [97, 98, 99, 200], looked: { all: 0, withInode: 0 } });
});

it('of a new name is asked whether it is a file known by another', async () => {
  for (const name of ['a', 'b']) writeFileSync(path(name), line(name.charCodeAt(0)));
  await house.read();
  renameSync(path('a'), path('moved'));
  appendFileSync(path('moved'), line(200));
  expect(await readSome(['moved'])).toEqual({ outputs: [97, 98, 200], looked: { all: 0, withInode: 1 } });
});

it('two names that changed places: each record once', async () => {
  for (const name of ['a', 'b']) writeFileSync(path(name), line(name.charCodeAt(0)));
  await house.read();
  renameSync(path('a'), path('c'));
  renameSync(path('b'), path('a'));
  renameSync(path('c'), path('b'));
  appendFileSync(path('a'), line(200));
  const { outputs, looked } = await readSome(['a', 'b']);
  expect(outputs).toEqual([97, 98, 200]);
  expect(looked.all).toBe(0);
});

it('many files are looked up together', async () => {
  const names = Array.from({ length: 70 }, (_, n) => `log-${n}`);
  for (const name of names) writeFileSync(path(name), line(1));
  await house.read();
  for (const name of names) appendFileSync(path(name), line(2));
  const { outputs, looked } = await readSome(names);
  expect(outputs).toHaveLength(140);
  expect(looked).toEqual({ all: 1, withInode: 0 });
});

it('who looks at everything again and again reads the tracked files anew only when they are others', async () => {
  for (const name of ['a', 'b']) writeFileSync(path(name), line(name.charCodeAt(0)));
  await house.read();
  const db = openFile(house.store.db);
  const other = openFile(house.store.db);
  try {
    const table = createFileTable(db);
    const seenNow = async () => {
      const { outputs } = await readThrough(db, table);
      expect(table.seen().files).toEqual(createFileTable(other).seen().files);
      return { outputs, seen: table.seen() };
    };
    const first = await seenNow();
    expect((await seenNow()).seen).toBe(first.seen);
    appendFileSync(path('a'), line(200));
    expect((await seenNow()).outputs).toEqual([97, 98, 200]);
    appendFileSync(path('b'), line(201));
    await readThrough(db, table, ['b']); // as one was told of it
    expect((await seenNow()).outputs).toEqual([97, 98, 200, 201]);
    rmSync(path('b'));
    await seenNow();
    expect(table.seen().at(path('b'))).toMatchObject([{ missingSince: expect.any(Number) }]);
    other.prepare('UPDATE source_file SET parser_version = 0').run();
    await seenNow(); // another program wrote: all is read again
    expect(table.seen().at(path('a'))).toMatchObject([{ parserVersion: providers.get('claude-code')?.parserVersion }]);
  } finally {
    other.close();
    db.close();
  }
});
