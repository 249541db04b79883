import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { defineProvider, type Provider } from '../../src/provider.ts';
import { rows, sqliteRows } from '../../src/readers/sqlite-rows.ts';
import { type Database, openFile } from '../../src/sqlite.ts';
import { identifyProcess } from '../../src/store/lease.ts';
import { createHouse, type House } from '../helpers/house.ts';

const start = Date.parse('2026-10-01T12:00:00Z');
const hourMs = 60 * 60 * 1000;

/** An agent whose database tells a response per row of `call`: `n` is its key and its output. */
function agent(parserVersion = 1, largeFrom = 512 * 1024): ReadonlyMap<string, Provider> {
  const provider = defineProvider({
    title: 'Agent',
    parserVersion,
    capabilities: {
      skills: 'unsupported',
      hooks: 'unsupported',
      mcpIdentity: 'unsupported',
      taskHistory: 'unsupported',
      interactionTokens: 'unsupported',
    },
    roots: (host) => [join(host.home, 'agent')],
    accepts: (path) => path.endsWith('.db'),
    database: () => ({ largeFrom }),
    read: sqliteRows<undefined>({
      start: () => undefined,
      queries: [
        rows({
          table: 'call',
          columns: { n: 'n' },
          changes: 'appended',
          parse({ n }, context) {
            const usage = {
              uncachedInputTokens: 0,
              cacheReadInputTokens: 0,
              cacheCreation5mInputTokens: 0,
              cacheCreation1hInputTokens: 0,
              outputTokens: Number(n),
            };
            context.emit({
              kind: 'turn',
              key: String(n),
              session: 's',
              at: start,
              model: 'm',
              usage,
              fast: false,
              webSearchRequests: 0,
              promptTokens: 0,
              contextTokens: 0,
              sidechain: false,
              rank: 'own',
              quality: 'measured',
              tools: [],
            });
          },
        }),
      ],
    }),
  });
  return new Map([['agent', provider]]);
}

let now = start;
let house: House;
let file: string;
const open: Database[] = [];

beforeEach(async () => {
  now = start;
  house = await createHouse({ providers: agent(), keepTimes: true, now: () => now });
  file = join(house.home, 'agent', 'log.db');
  mkdirSync(dirname(file));
});
afterEach(() => {
  for (const db of open.splice(0)) db.close();
  house.remove();
});

/** The agent itself, which keeps everything new in the write-ahead log while it runs. */
function owner(path = file): Database {
  const db = openFile(path);
  open.push(db);
  db.pragma('journal_mode = WAL');
  db.pragma('wal_autocheckpoint = 0');
  db.exec('CREATE TABLE IF NOT EXISTS call (n INTEGER, filler)');
  return db;
}

function end(db: Database): void {
  open.splice(open.indexOf(db), 1)[0]?.close();
}

async function counted(of = house): Promise<readonly number[]> {
  return (await of.read()).turns.map((turn) => Number(turn.output)).sort((a, b) => a - b);
}

function tracked() {
  const db = openFile(house.store.db, { readonly: true });
  try {
    return db
      .prepare<[], { path: string; generation: number; records: number; invalid: number }>(
        'SELECT path, generation, records, invalid FROM source_file ORDER BY id',
      )
      .all();
  } finally {
    db.close();
  }
}

it('is read on while all that is new stands in its write-ahead log, and only what is new', async () => {
  const db = owner();
  db.exec('INSERT INTO call (rowid, n) VALUES (1, 1), (1000, 2)');
  expect(await counted()).toEqual([1, 2]);
  const main = readFileSync(file);
  db.exec('INSERT INTO call (rowid, n) VALUES (2000, 3)');
  expect(readFileSync(file)).toEqual(main);
  expect(await counted()).toEqual([1, 2, 3]);
  expect(tracked()).toMatchObject([{ records: 4, generation: 0 }]); // the one before it is looked at again
  end(db); // which writes the log back and takes it away
  expect(await counted()).toEqual([1, 2, 3]);
  expect(tracked()).toMatchObject([{ records: 5, generation: 0 }]);
});

it('writes nothing when nothing is new', async () => {
  owner().exec('INSERT INTO call (n) VALUES (1)');
  await counted();
  const before = readFileSync(house.store.db);
  now += 60_000;
  await counted();
  expect(readFileSync(house.store.db)).toEqual(before);
});

it('loses no row when it shrinks, is replaced or renamed, and counts none twice', async () => {
  const db = owner();
  db.exec(`INSERT INTO call (n, filler) VALUES (1, randomblob(90000)), (2, NULL)`);
  await counted();
  db.exec('DELETE FROM call WHERE n = 1; VACUUM');
  end(db);
  expect(await counted()).toEqual([1, 2]);
  renameSync(file, `${file}.old`);
  owner().exec('INSERT INTO call (n) VALUES (3)');
  expect(await counted()).toEqual([1, 2, 3]);
  expect(tracked()).toMatchObject([{ generation: 1 }]);
  end(open[0] as Database);
  renameSync(file, file.replace('log', 'other'));
  expect(await counted()).toEqual([1, 2, 3]);
});

it('is read anew by a newer parser', async () => {
  owner().exec('INSERT INTO call (n) VALUES (1)');
  await counted();
  const later = await createHouse({ providers: agent(2), keepTimes: true, now: () => now });
  rmSync(later.home, { recursive: true });
  renameSync(house.home, later.home);
  expect(await counted(later)).toEqual([1]);
  renameSync(later.home, house.home);
  later.remove();
});

it('waits when it is half there, and is counted when it is whole', async () => {
  const db = owner();
  db.exec('INSERT INTO call (n) VALUES (1), (2)');
  end(db);
  const bytes = readFileSync(file);
  writeFileSync(file, bytes.subarray(0, 5000));
  expect(await counted()).toEqual([]);
  expect(tracked()).toMatchObject([{ invalid: 1 }]);
  writeFileSync(file, bytes);
  expect(await counted()).toEqual([1, 2]);
});

it('is copied once an hour when it is large', async () => {
  const db = owner();
  db.exec('INSERT INTO call (n, filler) VALUES (1, randomblob(600000))');
  expect(await counted()).toEqual([1]);
  db.exec('INSERT INTO call (n) VALUES (2)');
  now += hourMs - 1;
  expect(await counted()).toEqual([1]);
  now += 1;
  expect(await counted()).toEqual([1, 2]);
});

it('leaves no copy behind, and takes away those of processes that were killed', async () => {
  const copies = join(house.path, 'scopeon', 'copies');
  const me = identifyProcess();
  const nobody = join(copies, `${2 ** 22 + 1}_${me.processStart}_${me.bootId}`, 'abc');
  const notOurs = join(copies, 'something else');
  for (const directory of [nobody, notOurs]) mkdirSync(directory, { recursive: true });
  writeFileSync(join(nobody, 'copy.db'), 'CANARY');
  owner().exec('INSERT INTO call (n) VALUES (1)');
  await counted();
  expect(readdirSync(copies)).toEqual(['something else']);
  rmSync(copies, { recursive: true });
  open[0]?.exec('INSERT INTO call (n) VALUES (2)');
  expect(await counted()).toEqual([1, 2]);
  expect(existsSync(copies)).toBe(false);
});
