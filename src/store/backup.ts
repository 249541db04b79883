import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ScopeonError } from '../errors.ts';
import { type Database, openFile } from './driver.ts';
import type { StorePaths } from './open.ts';

const migrationBackupsKept = 5;
const dailyBackupsKept = 7;

/** A checked copy of the whole store before its schema changes. @throws ScopeonError `noSpace`, `database` */
export function backupBeforeMigration(db: Database, paths: StorePaths, now: number): void {
  const size = statSync(paths.db).size;
  mkdirSync(paths.backups, { recursive: true, mode: 0o700 });
  const free = statfsSync(paths.backups);
  if (free.bavail * free.bsize < 2 * size) {
    throw new ScopeonError(
      'noSpace',
      `No space left: ${paths.backups}. The database cannot be migrated without a copy of it; nothing was changed.`,
    );
  }
  const version = Number(db.pragma('user_version', { simple: true }));
  writeBackup(db, join(paths.backups, `scopeon-v${version}-${stamp(now)}.db`));
  keepNewest(paths.backups, /^scopeon-v\d+-.*\.db$/, migrationBackupsKept);
}

/** One copy a day while something runs; returns its path, undefined when today's is there. */
export function backupDaily(db: Database, paths: StorePaths, now: number): string | undefined {
  const path = join(paths.backups, `daily-${new Date(now).toISOString().slice(0, 10)}.db`);
  if (existsSync(path)) return undefined;
  mkdirSync(paths.backups, { recursive: true, mode: 0o700 });
  writeBackup(db, path);
  keepNewest(paths.backups, /^daily-.*\.db$/, dailyBackupsKept);
  return path;
}

function writeBackup(db: Database, path: string): void {
  try {
    db.prepare('VACUUM INTO ?').run(path);
    chmodSync(path, 0o600);
    if (!passesQuickCheck(path)) throw new Error('the copy does not pass its check');
  } catch (error) {
    rmSync(path, { force: true });
    throw new ScopeonError(
      'database',
      `Cannot back up the database to ${path}: ${(error as Error).message}. Nothing was changed.`,
      { cause: error },
    );
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
