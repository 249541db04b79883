import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Database, openFile } from '../../src/store/driver.ts';
import { isEarly } from '../../src/store/early.ts';
import { migrate, schemaVersion } from '../../src/store/migrate.ts';
import { type Outcome, run } from '../helpers/bin.ts';
import { makeLogs, sumsOf, writeLogs } from '../helpers/made-logs.ts';
import { assertRollups } from '../helpers/rollups.ts';

const layout = readFileSync(fileURLToPath(new URL('../fixtures/store/early-layout.sql', import.meta.url)), 'utf8');
const logs = makeLogs({
  starts: [1, 2, 3].map((day) => Date.parse(`2026-05-0${day}T08:00:00Z`)),
  turnsPerSession: 8,
});
const sid = logs.turns[0]?.session ?? '';
const lastSid = logs.turns.at(-1)?.session ?? '';

let work: string;
let home: string;
let own: string;
let db: string;
beforeEach(() => {
  work = realpathSync(mkdtempSync(join(tmpdir(), 'scopeon-early-')));
  home = join(work, 'home');
  own = join(work, 'scopeon');
  db = join(own, 'scopeon.db');
  mkdirSync(own, { mode: 0o700 });
  writeLogs(home, logs);
});
afterEach(() => rmSync(work, { recursive: true, force: true }));

const report = (): Promise<Outcome> => run(['daily', '--json'], { home });

/** One session of which a log is left, with other figures, and one of which none is; each with a tag. */
function makeEarly(path: string): void {
  const store = openFile(path);
  store.exec('PRAGMA journal_mode = WAL');
  store.exec(layout);
  store.exec(`
    INSERT INTO word VALUES (1, 'claude-opus-4-6'), (2, 'trunk'), (3, 'Bash'), (4, 'linear'), (5, 'get_issue');
    INSERT INTO project VALUES (1, '/home/dev/old', 1);
    INSERT INTO session (id, provider, sid, top_id, project_id, branch_id, started_at) VALUES
      (1, 'claude-code', 'gone-session', 1, 1, 2, 1770000000000), (2, 'claude-code', '${sid}', 2, 1, 2, 1770000000000),
      (3, 'claude-code', '${lastSid}', 3, 1, 2, 1770000000000), (4, 'claude-code', 'never-spoke', 4, 1, 2, 1770000000000);
    INSERT INTO source_file (id, provider, path, dev, ino, fp, fp_len, offset, tail_hash, size, mtime_ms, generation,
      parser_version, first_mtime_ms, last_read_at) VALUES (1, 'claude-code', '/gone.jsonl', 1, 1, x'', 0, 9, x'', 9, 1, 0, 1, 1, 1);
    INSERT INTO tag VALUES (1, 'billing', 'manual'), (2, 'kept', 'manual');
    INSERT INTO prompt VALUES
      (1, x'f0000000000000000000000000000001', 1, 1770000000000, 1, 2, 0, 1770000000000, 1),
      (2, x'f0000000000000000000000000000002', 3, 1770000000000, 1, 2, 0, 1770000000000, 1);
    INSERT INTO tool_call VALUES (1, 77, 1770000060000, 'tool', 3, 0, 0, 12, NULL, 345, 0, 90),
      (1, 78, 1770000060000, 'mcp', 5, 4, 0, 12, NULL, NULL, NULL, NULL);`);
  const turn = store.prepare(
    `INSERT INTO turn VALUES (?, ?, ?, ?, 1, 0, ?, 20, 0, 3, ?, NULL, 0, 30, 130, 'standard', 2, 0, 0, 'measured', 0, 0,
      NULL, NULL, NULL, NULL, ?, 1, 0, 1, 1)`,
  );
  turn.run(1, Buffer.from('a'.repeat(32), 'hex'), 1, 1_770_000_060_000, 10, 100, 2);
  turn.run(2, Buffer.from('b'.repeat(32), 'hex'), 1, 1_770_000_120_000, 11, 101, 0);
  turn.run(3, Buffer.from('c'.repeat(32), 'hex'), 2, 1_770_000_060_000, 5_000, 5_000, 0);
  store.close();
}

const ofLogs = sumsOf(logs.turns);
const wanted = {
  turns: ofLogs.turns + 2,
  input_tokens: ofLogs.input_tokens + 21,
  output_tokens: ofLogs.output_tokens + 201,
  cache_read_tokens: ofLogs.cache_read_tokens + 40,
  cache_write_1h_tokens: ofLogs.cache_write_1h_tokens + 6,
  tool_calls: ofLogs.tool_calls + 2,
};

function ask<T>(path: string, question: (store: Database) => T): T {
  const store = openFile(path, { readonly: true });
  try {
    return question(store);
  } finally {
    store.close();
  }
}

