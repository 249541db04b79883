import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  existsSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Batch, type Cursor, UnreadableLog } from '../../src/provider.ts';
import { type RowsOptions, rows, sqliteRows } from '../../src/readers/sqlite-rows.ts';
import { type Database, openFile } from '../../src/sqlite.ts';
import { logFile } from '../helpers/log-file.ts';

let home: string;
let path: string;
let scratch: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'scopeon-rows-'));
  mkdirSync(join(home, 'agent'));
  path = join(home, 'agent', 'log.db');
  scratch = join(home, 'own', 'copies');
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

type Query = RowsOptions<string, string, undefined>;

/** What a reading gave, told as the prompts the queries below make of rows. */
interface Reading {
  readonly seen: readonly string[];
  readonly skipped: Batch['skipped'];
  readonly cursor: Cursor | undefined;
  readonly batches: number;
}

function read(queries: readonly Query[], from?: Cursor, sizeBytes?: number): Reading {
  const fd = openSync(path, 'r');
  try {
    const file = logFile({
      fd,
      path,
      sizeBytes: sizeBytes ?? fstatSync(fd).size,
      scratch,
      digest: Object.assign((bytes: Uint8Array) => `#${Buffer.from(bytes).toString('latin1')}`, {
        key: Buffer.alloc(16),
      }),
    });
    const reading = { seen: [] as string[], skipped: [] as Batch['skipped'][number][], cursor: from, batches: 0 };
    for (const batch of sqliteRows<undefined>({ start: () => undefined, queries })(file, from)) {
      reading.batches++;
      reading.skipped.push(...batch.skipped);
      reading.cursor = batch.cursor;
      for (const event of batch.events) if (event.kind === 'prompt') reading.seen.push(event.key);
    }
    return reading;
  } finally {
    closeSync(fd);
  }
}

/** Tells each row of `thing`, its columns joined. */
function things(options: Partial<Query> & Pick<Query, 'columns'>): Query {
  return rows({
    table: 'thing',
    parse(row, context) {
      const key = Object.values(row).join(' ');
      context.emit({ kind: 'prompt', key, session: 's', at: undefined, rank: 'own' });
    },
    ...options,
  });
}

function owner(mode = 'wal'): Database {
  const db = openFile(path);
  db.pragma(`journal_mode = ${mode}`);
  db.exec('CREATE TABLE IF NOT EXISTS thing (id INTEGER PRIMARY KEY, n INTEGER, changed INTEGER, filler)');
  return db;
}

function beside(): Record<string, { bytes: string; mtimeNs: bigint }> {
  return Object.fromEntries(
    readdirSync(join(home, 'agent')).map((name) => [
      name,
      {
        bytes: readFileSync(join(home, 'agent', name)).toString('base64'),
        mtimeNs: lstatSync(join(home, 'agent', name), { bigint: true }).mtimeNs,
      },
    ]),
  );
}

const all = things({ columns: { id: 'id', n: 'n' } });

it.each(['wal', 'delete', 'truncate', 'persist'])('reads what was committed, in journal mode %s', (mode) => {
  const db = owner(mode);
  db.exec('INSERT INTO thing (n) VALUES (7), (8)');
  expect(read([all]).seen).toEqual(['1 7', '2 8']);
  db.close();
  expect(read([all]).seen).toEqual(['1 7', '2 8']);
});

it('leaves every byte and time of the owner’s files as they are, and nothing beside them', () => {
  const db = owner();
  db.exec('INSERT INTO thing (n) VALUES (7)');
  const before = beside();
  expect(Object.keys(before)).toEqual(['log.db', 'log.db-shm', 'log.db-wal']);
  read([all]);
  expect(beside()).toEqual(before);
  db.close();
  const closed = beside();
  expect(Object.keys(closed)).toEqual(['log.db']);
  read([all]);
  expect(beside()).toEqual(closed);
});

it('keeps no copy: not after the reading, not when it ends early, not when it fails', () => {
  const db = owner();
  db.exec(`INSERT INTO thing (n) VALUES ${Array.from({ length: 1200 }, (_, n) => `(${n})`).join()}`);
  const fd = openSync(path, 'r');
  const file = logFile({ fd, path, sizeBytes: 0, scratch });
  for (const _ of sqliteRows<undefined>({ start: () => undefined, queries: [all] })(file, undefined)) {
    const [copy = ''] = readdirSync(scratch);
    expect(readdirSync(join(scratch, copy))).toContain('copy.db');
    if (process.platform !== 'win32') {
      expect(lstatSync(join(scratch, copy)).mode & 0o777).toBe(0o700);
      expect(lstatSync(join(scratch, copy, 'copy.db')).mode & 0o777).toBe(0o600);
    }
    break;
  }
  expect(readdirSync(scratch)).toEqual([]);
  expect(read([all]).batches).toBe(3);
  expect(readdirSync(scratch)).toEqual([]);
  truncateSync(path, 5000);
  read([all]);
  expect(readdirSync(scratch)).toEqual([]);
  expect(() => read([all], undefined, Number.MAX_SAFE_INTEGER)).toThrow(UnreadableLog); // no room
  expect(readdirSync(scratch)).toEqual([]);
  closeSync(fd);
  db.close();
});

