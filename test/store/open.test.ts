import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openFile } from '../../src/store/driver.ts';
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

it.skipIf(process.platform === 'win32' || process.getuid?.() === 0)(
  'a home that may not be written ends with 10 and names SCOPEON_DB',
  async () => {
    writeLogs(home, logs);
    chmodSync(work, 0o500);
    const outcome = await report();
    expect(outcome).toMatchObject({ code: 10, stdout: '' });
    expect(outcome.stderr).toContain('SCOPEON_DB');
  },
);

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
});

describe('several at once', () => {
  const six = (): Promise<readonly Outcome[]> => Promise.all(Array.from({ length: 6 }, () => report()));

  it("keep the original's database whole, once", async () => {
    mkdirSync(own);
    makeOriginal(db);
    writeLogs(home, logs);
    const before = readFileSync(db);
    const outcomes = await six();
    expect(outcomes.map(({ code }) => code)).toEqual([0, 0, 0, 0, 0, 0]);
    const kept = readdirSync(join(own, 'backups'));
    expect(kept).toEqual([expect.stringMatching(/^original-/)]);
    expect(readFileSync(join(own, 'backups', kept[0] ?? '', 'scopeon.db')).equals(before)).toBe(true);
    expect(outcomes.filter(({ stderr }) => stderr.includes('was found')).length).toBe(1);
    expect(JSON.parse((await report()).stdout).totals.turns).toBe(logs.turns.length + 2);
  });

  it('mend a damaged database once, and all are exact', async () => {
    writeLogs(home, logs);
    await expectExact();
    overwrite(db, 4096, Buffer.alloc(statSync(db).size - 4096));
    const outcomes = await six();
    expect(outcomes.map(({ code, stderr }) => [code, stderr.includes('was damaged')]).sort()).toEqual([
      ...Array.from({ length: 5 }, () => [0, false]),
      [0, true],
    ]);
    for (const outcome of outcomes) expect(JSON.parse(outcome.stdout).totals).toMatchObject(sumsOf(logs.turns));
    expect(readdirSync(join(own, 'backups'))).toEqual([expect.stringMatching(/^damaged-/)]);
    await expectExact();
  });
});

describe('damage', () => {
  beforeEach(async () => {
    writeLogs(home, logs);
    await expectExact();
    mkdirSync(join(own, 'backups'), { recursive: true });
  });

  async function expectRecovered(): Promise<void> {
    const outcome = await report();
    expect(outcome.code, outcome.stderr).toBe(0);
    await expectExact(outcome);
    await expectExact();
    expect(outcome.stderr).toContain('damaged');
    expect(readdirSync(join(own, 'backups')).filter((name) => name.startsWith('damaged-')).length).toBe(1);
  }

  it('of the header: kept aside, rebuilt from the logs, told', async () => {
    overwrite(db, 0, Buffer.alloc(100, 7));
    await expectRecovered();
  });

  it('of the header, a sound backup there: rebuilt from both', async () => {
    copyFileSync(db, join(own, 'backups', 'daily-2026-05-20.db'));
    overwrite(db, 0, Buffer.alloc(100, 7));
    await expectRecovered();
  });

  it('of the header, a damaged backup there too', async () => {
    writeFileSync(join(own, 'backups', 'daily-2026-05-20.db'), 'nothing');
    overwrite(db, 0, Buffer.alloc(100, 7));
    await expectRecovered();
  });

  it('of the header: what no log can give back comes from the backup, and it is told', async () => {
    const [first = '', ...others] = [...logs.files.keys()];
    copyFileSync(db, join(own, 'backups', 'daily-2026-05-20.db'));
    rmSync(join(home, first));
    overwrite(db, 0, Buffer.alloc(100, 7));
    const { stderr } = await report();
    const lost = logs.files.get(first)?.match(/"output_tokens":1,/g)?.length ?? 0;
    expect(lost).toBeGreaterThan(10);
    expect(stderr).toContain(
      `Rebuilt from daily-2026-05-20.db: ${logs.turns.length} turns; ${lost} older turns have no log left.`,
    );
    await expectExact();
    expect(others.length).toBeGreaterThan(10);
  });

  it('of a page: tags are taken along, and what is lost is told', async () => {
    const sid = logs.turns[0]?.session ?? '';
    const store = openFile(db);
    store.prepare("INSERT INTO tag SELECT id, 'billing', 'manual' FROM session WHERE sid = ?").run(sid);
    const page = Number(store.prepare("SELECT rootpage FROM sqlite_master WHERE name = 'rollup'").pluck().get());
    const size = Number(store.pragma('page_size', { simple: true }));
    store.close();
    rmSync(join(home, [...logs.files.keys()].at(-1) ?? ''));
    overwrite(db, (page - 1) * size, Buffer.alloc(size, 0xa5));
    const { code, stderr } = await report();
    expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining('was damaged') });
    expect(stderr).toMatch(/Rebuilt from the logs: \d+ turns; 20 older turns have no log left\./);
    const rebuilt = openFile(db, { readonly: true });
    expect(rebuilt.prepare('SELECT sid, tag, source FROM tag JOIN session s ON s.id = session_id').all()).toEqual([
      { sid, tag: 'billing', source: 'manual' },
    ]);
    rebuilt.close();
    expect((await report()).stderr).toBe('');
  });

  it('a mending that was killed between two steps is brought to its end', async () => {
    copyFileSync(db, `${db}.replacement`);
    const aside = join(own, 'backups', 'damaged-20260520T101500Z');
    mkdirSync(aside);
    writeFileSync(join(aside, 'scopeon.db'), 'damaged');
    rmSync(db);
    writeFileSync(`${db}-wal`, 'its log');
    writeFileSync(`${db}.making`, JSON.stringify({ pid: 2 ** 22 + 1, bootId: '', processStart: '', nonce: 'x' }));
    rmSync(join(home, '.claude'), { recursive: true });
    writeLogs(home, { ...logs, files: new Map([['.claude/projects/x/new.jsonl', '{"type":"summary"}\n']]) });
    await expectExact();
    expect(readFileSync(join(aside, 'scopeon.db-wal'), 'utf8')).toBe('its log');
    expect(readdirSync(own).filter((name) => /making|replacement/.test(name))).toEqual([]);
  });

  it('cut off in the middle', async () => {
    truncateSync(db, Math.floor(statSync(db).size / 2 / 4096) * 4096);
    await expectRecovered();
  });

  it('all pages but the first are zero', async () => {
    overwrite(db, 4096, Buffer.alloc(statSync(db).size - 4096));
    await expectRecovered();
  });

  it('all pages but the first are random', async () => {
    overwrite(db, 4096, Buffer.from(Array.from({ length: statSync(db).size - 4096 }, randomByte())));
    await expectRecovered();
  });

  it('a store of no bytes is a new one', async () => {
    truncateSync(db, 0);
    await expectExact();
  });

  it('deleted: a new one is made', async () => {
    rmSync(db);
    await expectExact();
  });

  it('a -wal of random bytes is no harm', async () => {
    writeFileSync(`${db}-wal`, Buffer.from(Array.from({ length: 50_000 }, randomByte())));
    await expectExact();
  });

  it('a -shm of random bytes is no harm', async () => {
    writeFileSync(`${db}-shm`, Buffer.from(Array.from({ length: 32_768 }, randomByte())));
    await expectExact();
  });
});

