import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openFile } from '../../src/store/driver.ts';
import { openStore } from '../../src/store/open.ts';
import { type Outcome, run } from '../helpers/bin.ts';
import { makeLogs, sumsOf, writeLogs } from '../helpers/made-logs.ts';
import { randomFrom } from '../helpers/random.ts';
import { assertRollups } from '../helpers/rollups.ts';

const logs = makeLogs({
  starts: Array.from({ length: 12 }, (_, i) => Date.parse('2026-05-01T08:00:00Z') + i * 86_400_000),
  turnsPerSession: 20,
});

let work: string;
let home: string;
let own: string;
let db: string;
beforeEach(() => {
  work = realpathSync(mkdtempSync(join(tmpdir(), 'scopeon-store-')));
  home = join(work, 'home');
  own = join(work, 'scopeon');
  db = join(own, 'scopeon.db');
  mkdirSync(home);
});
afterEach(() => {
  chmodSync(work, 0o700);
  rmSync(work, { recursive: true, force: true });
});

const report = (...args: readonly string[]): Promise<Outcome> => run(['daily', '--json', ...args], { home });

async function expectExact(outcome?: Outcome): Promise<void> {
  const { code, stdout, stderr } = outcome ?? (await report());
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  expect(JSON.parse(stdout).totals).toMatchObject(sumsOf(logs.turns));
  const store = openFile(db, { readonly: true });
  try {
    expect(store.pragma('integrity_check', { simple: true })).toBe('ok');
    assertRollups(store);
  } finally {
    store.close();
  }
}

describe('a file in the place of the store', () => {
  const refused: readonly (readonly [string, () => void])[] = [
    ['of another program', () => makeDatabase(db, 'CREATE TABLE notes (text); INSERT INTO notes VALUES (1)')],
    ['of another program that has an id', () => makeDatabase(db, 'PRAGMA application_id = 77; CREATE TABLE t (x)')],
    ['of another program in WAL mode', () => makeDatabase(db, 'PRAGMA journal_mode = WAL; CREATE TABLE notes (text)')],
    ['of another program with a version of its own', () => makeDatabase(db, 'PRAGMA user_version = 3')],
    ['that is text', () => writeFileSync(db, 'my diary\n'.repeat(500))],
    ['that is one byte', () => writeFileSync(db, 'x')],
    ['that is random bytes', () => writeFileSync(db, Buffer.from(Array.from({ length: 20_000 }, randomByte())))],
  ];

  it.each(refused)('%s is refused with 10 and not changed by a byte', async (_, make) => {
    mkdirSync(own);
    make();
    const before = readFileSync(db);
    writeLogs(home, logs);
    for (const args of [['daily'], ['status'], ['export'], ['sessions', '--no-ingest']]) {
      const outcome = await run(args, { home });
      expect(outcome, args[0]).toMatchObject({ code: 10, stdout: '' });
      expect(outcome.stderr).toContain(`${db} is not a scopeon database. Nothing was changed.`);
    }
    expect(readFileSync(db).equals(before)).toBe(true);
    expect(
      readdirSync(own).filter((name) => !name.startsWith('hmac') && !name.endsWith('-shm') && !name.endsWith('-wal')),
    ).toEqual(['scopeon.db']);
  });

  it('written by a newer version is refused with 10 and not changed by a byte', async () => {
    writeLogs(home, logs);
    await expectExact();
    const store = openFile(db);
    store.pragma('user_version = 99');
    store.close();
    const before = readFileSync(db);
    for (const args of [['daily'], ['status'], ['export'], ['sessions', '--no-ingest']]) {
      const outcome = await run(args, { home });
      expect(outcome, args[0]).toMatchObject({ code: 10, stdout: '' });
      expect(outcome.stderr).toMatch(
        /written by a newer scopeon \(schema 99; this build knows \d+\).*Nothing was changed\./,
      );
    }
    expect(readFileSync(db).equals(before)).toBe(true);
  });

  it('that is a directory, or below a file, is told with 10', async () => {
    writeLogs(home, logs);
    mkdirSync(join(work, 'directory'));
    writeFileSync(join(work, 'file'), '');
    for (const place of [join(work, 'directory'), join(work, 'file', 'scopeon.db')]) {
      const outcome = await run(['daily'], { home, env: { SCOPEON_DB: place } });
      expect(outcome, place).toMatchObject({ code: 10, stdout: '' });
      expect(outcome.stderr).toContain(place);
      expect(outcome.stderr).toContain('SCOPEON_DB');
      expect(outcome.stderr).not.toContain('internal error');
    }
  });

  it('that is empty is just new', async () => {
    mkdirSync(own);
    writeFileSync(db, '');
    writeLogs(home, logs);
    await expectExact();
  });
});

it.skipIf(process.platform === 'win32')('nobody else may read what is stored', async () => {
  writeLogs(home, logs);
  await report();
  expect(statSync(own).mode & 0o777).toBe(0o700);
  for (const name of readdirSync(own)) expect(statSync(join(own, name)).mode & 0o777, name).toBe(0o600);
});