it('pauses while it copies, and leaves nothing behind when it is stopped there', () => {
  const db = owner();
  db.exec('INSERT INTO thing (n, filler) VALUES (7, zeroblob(40000000))');
  db.pragma('wal_checkpoint(TRUNCATE)');
  const fd = openSync(path, 'r');
  const file = logFile({ fd, path, sizeBytes: 0, scratch });
  const from = { offset: 5, state: { some: 'marks' } };
  for (const batch of sqliteRows<undefined>({ start: () => undefined, queries: [all] })(file, from)) {
    expect(batch).toEqual({ events: [], skipped: [], records: 0, cursor: from });
    expect(readdirSync(scratch)).toHaveLength(1);
    break;
  }
  expect(readdirSync(scratch)).toEqual([]);
  expect(read([all])).toMatchObject({ seen: ['1 7'], batches: 3 });
  closeSync(fd);
  db.close();
});

it('sees what stands in the write-ahead log alone', () => {
  const db = owner();
  db.pragma('wal_autocheckpoint = 0');
  db.exec('INSERT INTO thing (n) VALUES (7)');
  db.pragma('wal_checkpoint(TRUNCATE)');
  const main = readFileSync(path);
  db.exec('INSERT INTO thing (n) VALUES (8)');
  expect(readFileSync(path)).toEqual(main);
  expect(read([all]).seen).toEqual(['1 7', '2 8']);
  db.close();
});

it.each(['wal', 'delete'])(
  'never sees half a transaction while its owner writes without pause, journal mode %s',
  async (mode) => {
    const db = owner(mode);
    db.exec(`INSERT INTO thing (n) VALUES ${Array.from({ length: 3000 }, () => '(0)').join()}`);
    db.close();
    const program = fileURLToPath(new URL('../helpers/busy-owner.ts', import.meta.url));
    const child = spawn(process.execPath, ['--import', 'tsx', program, path, mode], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      await once(child.stdout, 'data');
      const numbers = new Set<string>();
      for (let i = 0; i < 15; i++) {
        try {
          const { seen, skipped } = read([things({ columns: { n: 'n' } })]);
          expect(skipped).toEqual([]);
          expect(seen.length).toBe(3000);
          expect(new Set(seen).size).toBe(1);
          numbers.add(seen[0] ?? '');
        } catch (error) {
          if (!(error instanceof UnreadableLog)) throw error; // said so, rather than read wrongly
        }
      }
      if (mode === 'wal') expect(numbers.size).toBeGreaterThan(5);
    } finally {
      child.kill('SIGKILL');
      await once(child, 'close');
    }
  },
);

it.each([
  ['adds to its log', 'SELECT 1', false],
  ['writes its log back', 'PRAGMA wal_checkpoint(PASSIVE)', false],
  ['begins its log anew', 'PRAGMA wal_checkpoint(TRUNCATE)', true],
])('sees one state of a database whose owner %s in the middle of the copying', (_, afterwards, isCopiedAgain) => {
  const db = owner();
  db.exec(`INSERT INTO thing (n, filler) VALUES ${Array.from({ length: 400 }, () => '(0, zeroblob(100000))').join()}`);
  db.pragma('wal_checkpoint(TRUNCATE)');
  db.exec('UPDATE thing SET changed = 1 WHERE id = 1'); // there is a log from the start
  const fd = openSync(path, 'r');
  const seen: string[] = [];
  let pauses = 0;
  const query = things({ columns: { n: 'n' } });
  const file = logFile({ fd, path, sizeBytes: 0, scratch });
  for (const batch of sqliteRows<undefined>({ start: () => undefined, queries: [query] })(file, undefined)) {
    for (const event of batch.events) if (event.kind === 'prompt') seen.push(event.key);
    if (batch.records > 0 || pauses++ > 0) continue;
    db.exec('UPDATE thing SET n = 1');
    db.exec(afterwards);
  }
  expect(seen).toHaveLength(400);
  expect(new Set(seen)).toEqual(new Set(['1']));
  expect(pauses > 3).toBe(isCopiedAgain);
  closeSync(fd);
  db.close();
});

