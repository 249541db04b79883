import {
  appendFileSync,
  chmodSync,
  copyFileSync,
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
  work = realpathSync(mkdtempSync(join(tmpdir(), 'scopeon-damage-')));
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
    expectClosed();
  }

  /** Nobody else may read what is stored, wherever it lies. */
  function expectClosed(): void {
    if (process.platform === 'win32') return;
    const names = readdirSync(own, { recursive: true, encoding: 'utf8' });
    const ours = names.filter((name) => name === 'scopeon.db' || /damaged-/.test(name)); // not what a test put there
    for (const name of ours) expect(statSync(join(own, name)).mode & 0o077, name).toBe(0);
  }

  /** Has the next run look through the whole store, as it does once a day. */
  async function lookThrough(): Promise<void> {
    const store = openFile(db);
    store.exec("UPDATE meta SET value = '1' WHERE key = 'checked_at'");
    store.close();
    mkdirSync(join(home, '.claude/projects/new'), { recursive: true });
    writeFileSync(join(home, '.claude/projects/new/new.jsonl'), '{"type":"summary"}\n');
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

  it('of the header, a backup there, records without an id: each once', async () => {
    const usage = { input_tokens: 1, output_tokens: 1_000_000 };
    const line = `${JSON.stringify({ type: 'assistant', timestamp: '2026-05-01T08:00:00Z', message: { model: 'claude-opus-4-6', usage } })}\n`;
    mkdirSync(join(home, '.claude/projects/old'));
    writeFileSync(join(home, '.claude/projects/old/a.jsonl'), line.repeat(3));
    await report();
    const store = openFile(db);
    store.prepare('VACUUM INTO ?').run(join(own, 'backups', 'daily-2026-05-20.db'));
    store.close();
    writeFileSync(join(home, '.claude/projects/old/a.jsonl'), line.repeat(5));
    await report();
    overwrite(db, 0, Buffer.alloc(100, 7));
    const { stdout, stderr } = await report();
    expect(stderr).toContain('Rebuilt from daily-2026-05-20.db');
    expect(JSON.parse(stdout).totals.turns).toBe(logs.turns.length + 5);
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
    expect(
      rebuilt
        .prepare("SELECT sid, tag, source FROM tag JOIN session s ON s.id = session_id WHERE source = 'manual'")
        .all(),
    ).toEqual([{ sid, tag: 'billing', source: 'manual' }]);
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

  it('of its last page', async () => {
    overwrite(db, statSync(db).size - 4096, Buffer.alloc(4096, 0xa5));
    const store = openFile(db, { readonly: true });
    const found = String(store.pragma('quick_check', { simple: true }));
    store.close();
    expect(found).not.toBe('ok');
    await lookThrough();
    await expectRecovered();
  });

  it('of its last page, after a process that ended without a word', async () => {
    const store = openFile(db);
    store.exec("INSERT INTO lease VALUES (1, 4194305, 'gone', '1', 'start', 1, 1)");
    store.pragma('wal_checkpoint(TRUNCATE)');
    store.close();
    mkdirSync(join(home, '.claude/projects/new'), { recursive: true });
    writeFileSync(join(home, '.claude/projects/new/new.jsonl'), '{"type":"summary"}\n');
    overwrite(db, statSync(db).size - 4096, Buffer.alloc(4096, 0xa5));
    await expectRecovered();
  });

  it('that is found again after it was mended is not mended again by the same start', async () => {
    overwrite(db, 4096, Buffer.alloc(statSync(db).size - 4096, 0xa5));
    const opening = openStore({ db, backups: join(own, 'backups') }, Date.now(), () => undefined, {
      check: true,
      recovery: { done: true },
    });
    await expect(opening).rejects.toMatchObject({ code: 'database', message: `The database at ${db} is damaged.` });
    expect(readdirSync(join(own, 'backups'))).toEqual([]);
  });

  it('a tail of random bytes behind the last page is no harm', async () => {
    appendFileSync(db, Buffer.from(Array.from({ length: 9_000 }, randomByte())));
    await lookThrough();
    await expectExact();
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
    // Of a range that begins within a quarter of an hour the turns of that quarter are read themselves.
    const first = new Date(Math.min(...logs.turns.map((turn) => turn.at))).toISOString();
    const range = table === 'turn' ? ['--since', first] : [];
    await expectExact(await run(['daily', '--json', ...range], { home }));
  },
);

it('200 flipped bits: found at the next look through the store, kept aside, rebuilt, exact, told', async () => {
  writeLogs(home, logs);
  await report();
  mkdirSync(join(own, 'backups'), { recursive: true });
  const store = openFile(db);
  store.exec("UPDATE meta SET value = '1' WHERE key = 'checked_at'"); // long ago
  store.pragma('wal_checkpoint(TRUNCATE)');
  store.close();
  const sound = readFileSync(db);
  const random = randomFrom(11);
  for (let round = 0; round < 5; round++) {
    const flipped = Buffer.from(sound);
    for (let i = 0; i < 200; i++)
      flipped[100 + Math.floor(random() * (flipped.length - 100))]! ^= 1 << Math.floor(random() * 8);
    for (const suffix of ['', '-wal', '-shm']) rmSync(db + suffix, { force: true });
    rmSync(join(own, 'backups'), { recursive: true });
    writeFileSync(db, flipped);
    mkdirSync(join(home, '.claude/projects/new'), { recursive: true });
    writeFileSync(join(home, `.claude/projects/new/${round}.jsonl`), '{"type":"summary"}\n');
    const outcome = await report();
    expect(outcome.stderr, `round ${round}`).toContain('was damaged');
    await expectExact(outcome);
    expect(readdirSync(join(own, 'backups'))).toEqual([expect.stringMatching(/^damaged-/)]);
  }
});

it('flipped bits nobody has looked for yet never end a report in an internal error', async () => {
  writeLogs(home, logs);
  await report();
  mkdirSync(join(own, 'backups'), { recursive: true });
  const sound = readFileSync(db);
  const random = randomFrom(12);
  for (let round = 0; round < 4; round++) {
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

describe('a -wal that holds what the database does not', () => {
  const damages: readonly (readonly [string, (bytes: Buffer) => Buffer])[] = [
    ['as it was', (bytes) => bytes],
    ['cut off in the middle', (bytes) => bytes.subarray(0, bytes.length / 2)],
    ['with a damaged head', (bytes) => bytes.fill(7, 0, 32)],
    ['with a damaged frame', (bytes) => bytes.fill(0xa5, 5_000, 5_400)],
    [
      'with flipped bits',
      (bytes) => {
        const random = randomFrom(9);
        for (let i = 0; i < 50; i++) bytes[Math.floor(random() * bytes.length)]! ^= 1 << Math.floor(random() * 8);
        return bytes;
      },
    ],
    ['gone', () => Buffer.alloc(0)],
  ];

  it.each(damages)('%s: exact', async (_, damage) => {
    const paths = [...logs.files.keys()];
    const some = (from: number, to: number) => ({
      ...logs,
      files: new Map(paths.slice(from, to).map((path) => [path, logs.files.get(path) ?? ''])),
    });
    writeLogs(home, some(0, 4));
    await report();
    const reader = openFile(db, { readonly: true });
    reader.exec('BEGIN');
    reader.prepare('SELECT COUNT(*) FROM turn').get();
    writeLogs(home, some(4, paths.length));
    await report();
    const wal = readFileSync(`${db}-wal`);
    const main = readFileSync(db);
    reader.close();
    expect(wal.length).toBeGreaterThan(50_000);
    for (const suffix of ['-wal', '-shm']) rmSync(db + suffix, { force: true });
    writeFileSync(db, main);
    writeFileSync(`${db}-wal`, damage(wal));
    await expectExact();
  });
});

it('six commands at once mend a damaged database once, and all are exact', async () => {
  writeLogs(home, logs);
  await expectExact();
  overwrite(db, 4096, Buffer.alloc(statSync(db).size - 4096));
  const outcomes = await Promise.all(Array.from({ length: 6 }, () => report()));
  expect(outcomes.map(({ code, stderr }) => [code, stderr.includes('was damaged')]).sort()).toEqual([
    ...Array.from({ length: 5 }, () => [0, false]),
    [0, true],
  ]);
  for (const outcome of outcomes) expect(JSON.parse(outcome.stdout).totals).toMatchObject(sumsOf(logs.turns));
  expect(readdirSync(join(own, 'backups'))).toEqual([expect.stringMatching(/^damaged-/)]);
  await expectExact();
});

function overwrite(path: string, at: number, bytes: Buffer): void {
  const content = readFileSync(path);
  bytes.copy(content, at);
  writeFileSync(path, content);
}

function randomByte(): () => number {
  const random = randomFrom(3);
  return () => Math.floor(random() * 256);
}