it('a store is opened with what keeps it safe', async () => {
  const store = await openStore({ db, backups: join(own, 'backups') }, Date.now(), () => undefined);
  const settings = {
    application_id: 0x53434f50,
    journal_mode: 'wal',
    synchronous: 1, // NORMAL
    foreign_keys: 1,
    busy_timeout: 5_000,
    wal_autocheckpoint: 1_000,
    journal_size_limit: 64 * 1024 * 1024,
    trusted_schema: 0,
    cell_size_check: 1,
  };
  const found = Object.keys(settings).map((name) => [name, store.pragma(name, { simple: true })]);
  store.close();
  expect(Object.fromEntries(found)).toEqual(settings);
});

describe('the original program', () => {
  beforeEach(() => {
    mkdirSync(own);
    makeOriginal(db);
    writeLogs(home, logs);
  });

  it('its database is kept whole and its sessions without a log are imported, once', async () => {
    const before = readFileSync(db);
    const first = await report();
    expect(first.code).toBe(0);
    expect(first.stderr).toContain('original Scopeon');
    const kept = readdirSync(join(own, 'backups')).filter((name) => name.startsWith('original-'));
    expect(kept.length).toBe(1);
    expect(readFileSync(join(own, 'backups', kept[0] ?? '', 'scopeon.db')).equals(before)).toBe(true);
    const wanted = {
      ...sumsOf(logs.turns),
      turns: logs.turns.length + 2,
      input_tokens: sumsOf(logs.turns).input_tokens + 30,
      output_tokens: sumsOf(logs.turns).output_tokens + 300,
    };
    expect(JSON.parse(first.stdout).totals).toMatchObject({
      turns: wanted.turns,
      input_tokens: wanted.input_tokens,
      output_tokens: wanted.output_tokens,
      cache_write_1h_tokens: wanted.cache_write_1h_tokens + 7,
    });
    const second = await report();
    expect(second.stderr).toBe('');
    expect(JSON.parse(second.stdout).totals).toEqual(JSON.parse(first.stdout).totals);
    appendFileSync(join(home, [...logs.files.keys()][0] ?? ''), '{"type":"summary"}\n');
    expect(JSON.parse((await report()).stdout).totals).toEqual(JSON.parse(first.stdout).totals);
    const sessions = JSON.parse((await run(['sessions', '--json'], { home })).stdout).rows as {
      id: string;
      project: string;
      branch: string;
      turns: number;
    }[];
    expect(sessions.find((row) => row.id === 'gone-session')).toMatchObject({
      project: 'old',
      branch: 'trunk',
      turns: 2,
    });
    const store = openFile(db, { readonly: true });
    expect(store.prepare('SELECT sid FROM session WHERE imported = 1').pluck().all()).toContain('gone-session');
    assertRollups(store);
    store.close();
  });

  it('its tags are those of the sessions, imported or told by a log, and stay', async () => {
    const first = await report();
    expect(first.stderr).toContain('Tags of 2 sessions were taken over');
    const left = logs.turns[0]?.session ?? '';
    const tagsOf = async (): Promise<unknown> => {
      const { rows } = JSON.parse((await run(['sessions', '--json'], { home })).stdout);
      return Object.fromEntries(
        (rows as { id: string; tags: string[] }[])
          .filter(({ id }) => id === left || id === 'gone-session')
          .map(({ id, tags }) => [id, tags]),
      );
    };
    expect(await tagsOf()).toEqual({ [left]: ['shop'], 'gone-session': ['billing', 'client x'] });
    expect((await run(['tag', 'set', 'gone-session', 'mine'], { home })).code).toBe(0);
    appendFileSync(join(home, [...logs.files.keys()][0] ?? ''), '{"type":"summary"}\n');
    expect(await tagsOf()).toEqual({ [left]: ['shop'], 'gone-session': ['mine'] });
  });

  it('its database is kept once when six commands find it at once', async () => {
    const before = readFileSync(db);
    const outcomes = await Promise.all(Array.from({ length: 6 }, () => report()));
    expect(outcomes.map(({ code }) => code)).toEqual([0, 0, 0, 0, 0, 0]);
    const kept = readdirSync(join(own, 'backups'));
    expect(kept).toEqual([expect.stringMatching(/^original-/)]);
    expect(readFileSync(join(own, 'backups', kept[0] ?? '', 'scopeon.db')).equals(before)).toBe(true);
    expect(outcomes.filter(({ stderr }) => stderr.includes('was found')).length).toBe(1);
    expect(JSON.parse((await report()).stdout).totals.turns).toBe(logs.turns.length + 2);
  });
});