it('waits for the end of a transaction that changes the main file', () => {
  const db = owner('delete');
  db.exec(
    `INSERT INTO thing (n, filler) VALUES ${Array.from({ length: 2000 }, (_, n) => `(${n + 1}, randomblob(2000))`).join()}`,
  );
  db.pragma('cache_size = 5');
  db.exec('BEGIN; UPDATE thing SET n = 0, filler = randomblob(2000)'); // does not fit, so it spills
  expect(existsSync(`${path}-journal`)).toBe(true);
  expect(() => read([all])).toThrow(UnreadableLog);
  db.exec('ROLLBACK');
  expect(read([things({ columns: { n: 'n' }, where: 'n > 1999' })]).seen).toEqual(['2000']);
  db.close();
});

it('passes over what is no whole database, and counts it', () => {
  const db = owner();
  db.exec(`INSERT INTO thing (n) VALUES ${Array.from({ length: 3000 }, (_, n) => `(${n})`).join()}`);
  db.close();
  const bytes = readFileSync(path);
  const known: Cursor = { offset: 1, state: { schema: 1, tables: {} } };
  for (const size of [50, 99, 100, 3000, 4096, 9000, bytes.length - 1]) {
    writeFileSync(path, bytes.subarray(0, size));
    const { skipped, cursor } = read([all], known);
    expect(skipped, `${size} bytes`).toEqual([{ offset: 0, reason: 'invalid' }]);
    expect(cursor?.state).toBe(known.state); // so all of it is looked at again
  }
  writeFileSync(path, 'CANARY, a text');
  expect(read([all]).skipped).toEqual([{ offset: 0, reason: 'invalid' }]);
  writeFileSync(path, bytes);
  writeFileSync(`${path}-wal`, Buffer.alloc(5000, 0xa5)); // a log of nothing
  expect(read([all])).toMatchObject({ skipped: [] });
  expect(read([all]).seen.length).toBe(3000);
});

it('takes an empty file for a database without tables', () => {
  writeFileSync(path, '');
  expect(read([all])).toMatchObject({ seen: [], skipped: [] });
});

it('has no rows of a table and no values of a column that this version lacks', () => {
  const db = owner();
  db.exec(
    'INSERT INTO thing (n) VALUES (7); CREATE VIEW view AS SELECT 1 AS n; CREATE TABLE strange (n PRIMARY KEY) WITHOUT ROWID',
  );
  const { seen, skipped } = read([
    things({ table: 'absent', columns: { n: 'n' } }),
    things({ table: 'view', columns: { n: 'n' } }),
    things({ table: 'strange', columns: { n: 'n' } }),
    things({ join: { table: 'absent', on: 'absent.id = thing.id' }, columns: { n: 'n' } }),
    things({ columns: { n: 'n', later: 'later' }, json: { more: { a: '$.a' } } }),
  ]);
  expect({ seen, skipped }).toEqual({ seen: ['7  '], skipped: [] });
  db.close();
});

it('takes JSON apart inside SQLite: scalars, sizes and keyed hashes', () => {
  const db = owner();
  const insert = db.prepare('INSERT INTO thing (filler) VALUES (?)');
  insert.run('{"a": {"b": 1.5}, "text": "x", "list": [1, 2], "yes": true, "null": null}');
  insert.run(Buffer.from('{"a":{"b":"2"}}')); // the same as a blob
  insert.run(null);
  const { seen, skipped } = read([
    things({
      columns: { id: 'id' },
      json: {
        filler: {
          b: '$.a.b',
          text: '$.text',
          list: '$.list',
          yes: '$.yes',
          size: { sizeOf: '$.a' },
          hash: { digestOf: '$.a' },
        },
      },
    }),
  ]);
  expect(skipped).toEqual([]);
  expect(seen).toEqual(['1 1.5 x NaN 1 9 #{"b":1.5}', '2 2    9 #{"b":"2"}', '3      ']);
  db.close();
});

it('counts a value that is no JSON and one that is too long, and goes on', () => {
  const db = owner();
  const insert = db.prepare('INSERT INTO thing (filler) VALUES (?)');
  insert.run('{"a":1}');
  insert.run('{"a":');
  insert.run(`{"a":2,"b":"${'x'.repeat(16 * 1024 * 1024)}"}`);
  insert.run('['.repeat(100_000));
  insert.run('{"a":3}');
  const { seen, skipped } = read([things({ columns: { id: 'id' }, json: { filler: { a: '$.a' } } })]);
  expect(seen).toEqual(['1 1', '5 3']);
  expect(skipped).toEqual([
    { offset: 2, reason: 'invalid' },
    { offset: 3, reason: 'oversize' },
    { offset: 4, reason: 'invalid' },
  ]);
  db.close();
});

