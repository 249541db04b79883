import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { memberIds } from '../../src/members.ts';
import { type Database, openFile } from '../../src/store/driver.ts';
import { identifyProcess, releaseLease, takeLease } from '../../src/store/lease.ts';
import { migrate } from '../../src/store/migrate.ts';
import { openStore } from '../../src/store/open.ts';
import { run } from '../helpers/bin.ts';
import { createDisk, withSmallDisk } from '../helpers/faults.ts';
import { makeLogs, sumsOf, writeLogs } from '../helpers/made-logs.ts';

const steps = memberIds('store/migrations');
const later = steps.map((name, i) => ({ name, number: i + 1 })).slice(1);
const logs = makeLogs({ starts: [Date.parse('2026-05-01T08:00:00Z')], turnsPerSession: 12 });

let work: string;
let home: string;
let paths: { readonly db: string; readonly backups: string };
beforeEach(() => {
  work = realpathSync(mkdtempSync(join(tmpdir(), 'scopeon-migrations-')));
  home = join(work, 'home');
  paths = { db: join(work, 'scopeon/scopeon.db'), backups: join(work, 'scopeon/backups') };
  mkdirSync(join(work, 'scopeon'), { mode: 0o700 });
  writeLogs(home, logs);
});
afterEach(() => rmSync(work, { recursive: true, force: true }));

/** A store as the version with so many steps left it, with a session in it. */
async function makeOlder(number: number): Promise<void> {
  const db = openFile(paths.db);
  db.pragma('journal_mode = WAL');
  await migrate(db, paths, { last: 1 });
  db.exec("INSERT INTO session (id, provider, sid, top_id) VALUES (1, 'claude-code', 'kept', 1)");
  await migrate(db, paths, { last: number });
  db.close();
}

const killer = fileURLToPath(new URL('../helpers/kill-in-step.cjs', import.meta.url));

async function killAt(pragma: string): Promise<void> {
  const env = { NODE_OPTIONS: `--require=${killer}`, SCOPEON_TEST_KILL_AT: pragma };
  expect((await run(['daily'], { home, env })).code).toBeUndefined();
}

function ask<T>(question: (db: Database) => T): T {
  const db = openFile(paths.db, { readonly: true });
  try {
    return question(db);
  } finally {
    db.close();
  }
}

const version = (): number => ask((db) => Number(db.pragma('user_version', { simple: true })));

async function expectWhole(): Promise<void> {
  const { code, stdout, stderr } = await run(['daily', '--json'], { home });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(JSON.parse(stdout).totals).toMatchObject(sumsOf(logs.turns));
  expect(version()).toBe(steps.length);
  expect(ask((db) => db.pragma('integrity_check', { simple: true }))).toBe('ok');
  const left = readdirSync(join(work, 'scopeon')).filter(
    (name) => !/^(scopeon\.db(-wal|-shm)?|hmac\.key|audit\.db|backups)$/.test(name),
  );
  expect(left).toEqual([]);
}

// Where a killed process is still counted as running for a moment is the system's affair on Windows.
describe.skipIf(process.platform === 'win32')('killed', () => {
  it.each(steps.map((_, i) => i + 1))('inside step %i of a first start: the next one completes', async (number) => {
    await killAt(`user_version = ${number}`);
    await expectWhole();
  });

  it.each(later)(
    'inside step $name of an older store: the next start completes, with a copy from before',
    async ({ number }) => {
      await makeOlder(number - 1);
      await killAt(`user_version = ${number}`);
      expect(version()).toBe(number - 1);
      await expectWhole();
      expect(ask((db) => db.prepare("SELECT COUNT(*) FROM session WHERE sid = 'kept'").pluck().get())).toBe(1);
      const copies = readdirSync(paths.backups);
      expect(copies.every((name) => name.startsWith(`scopeon-v${number - 1}-`))).toBe(true);
      const copy = openFile(join(paths.backups, copies[0] ?? ''), { readonly: true });
      expect(copy.pragma('integrity_check', { simple: true })).toBe('ok');
      expect(copy.prepare('SELECT sid FROM session').pluck().all()).toEqual(['kept']);
      copy.close();
    },
  );
});