describe('a store of before the first release', () => {
  it('is kept whole, told in a line, and rebuilt from the logs; what no log gives is imported, tags are taken along', async () => {
    makeEarly(db);
    const before = readFileSync(db);
    const first = await report();
    expect({ code: first.code, lines: first.stderr.trimEnd().split('\n') }).toEqual({
      code: 0,
      lines: [
        expect.stringMatching(/written by a scopeon of before its first release\. It was kept whole in .*early-/),
        expect.stringMatching(/Imported from the early database: 1 session with 2 turns of which no log is left\./),
      ],
    });
    expect(JSON.parse(first.stdout).totals).toMatchObject(wanted);
    const [kept = '', ...others] = readdirSync(join(own, 'backups'));
    expect([kept.startsWith('early-'), others]).toEqual([true, []]);
    expect(readFileSync(join(own, 'backups', kept, 'scopeon.db')).equals(before)).toBe(true);
    ask(db, (store) => {
      expect(store.pragma('user_version', { simple: true })).toBe(schemaVersion());
      expect(store.pragma('integrity_check', { simple: true })).toBe('ok');
      expect(
        store
          .prepare(
            "SELECT sid, tag, source FROM tag JOIN session s ON s.id = session_id WHERE source = 'manual' ORDER BY tag",
          )
          .raw()
          .all(),
      ).toEqual([
        ['gone-session', 'billing', 'manual'],
        [sid, 'kept', 'manual'],
      ]);
      expect(store.prepare('SELECT sid FROM session WHERE imported = 1').pluck().all()).toEqual(['gone-session']);
      // The same rows as before: a log that turns up again tells of no others.
      expect(
        store.prepare("SELECT COUNT(*) FROM turn WHERE key = x'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'").pluck().get(),
      ).toBe(1);
      assertRollups(store);
    });
    const second = await report();
    expect(second.stderr).toBe('');
    expect(JSON.parse(second.stdout).totals).toEqual(JSON.parse(first.stdout).totals);
    const { rows } = JSON.parse((await run(['sessions', '--json'], { home })).stdout);
    expect(rows.find((row: { readonly id: string }) => row.id === 'gone-session')).toMatchObject({
      project: 'old',
      branch: 'trunk',
      turns: 2,
    });
  });

  it('is kept once when six commands find it at once', async () => {
    makeEarly(db);
    const outcomes = await Promise.all(Array.from({ length: 6 }, report));
    expect(outcomes.map(({ code }) => code)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(outcomes.filter(({ stderr }) => stderr.includes('first release')).length).toBe(1);
    expect(readdirSync(join(own, 'backups')).length).toBe(1);
    expect(JSON.parse((await report()).stdout).totals).toMatchObject(wanted);
  });

  it('is called so by the doctor, who changes nothing', async () => {
    makeEarly(db);
    const before = readFileSync(db);
    const { stdout } = await run(['doctor'], { home });
    expect(stdout).toContain('ours, of before the first release');
    expect(readFileSync(db).equals(before)).toBe(true);
  });

  it('that cannot be read whole is kept all the same, and the logs are read', async () => {
    makeEarly(db);
    const store = openFile(db);
    store.exec('DROP TABLE prompt');
    store.close();
    const outcome = await report();
    expect(outcome.code).toBe(0);
    expect(outcome.stderr).toContain('Nothing was imported from the early database');
    expect(JSON.parse(outcome.stdout).totals).toMatchObject(ofLogs);
    expect((await report()).stderr).toBe('');
  });

  it('among the backups is not what a damaged store is rebuilt from, nor what is restored', async () => {
    await report();
    mkdirSync(join(own, 'backups'));
    const backup = join(own, 'backups', 'daily-2026-05-20.db');
    makeEarly(join(work, 'early.db'));
    copyFileSync(join(work, 'early.db'), backup);
    const drill = await run(['db', 'drill'], { home });
    expect([drill.code, drill.stdout]).toEqual([1, expect.stringContaining('it is of before the first release')]);
    expect(await run(['db', 'restore', '--apply'], { home })).toMatchObject({ code: 10 });
    writeFileSync(db, Buffer.alloc(8_192, 7));
    const outcome = await report();
    expect([outcome.code, outcome.stderr]).toEqual([0, expect.stringContaining('It is rebuilt from the logs.')]);
    expect(JSON.parse(outcome.stdout).totals).toMatchObject(ofLogs);
    expect(readdirSync(join(own, 'backups'))).toContain('daily-2026-05-20.db');
  });
});

describe('which stores are of before the first release', () => {
  const open = async (last: number): Promise<Database> => {
    const store = openFile(':memory:');
    await migrate(store, { db: ':memory:', backups: work }, { last });
    return store;
  };

  it.each(Array.from({ length: schemaVersion() }, (_, i) => i + 1))('none that has step %i of today', async (last) => {
    const store = await open(last);
    expect(isEarly(store)).toBe(false);
    store.close();
  });

  it('any that lacks a table of the first step', async () => {
    const store = await open(2);
    const tables = store.prepare<[], string>("SELECT name FROM sqlite_master WHERE type = 'table'").pluck().all();
    expect(tables.length).toBeGreaterThan(20);
    for (const table of tables) {
      store.exec(`ALTER TABLE ${table} RENAME TO gone`);
      expect(isEarly(store), table).toBe(true);
      store.exec(`ALTER TABLE gone RENAME TO ${table}`);
    }
    expect(isEarly(store)).toBe(false);
    store.close();
  });

  it.each([
    ['turn', 'responses'],
    ['source_file', 'failure'],
    ['session', 'context_told'],
    ['limit_snapshot', 'entitlement'],
    ['turn_source', 'is_best'],
  ])('any whose %s has no %s', async (table, column) => {
    const store = await open(3);
    store.exec(`ALTER TABLE ${table} RENAME COLUMN ${column} TO gone`);
    expect(isEarly(store)).toBe(true);
    store.close();
  });
});