it('survives what a hostile database may hold', () => {
  const db = owner();
  db.function('evil', () => 'CANARY');
  db.exec(`CREATE TABLE odd (rowid TEXT, n); INSERT INTO odd VALUES ('CANARY', 1), (NULL, 2);
    CREATE TABLE long (n, text); INSERT INTO long VALUES (1, zeroblob(70000000)), (2, 'short');
    CREATE TABLE made (n, m AS (n + 1)); INSERT INTO made (n) VALUES (1);
    CREATE TRIGGER told AFTER INSERT ON made BEGIN SELECT evil(); END;
    CREATE INDEX indexed ON thing (n) WHERE n > 3; CREATE VIRTUAL TABLE words USING fts5(n)`);
  const { seen, skipped, cursor } = read([
    things({ table: 'odd', columns: { n: 'n' }, changes: 'appended' }),
    things({ table: 'long', columns: { n: 'n', text: 'text' } }),
    things({ table: 'made', columns: { n: 'n', m: 'm' } }),
    things({ table: 'words', columns: { n: 'n' } }),
  ]);
  expect({ seen, skipped }).toEqual({ seen: ['1', '2', '1 ', '2 short', '1 '], skipped: [] });
  expect(read([things({ table: 'odd', columns: { n: 'n' }, changes: 'appended' })], cursor).skipped).toEqual([]);
  db.unsafeMode(true);
  db.exec('CREATE TABLE strange (n TEXT); PRAGMA writable_schema = ON');
  db.exec("UPDATE sqlite_schema SET sql = 'CREATE TABLE strange (n TEXT COLLATE nobody)' WHERE name = 'strange'");
  db.exec("UPDATE sqlite_schema SET sql = 'CREATE TABLE strange (n' WHERE name = 'long'");
  db.close();
  expect(read([all]).skipped).toEqual([{ offset: 0, reason: 'invalid' }]);
});

it('joins another table’s row', () => {
  const db = owner();
  db.exec(`CREATE TABLE part (thing_id, data); INSERT INTO thing (n, filler) VALUES (7, '{"a":1}'), (8, '{"a":2}');
    INSERT INTO part VALUES (2, '{"a":3}'), (1, '{"a":4}'), (9, '{"a":5}')`);
  const query = things({
    table: 'part',
    join: { table: 'thing', on: 'thing.id = part.thing_id' },
    columns: { n: 'thing.n', thing: 'thing_id' },
    json: { data: { mine: '$.a' }, 'thing.filler': { theirs: '$.a' } },
  });
  expect(read([query]).seen).toEqual(['8 2 3 2', '7 1 4 1']);
  db.close();
});

const hourMs = 60 * 60 * 1000;

/** Rows whose numbers are so far apart that none is looked at again for being near the last. */
function insertFar(db: Database, first: number, ...values: readonly (readonly [n: number, changed: number])[]): void {
  const insert = db.prepare('INSERT INTO thing (id, n, changed) VALUES (?, ?, ?)');
  values.forEach(([n, changed], i) => void insert.run((first + i) * 1000, n, changed));
}

it('reads only new rows where the rows say so', () => {
  const db = owner();
  const changes = (kind: NonNullable<Query['changes']>): Query => things({ columns: { n: 'n' }, changes: kind });
  const now = Date.now();
  insertFar(db, 1, [1, now - 3 * hourMs], [2, now - 2 * hourMs]);
  const appended = read([changes('appended')]);
  const updated = read([changes({ updated: 'changed' })]);
  expect([appended.seen, updated.seen]).toEqual([
    ['1', '2'],
    ['1', '2'],
  ]);
  insertFar(db, 3, [3, now - 9 * hourMs]); // older than what was seen, and new all the same
  db.prepare('UPDATE thing SET n = 10, changed = ? WHERE n = 1').run(now);
  expect(read([changes('appended')], appended.cursor).seen).toEqual(['2', '3']); // 2 had the last number
  const again = read([changes({ updated: 'changed' })], updated.cursor);
  expect(again.seen).toEqual(['10', '2', '3']); // 2 lies within the hour that is looked at again
  expect(read([changes({ updated: 'changed' })], again.cursor).seen).toEqual(['10', '3']);
  db.close();
});

