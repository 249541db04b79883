import { chmodSync, existsSync, readdirSync, renameSync, rmSync, statfsSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ScopeonError } from '../errors.ts';
import { countRows, differences, type RowCounts, writeManifest } from './backup-manifest.ts';
import { makeDirectory } from './directory.ts';
import { type Database, openFile } from './driver.ts';
import { noteInLedger } from './ledger.ts';
import type { StorePaths } from './open.ts';
import { flushFile } from './publish.ts';

const migrationBackupsKept = 5;
const dailyBackupsKept = 7;

/**
 * A checked copy of the whole store before its schema changes; its path, undefined when there is nothing to keep yet.
 * @throws ScopeonError `noSpace`, `database`
 */
export function backupBeforeMigration(db: Database, paths: StorePaths, now: number): string | undefined {
  // A first start may have been killed between two steps.
  if (db.prepare('SELECT 1 FROM source_file UNION ALL SELECT 1 FROM session LIMIT 1').get() === undefined)
    return undefined;
  const size = statSync(paths.db).size;
  makeDirectory(paths.backups);
  if (freeBytes(paths.backups) < 2 * size) {
    throw new ScopeonError(
      'noSpace',
      `No space left: ${paths.backups}. The database cannot be migrated without a copy of it; nothing was changed.`,
    );
  }
  const version = Number(db.pragma('user_version', { simple: true }));
  const path = join(paths.backups, `scopeon-v${version}-${stamp(now)}.db`);
  writeBackup(db, path);
  keepNewest(paths.backups, /^scopeon-v\d+-.*\.db$/, migrationBackupsKept);
  noteBackup(path, paths, now);
  return path;
}

/** One copy a day while something runs; returns its path, undefined when today's is there. */
export function backupDaily(db: Database, paths: StorePaths, now: number): string | undefined {
  const path = join(paths.backups, `daily-${new Date(now).toISOString().slice(0, 10)}.db`);
  if (existsSync(path)) return undefined;
  makeDirectory(paths.backups);
  if (freeBytes(paths.backups) < 2 * statSync(paths.db).size)
    throw new ScopeonError('noSpace', `No space left: ${paths.backups}. There is no copy of the database of today.`);
  writeBackup(db, path);
  keepNewest(paths.backups, /^daily-.*\.db$/, dailyBackupsKept);
  noteBackup(path, paths, now);
  return path;
}

/** A copy because the user wants one; kept until he removes it. Returns its path. @throws ScopeonError `noSpace`, `database` */
export function backupNow(db: Database, paths: StorePaths, now: number): string {
  makeDirectory(paths.backups);
  if (freeBytes(paths.backups) < 2 * statSync(paths.db).size)
    throw new ScopeonError('noSpace', `No space left: ${paths.backups}. No copy was made.`);
  const path = join(paths.backups, `manual-${stamp(now)}.db`);
  writeBackup(db, path);
  noteBackup(path, paths, now);
  return path;
}

/** A copy is none the worse where the ledger cannot be written. */
function noteBackup(path: string, paths: StorePaths, now: number): void {
  noteInLedger(paths, now, 'backup', { name: basename(path), bytes: statSync(path).size });
}

function writeBackup(db: Database, path: string): void {
  const unfinished = `${path}.${process.pid}`; // two processes may write the same one
  try {
    const before = countRows(db);
    db.prepare('VACUUM INTO ?').run(unfinished);
    chmodSync(unfinished, 0o600);
    noteContents(unfinished, before, db);
    flushFile(unfinished);
    if (!passesQuickCheck(unfinished)) throw new Error('the copy does not pass its check');
    renameSync(unfinished, path);
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw new ScopeonError(
      'database',
      `Cannot back up the database to ${path}: ${(error as Error).message}. Nothing was changed.`,
      { cause: error },
    );
  }
}

/** Writes down in a copy how many rows it holds, for whoever restores it. @throws when they are not those of the original */
function noteContents(path: string, before: RowCounts, db: Database): void {
  const copy = openFile(path);
  try {
    const counts = countRows(copy);
    const [first] = differences(before, counts);
    // Unless the original changed meanwhile, the copy must hold what it held.
    if (first !== undefined && differences(before, countRows(db)).length === 0)
      throw new Error(`the copy lacks rows (${first})`);
    writeManifest(copy, counts);
  } finally {
    copy.close();
  }
}

function freeBytes(directory: string): number {
  const { bavail, bsize } = statfsSync(directory);
  return bavail * bsize;
}

/** Are there copies of ours, or what was put aside? */
export function holdsBackup(directory: string): boolean {
  try {
    return readdirSync(directory).some((name) =>
      /^((scopeon-v\d+|daily|manual)-.*\.db|(damaged|replaced|original|early)-\d{8}T\d{6}Z(-\d+)?)$/.test(name),
    );
  } catch {
    return false;
  }
}

export function passesQuickCheck(path: string): boolean {
  try {
    const copy = openFile(path, { readonly: true });
    try {
      return copy.pragma('quick_check(1)', { simple: true }) === 'ok';
    } finally {
      copy.close();
    }
  } catch {
    return false;
  }
}

/** UTC time for file names, sortable: `20261120T101500Z`. */
export function stamp(now: number): string {
  return new Date(now).toISOString().replace(/[-:]/g, '').replace(/\.\d+/, '');
}

export function keepNewest(directory: string, pattern: RegExp, kept: number): void {
  const names = readdirSync(directory)
    .filter((name) => pattern.test(name))
    .sort();
  for (const name of names.slice(0, Math.max(0, names.length - kept)))
    rmSync(join(directory, name), { recursive: true, force: true });
}