it('a step that fails is named with the copy from before, and nothing of it is kept', async () => {
  await makeOlder(1);
  const db = openFile(paths.db);
  db.exec('CREATE INDEX turn_at ON turn (id)'); // in the way of the next one
  db.close();
  for (let round = 0; round < 2; round++) {
    const { code, stdout, stderr } = await run(['daily'], { home });
    expect({ code, stdout }).toEqual({ code: 10, stdout: '' });
    expect(stderr).toMatch(
      /The database step 0002-indices failed: .*turn_at.* Nothing of it was kept\.\n.*scopeon-v1-.*\.db/,
    );
    expect(version()).toBe(1);
  }
  expect(ask((store) => store.prepare('SELECT sid FROM session').pluck().all())).toEqual(['kept']);
});

it('an older store that another process still writes to is migrated when that one has ended', async () => {
  await makeOlder(1);
  const other = openFile(paths.db);
  // Whoever has this process's pid and start time is alive, and not who asks.
  const holder = { ...identifyProcess(), processStart: '' };
  takeLease(other, holder, 'start', Date.now());
  const opening = openStore(paths, Date.now(), () => undefined);
  await new Promise((resolve) => setTimeout(resolve, 700));
  expect(version()).toBe(1);
  releaseLease(other, holder);
  other.close();
  const store = await opening;
  expect(store.pragma('user_version', { simple: true })).toBe(steps.length);
  expect(store.prepare('SELECT COUNT(*) FROM lease').pluck().get()).toBe(0);
  store.close();
});

it('an older store that another process does not let go of is told of when the waiting is over, and stays as it is', async () => {
  await makeOlder(1);
  const other = openFile(paths.db);
  const holder = { ...identifyProcess(), processStart: '' };
  takeLease(other, holder, 'start', Date.now());
  const before = ask((store) => store.prepare('SELECT * FROM lease').all());
  const opening = openStore(paths, Date.now(), () => undefined, { leaseWaitMs: 300 });
  await expect(opening).rejects.toMatchObject({
    code: 'locked',
    message: `Another scopeon (pid ${process.pid}) works with this database, whose schema is older than this one needs.`,
    hint: 'End it, then run scopeon doctor.',
  });
  expect(version()).toBe(1);
  expect(ask((store) => store.prepare('SELECT * FROM lease').all())).toEqual(before);
  expect(existsSync(paths.backups)).toBe(false);
  other.close();
});

it.skipIf(withSmallDisk(tmpdir(), 1024) === undefined)(
  'without room for a copy nothing is migrated, and it ends with 11',
  async () => {
    await makeOlder(1);
    const db = openFile(paths.db);
    db.exec("INSERT INTO meta VALUES ('filler', hex(randomblob(400000)))");
    db.pragma('wal_checkpoint(TRUNCATE)');
    db.close();
    const older = join(work, 'older.db');
    renameSync(paths.db, older);
    const disk = await createDisk(dirname(paths.db), 2 * 1024);
    const inside = (...command: readonly string[]): string => {
      const [enter = '', ...rest] = [...disk.through, ...command];
      return execFileSync(enter, rest, { encoding: 'utf8' });
    };
    try {
      inside('cp', older, paths.db);
      const { code, stdout, stderr } = await run(['daily'], { home, through: disk.through });
      expect({ code, stdout }).toEqual({ code: 11, stdout: '' });
      expect(stderr).toContain(`No space left: ${paths.backups}.`);
      inside('cp', paths.db, join(work, 'after.db'));
      const after = openFile(join(work, 'after.db'), { readonly: true });
      expect(after.pragma('user_version', { simple: true })).toBe(1);
      after.close();
      disk.grow(64 * 1024);
      expect((await run(['daily'], { home, through: disk.through })).code).toBe(0);
      expect(inside('ls', paths.backups)).toMatch(/^scopeon-v1-.*\.db\n$/);
    } finally {
      disk.remove();
    }
  },
);

it('of copies from before migrations the newest five are kept', async () => {
  mkdirSync(paths.backups);
  for (let day = 1; day <= 7; day++) {
    rmSync(paths.db, { force: true });
    await makeOlder(1);
    (await openStore(paths, Date.parse(`2026-05-0${day}T10:00:00Z`), () => undefined)).close();
  }
  expect(readdirSync(paths.backups).sort()).toEqual(
    [3, 4, 5, 6, 7].map((day) => `scopeon-v1-2026050${day}T100000Z.db`),
  );
});