it('reads with a changed row all of its group, in the order asked for', () => {
  const db = owner();
  insertFar(db, 1, [1, 5], [2, 5], [1, 5], [3, 5], [1, 5]);
  const query = things({
    columns: { n: 'n', id: 'id' },
    orderBy: 'thing.n, thing.id',
    changes: { updated: 'changed', group: 'n' },
  });
  expect(read([query]).seen).toEqual(['1 1000', '1 3000', '1 5000', '2 2000', '3 4000']);
  db.prepare('UPDATE thing SET changed = ? WHERE id = 5000').run(Date.now());
  const { cursor } = read([query]);
  insertFar(db, 6, [3, 6]);
  expect(read([query], cursor).seen).toEqual(['1 1000', '1 3000', '1 5000', '3 4000', '3 6000']);
  db.close();
});

it('tells a query when its last row was read, also when there was none', () => {
  const db = owner();
  const told: number[] = [];
  let rowsSeen = 0;
  const query = things({ columns: {}, parse: () => void rowsSeen++, finish: () => void told.push(rowsSeen) });
  read([query]);
  db.exec('INSERT INTO thing (n) VALUES (1), (2)');
  read([query, query]);
  expect(told).toEqual([0, 2, 4]);
  db.close();
});

it('finds rows that got the numbers of others', () => {
  const db = owner();
  insertFar(db, 1, [1, 0], [2, 0]);
  db.exec('INSERT INTO thing (n) VALUES (3), (4), (5)');
  const query = things({ columns: { n: 'n' }, changes: 'appended' });
  const { cursor } = read([query]);
  db.exec('DELETE FROM thing WHERE n > 3; INSERT INTO thing (n) VALUES (6), (7), (8)');
  expect(read([query], cursor).seen).toEqual(['2', '3', '6', '7', '8']);
  db.close();
});

it('reads all rows again when tables changed, when rows were taken away, and once a day', () => {
  const db = owner();
  insertFar(db, 1, [1, 0], [2, 0], [3, 0]);
  const query = things({ columns: { n: 'n' }, changes: 'appended' });
  const { cursor } = read([query]);
  expect(read([query], cursor).seen).toEqual(['3']);
  const tomorrow = (Date.now() + 25 * hourMs) / 1000;
  for (const name of [path, `${path}-wal`]) utimesSync(name, tomorrow, tomorrow);
  expect(read([query], cursor).seen).toEqual(['1', '2', '3']);
  db.exec('DELETE FROM thing WHERE n > 1; INSERT INTO thing (n) VALUES (4)');
  expect(read([query], cursor).seen).toEqual(['1', '4']);
  db.exec('ALTER TABLE thing ADD COLUMN more');
  insertFar(db, 9, [5, 0]);
  expect(read([query], cursor).seen).toEqual(['1', '4', '5']);
  expect(read([query], { offset: 5, state: 'of another shape' }).seen).toEqual(['1', '4', '5']);
  db.close();
});

it('is not misled by a time in the future', () => {
  const db = owner();
  db.exec(`INSERT INTO thing (n, changed) VALUES (1, 9e15), (2, ${Date.now()})`);
  const query = things({ columns: { n: 'n' }, changes: { updated: 'changed' } });
  const first = read([query]);
  db.prepare('UPDATE thing SET n = 3, changed = ? WHERE n = 2').run(Date.now());
  expect(read([query], first.cursor).seen).toContain('3');
  db.close();
});

it('does not begin a mark before the last batch was taken', () => {
  const db = owner();
  db.exec(`INSERT INTO thing (n) VALUES ${Array.from({ length: 1200 }, (_, n) => `(${n})`).join()}`);
  const fd = openSync(path, 'r');
  const file = logFile({ fd, path, sizeBytes: 99, scratch });
  const query = things({ columns: { n: 'n' }, changes: 'appended' });
  const cursors = [...sqliteRows<undefined>({ start: () => undefined, queries: [query] })(file, undefined)].map(
    (batch) => batch.cursor,
  );
  expect(cursors.slice(0, 2)).toEqual([
    { offset: 0, state: undefined },
    { offset: 0, state: undefined },
  ]);
  expect(cursors[2]).toMatchObject({ offset: 99, state: { tables: { thing: { rowid: 1200 } } } });
  closeSync(fd);
  db.close();
});

it.skipIf(process.platform === 'win32')('takes no log that is a link, and no file that went away', () => {
  const db = owner();
  db.exec('INSERT INTO thing (n) VALUES (7)');
  db.close();
  symlinkSync('/etc/hostname', `${path}-wal`);
  expect(() => read([all])).toThrow(UnreadableLog);
  rmSync(`${path}-wal`);
  expect(read([all]).seen).toEqual(['1 7']);
});