it.skipIf(process.platform !== 'linux')(
  'no room: ends with 11, nothing is lost, exact when there is room again',
  async () => {
    writeLogs(
      home,
      makeLogs({
        starts: Array.from({ length: 40 }, (_, i) => Date.parse('2026-05-01T08:00:00Z') + i * 86_400_000),
        turnsPerSession: 60,
        seed: 5,
      }),
    );
    writeLogs(home, logs);
    for (const limit of [30_000, 100_000, 300_000]) {
      const outcome = await run(['daily', '--json'], { home, through: ['prlimit', `--fsize=${limit}`] });
      expect(outcome.code, `${limit}: ${outcome.stderr}`).toBe(11);
      expect(outcome.stderr).toContain('No space left');
    }
    const { code, stdout } = await report();
    expect(code).toBe(0);
    const store = openFile(db, { readonly: true });
    expect(store.pragma('integrity_check', { simple: true })).toBe('ok');
    assertRollups(store);
    expect(JSON.parse(stdout).totals.turns).toBe(store.prepare('SELECT COUNT(*) FROM turn').pluck().get());
    store.close();
    expect(existsSync(`${db}.filling`)).toBe(false);
  },
);

function makeDatabase(path: string, sql: string): void {
  const made = openFile(path);
  made.exec(sql);
  made.close();
}

/** As the original's ninth migration leaves it; one session of which a log is left and one of which none is. */
function makeOriginal(path: string): void {
  const left = logs.turns[0]?.session ?? '';
  makeDatabase(
    path,
    `PRAGMA user_version = 9; PRAGMA journal_mode = WAL;
    CREATE TABLE sessions (id TEXT PRIMARY KEY, project TEXT, project_name TEXT, slug TEXT, model TEXT, git_branch TEXT DEFAULT '', started_at INTEGER, last_turn_at INTEGER, total_turns INTEGER DEFAULT 0, is_subagent INTEGER DEFAULT 0, parent_session_id TEXT, had_compaction INTEGER DEFAULT 0, is_expensive INTEGER DEFAULT 0, is_tool_heavy INTEGER DEFAULT 0, is_cache_cold INTEGER DEFAULT 0, context_window_tokens INTEGER, provider TEXT DEFAULT '', provider_version TEXT DEFAULT '');
    CREATE TABLE turns (id TEXT PRIMARY KEY, session_id TEXT REFERENCES sessions (id), turn_index INTEGER, timestamp INTEGER, duration_ms INTEGER, input_tokens INTEGER DEFAULT 0, cache_read_tokens INTEGER DEFAULT 0, cache_write_tokens INTEGER DEFAULT 0, cache_write_5m_tokens INTEGER DEFAULT 0, cache_write_1h_tokens INTEGER DEFAULT 0, output_tokens INTEGER DEFAULT 0, thinking_tokens INTEGER DEFAULT 0, mcp_call_count INTEGER DEFAULT 0, mcp_input_token_est INTEGER DEFAULT 0, text_output_tokens INTEGER DEFAULT 0, model TEXT, service_tier TEXT, estimated_cost_usd REAL DEFAULT 0, is_compaction_event INTEGER DEFAULT 0);
    CREATE TABLE tool_calls (id TEXT PRIMARY KEY, turn_id TEXT, session_id TEXT, tool_name TEXT, input_size_chars INTEGER, timestamp INTEGER, input_hash INTEGER);
    CREATE TABLE daily_rollup (date TEXT PRIMARY KEY, total_input_tokens INTEGER, turn_count INTEGER);
    CREATE TABLE file_offsets (file_path TEXT PRIMARY KEY, byte_offset INTEGER, last_modified INTEGER);
    CREATE TABLE session_tags (session_id TEXT, tag TEXT, PRIMARY KEY (session_id, tag));
    INSERT INTO sessions (id, project, project_name, slug, model, git_branch, started_at, last_turn_at, provider, provider_version) VALUES
      ('gone-session', '/home/dev/old', 'old', 'CANARY', 'claude-opus-4-20250514', 'trunk', 1750000000000, 1750000100000, 'claude-code', '1.0.17'),
      ('${left}', '/home/dev/shop', 'shop', '', 'claude-opus-4-20250514', 'main', 1750000000000, 1750000100000, 'claude-code', '1.0.17');
    INSERT INTO turns (id, session_id, turn_index, timestamp, input_tokens, cache_write_tokens, cache_write_1h_tokens, output_tokens, model) VALUES
      ('msg_gone_1', 'gone-session', 0, 1750000000000, 10, 7, 7, 100, 'claude-opus-4-20250514'),
      ('msg_gone_2', 'gone-session', 1, 1750000100000, 20, 0, 0, 200, 'claude-opus-4-20250514'),
      ('msg_left_1', '${left}', 0, 1750000000000, 5000, 0, 0, 5000, 'claude-opus-4-20250514');
    INSERT INTO session_tags VALUES ('gone-session', 'billing'), ('gone-session', 'client x'), ('${left}', 'shop'), ('nowhere', 'lost');`,
  );
}

function randomByte(): () => number {
  const random = randomFrom(3);
  return () => Math.floor(random() * 256);
}
