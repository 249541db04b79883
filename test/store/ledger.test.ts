import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openFile } from '../../src/store/driver.ts';
import { noteInLedger, readLedger } from '../../src/store/ledger.ts';
import { migrate, schemaVersion } from '../../src/store/migrate.ts';
import { run } from '../helpers/bin.ts';
import { makeLogs, writeLogs } from '../helpers/made-logs.ts';

const logs = makeLogs({ starts: [Date.parse('2026-05-01T08:00:00Z')], turnsPerSession: 8 });

let work: string;
let home: string;
let own: string;
let paths: { readonly db: string; readonly backups: string };
let file: string;
beforeEach(() => {
  work = realpathSync(mkdtempSync(join(tmpdir(), 'scopeon-ledger-')));
  home = join(work, 'home');
  own = join(work, 'scopeon');
  paths = { db: join(own, 'scopeon.db'), backups: join(own, 'backups') };
  file = join(own, 'audit.db');
  mkdirSync(own, { mode: 0o700 });
  writeLogs(home, logs);
});
afterEach(() => rmSync(work, { recursive: true, force: true }));

/** As `scopeon audit --json` prints it. */
async function audit(): Promise<{ code: number | undefined; problem: string | null; entries: { kind: string }[] }> {
  const { code, stdout } = await run(['audit', '--json'], { home });
  return { code, ...JSON.parse(stdout) };
}

function damage(): void {
  writeFileSync(paths.db, Buffer.alloc(8_192, 7));
}

it('tells of a recovery, and outlives the database', async () => {
  await run(['daily'], { home });
  expect(await audit()).toMatchObject({ code: 0, entries: [] });
  expect((await run(['db', 'backup'], { home })).code).toBe(0);
  damage();
  expect((await run(['daily'], { home })).code).toBe(0);
  const [backup = '', kept = ''] = [/^manual-/, /^damaged-/].map((name) =>
    readdirSync(paths.backups).find((each) => name.test(each)),
  );
  expect(await audit()).toMatchObject({
    code: 0,
    problem: null,
    entries: [
      { id: 1, kind: 'backup', details: { name: backup, bytes: statSync(join(paths.backups, backup)).size } },
      { id: 2, kind: 'recovery', details: { reason: 'not a database', backup, kept } },
    ],
  });
  for (const suffix of ['', '-wal', '-shm']) rmSync(paths.db + suffix, { force: true });
  expect((await run(['db', 'restore', '--apply'], { home })).code).toBe(0);
  expect((await run(['db', 'restore', '--apply'], { home })).code).toBe(0);
  expect((await audit()).entries.slice(2)).toMatchObject([
    { kind: 'restore', details: { backup, kept: null } },
    { kind: 'restore', details: { backup, kept: expect.stringMatching(/^replaced-/) } },
  ]);
  if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600);
  const verified = await run(['audit', 'verify'], { home });
  expect(verified).toEqual({ code: 0, stdout: '4 entries, each as it was written.\n', stderr: '' });
});

it('tells of a migration and the copy from before', async () => {
  const db = openFile(paths.db);
  await migrate(db, paths, { last: 2 });
  db.exec("INSERT INTO session (id, provider, sid, top_id) VALUES (1, 'claude-code', 'kept', 1)");
  db.close();
  await run(['daily'], { home });
  const [backup] = readdirSync(paths.backups);
  expect((await audit()).entries).toMatchObject([
    { kind: 'backup', details: { name: backup } },
    { kind: 'migration', details: { from: 2, to: schemaVersion(), backup } },
  ]);
});

it('is only added to', () => {
  for (const at of [1, 2]) expect(noteInLedger(paths, at, 'backup', { name: 'x' })).toBeUndefined();
  const db = openFile(file);
  for (const sql of [
    'UPDATE entry SET at = 9',
    'DELETE FROM entry',
    'INSERT OR REPLACE INTO entry SELECT * FROM entry',
  ])
    expect(() => db.exec(sql), sql).toThrow('the ledger is only added to');
  db.close();
  expect(readLedger(paths)).toMatchObject({ entries: [{ at: 1 }, { at: 2 }], problem: undefined });
});

it.each([
  ['an entry was changed', "UPDATE entry SET details = '{}' WHERE id = 2", 'Entry 2 is not as it was written'],
  ['an entry was taken out', 'DELETE FROM entry WHERE id = 2', 'Entry 2 is not as it was written'],
  ['the first ones were taken out', 'DELETE FROM entry WHERE id < 3', 'Entry 1 is not as it was written'],
  [
    'one was put in',
    "INSERT INTO entry VALUES (4, 4, 'backup', '{}', x'00', x'00')",
    'Entry 4 is not as it was written',
  ],
])('shows that %s', async (_, sql, problem) => {
  for (const at of [1, 2, 3]) noteInLedger(paths, at, 'backup', { name: `copy ${at}` });
  const db = openFile(file);
  db.exec(`DROP TRIGGER entry_stays; DROP TRIGGER entry_remains; ${sql}`);
  db.close();
  expect(await audit()).toMatchObject({ code: 1, problem });
  const verified = await run(['audit', 'verify'], { home });
  expect(verified).toMatchObject({ code: 1, stdout: `${file}: ${problem}.\n` });
  expect((await run(['doctor'], { home })).stdout.replace(/\s+/g, ' ')).toContain(`${problem}: somebody changed`);
});

it('that cannot be written stops no recovery, and it is told', async () => {
  await run(['daily'], { home });
  writeFileSync(file, 'my diary');
  damage();
  const { code, stderr } = await run(['daily'], { home });
  expect(code).toBe(0);
  expect(stderr).toContain('The database was damaged');
  expect(stderr).toContain(`The ledger ${file} could not be written`);
  expect(await audit()).toMatchObject({ code: 1, problem: expect.stringContaining('It cannot be read') });
});
