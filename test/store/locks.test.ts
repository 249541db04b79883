import { mkdirSync, mkdtempSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { patiently } from '../../src/ingest/patience.ts';
import { type Database, openFile } from '../../src/store/driver.ts';
import { openStore } from '../../src/store/open.ts';
import { boundLog } from '../../src/store/write-ahead-log.ts';
import { outcomeOf, run, start } from '../helpers/bin.ts';
import { makeLogs, sumsOf, writeLogs } from '../helpers/made-logs.ts';

const logs = makeLogs({ starts: [Date.parse('2026-05-01T08:00:00Z')], turnsPerSession: 5 });
const work = realpathSync(mkdtempSync(join(tmpdir(), 'scopeon-locks-')));
let places = 0;
afterAll(() => rmSync(work, { recursive: true, force: true }));

/** A home with a store, in which one line is new, and another program's hold on that store. */
async function createHeldStore(): Promise<{ readonly home: string; readonly other: Database }> {
  const home = join(work, String(places++), 'home');
  mkdirSync(home, { recursive: true });
  writeLogs(home, logs);
  await run(['daily'], { home });
  mkdirSync(join(home, '.claude/projects/new'));
  writeFileSync(join(home, '.claude/projects/new/new.jsonl'), '{"type":"summary"}\n');
  const other = openFile(join(home, '../scopeon/scopeon.db'));
  other.exec('BEGIN IMMEDIATE');
  return { home, other };
}

// They mostly wait: together they take as long as the longest.
describe.concurrent('a database that another program holds', { timeout: 120_000 }, () => {
  it.each([3, 8])('for %i seconds is waited for', async (seconds) => {
    const { home, other } = await createHeldStore();
    const running = run(['daily', '--json'], { home });
    setTimeout(() => {
      other.exec('ROLLBACK');
      other.close();
    }, seconds * 1_000);
    const { code, stdout, stderr } = await running;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout).totals).toMatchObject(sumsOf(logs.turns));
  });

  it('without end is told after half a minute', async () => {
    const { home, other } = await createHeldStore();
    const began = performance.now();
    const { code, stdout, stderr } = await run(['daily', '--json'], { home });
    expect({ code, stdout }).toEqual({ code: 12, stdout: '' });
    expect(stderr).toContain('Another program holds the database.');
    expect(performance.now() - began).toBeGreaterThan(29_000);
    other.close();
  });

  it('is not waited for by who was told to end', async () => {
    const { home, other } = await createHeldStore();
    const child = start(['daily', '--json'], { home });
    setTimeout(() => child.kill('SIGTERM'), 3_000);
    const began = performance.now();
    expect(await outcomeOf(child)).toMatchObject({ code: 143, stdout: '' });
    expect(performance.now() - began).toBeLessThan(20_000);
    other.close();
  });

  it('can be read meanwhile', async () => {
    const { home, other } = await createHeldStore();
    const { code, stdout } = await run(['daily', '--json', '--no-ingest'], { home });
    expect(code).toBe(0);
    expect(JSON.parse(stdout).totals).toMatchObject(sumsOf(logs.turns));
    other.close();
  });
});

describe('patience', () => {
  const busy = (): Error => Object.assign(new Error('database is locked'), { code: 'SQLITE_BUSY' });

  it('ends with the last attempt, and is for locks only', async () => {
    let attempts = 0;
    const failing = (error: Error) => () => {
      attempts++;
      throw error;
    };
    await expect(patiently(failing(busy()), { patienceMs: 1_200 })).rejects.toThrow('locked');
    expect(attempts).toBeGreaterThan(2);
    attempts = 0;
    await expect(patiently(failing(new Error('another')), { patienceMs: 1_200 })).rejects.toThrow('another');
    await expect(patiently(failing(busy()), { signal: AbortSignal.abort() })).rejects.toThrow('locked');
    expect(attempts).toBe(2);
  });
});

describe('the log beside the database', () => {
  it('is emptied when it has outgrown its limit, as soon as nobody reads what stands in it', async () => {
    const place = join(work, 'log');
    const paths = { db: join(place, 'scopeon.db'), backups: join(place, 'backups') };
    const size = (): number => statSync(`${paths.db}-wal`).size;
    const db = await openStore(paths, Date.now(), () => undefined);
    const reader = openFile(paths.db, { readonly: true });
    reader.exec('BEGIN');
    reader.prepare('SELECT COUNT(*) FROM meta').get();
    const write = db.prepare("INSERT OR REPLACE INTO meta VALUES ('filler', hex(randomblob(1000000)))");
    for (let n = 0; n < 20; n++) {
      write.run();
      boundLog(db, paths.db);
    }
    expect(size()).toBeGreaterThan(32 * 1024 * 1024); // somebody reads: it can only grow
    const began = performance.now();
    boundLog(db, paths.db);
    expect(performance.now() - began).toBeLessThan(3_000); // and is not waited for
    reader.exec('COMMIT');
    boundLog(db, paths.db);
    expect(size()).toBe(0);
    for (let n = 0; n < 20; n++) {
      write.run();
      boundLog(db, paths.db);
      expect(size()).toBeLessThan(40 * 1024 * 1024);
    }
    reader.close();
    db.close();
  });

  it('is empty after a command, also while somebody has the database open', async () => {
    const home = join(work, String(places++), 'home');
    mkdirSync(home, { recursive: true });
    writeLogs(home, logs);
    const db = join(home, '../scopeon/scopeon.db');
    await run(['daily'], { home });
    const reader = openFile(db, { readonly: true });
    reader.prepare('SELECT COUNT(*) FROM turn').get();
    mkdirSync(join(home, '.claude/projects/new'));
    writeFileSync(join(home, '.claude/projects/new/new.jsonl'), '{"type":"summary"}\n');
    await run(['daily'], { home });
    expect(statSync(`${db}-wal`).size).toBe(0);
    reader.close();
  });

  it('stays small while somebody looks again and again, as our views do', async () => {
    const place = join(work, 'looked-at');
    const paths = { db: join(place, 'scopeon.db'), backups: join(place, 'backups') };
    const db = await openStore(paths, Date.now(), () => undefined);
    const reader = openFile(paths.db, { readonly: true });
    const look = reader.prepare('SELECT COUNT(*) FROM meta');
    const write = db.prepare("INSERT OR REPLACE INTO meta VALUES ('filler', hex(randomblob(100000)))");
    let largest = 0;
    for (let n = 0; n < 300; n++) {
      write.run();
      look.get();
      largest = Math.max(largest, statSync(`${paths.db}-wal`).size);
    }
    expect(largest).toBeLessThan(8 * 1024 * 1024);
    reader.close();
    db.close();
  });
});