// Reports read pages that catching up does not: what they meet there must lead to a check and a rebuild too.
it.each(['rollup', 'session_rollup', 'turn'])(
  'a damaged page of %s, met by a report, leads to a rebuild',
  async (table) => {
    writeLogs(home, logs);
    await report();
    mkdirSync(join(own, 'backups'), { recursive: true });
    const store = openFile(db, { readonly: true });
    const page = Number(store.prepare('SELECT rootpage FROM sqlite_master WHERE name = ?').pluck().get(table));
    const size = Number(store.pragma('page_size', { simple: true }));
    store.close();
    overwrite(db, (page - 1) * size, Buffer.alloc(size, 0xa5));
    // Only a range that begins within a quarter of an hour reads the turns themselves.
    const range = table === 'turn' ? ['--since', '2026-05-01T00:00:01Z'] : [];
    await expectExact(await run(['daily', '--json', ...range], { home }));
  },
);

it('a report on a store whose rows are damaged never ends in an internal error', async () => {
  writeLogs(home, logs);
  await report();
  mkdirSync(join(own, 'backups'), { recursive: true });
  const sound = readFileSync(db);
  const random = randomFrom(11);
  for (let round = 0; round < 6; round++) {
    const flipped = Buffer.from(sound);
    for (let i = 0; i < 200; i++)
      flipped[100 + Math.floor(random() * (flipped.length - 100))]! ^= 1 << Math.floor(random() * 8);
    for (const suffix of ['', '-wal', '-shm']) rmSync(db + suffix, { force: true });
    writeFileSync(db, flipped);
    const outcome = await report();
    expect([0, 10], `round ${round}: ${outcome.stderr}`).toContain(outcome.code);
    expect(outcome.stderr).not.toContain('internal error');
  }
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
      ('msg_left_1', '${left}', 0, 1750000000000, 5000, 0, 0, 5000, 'claude-opus-4-20250514');`,
  );
}

function overwrite(path: string, at: number, bytes: Buffer): void {
  const content = readFileSync(path);
  bytes.copy(content, at);
  writeFileSync(path, content);
}

function randomByte(): () => number {
  const random = randomFrom(3);
  return () => Math.floor(random() * 256);
}
