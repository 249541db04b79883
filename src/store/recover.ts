import { chmodSync, copyFileSync, existsSync, readdirSync, renameSync } from 'node:fs';
import { basename, join } from 'node:path';
import { keepNewest, passesQuickCheck, stamp } from './backup.ts';
import { makeDirectory } from './directory.ts';
import { openFile } from './driver.ts';
import type { StorePaths } from './open.ts';

const damagedKept = 3;

/**
 * Moves a damaged database with its side files into `backups/damaged-<UTC>/` and puts the newest sound backup in its
 * place, if there is one; its checkpoints are wound back so that every log is read again. Returns what to tell the user.
 */
export function setAsideDamaged(paths: StorePaths, now: number, reason: string): string {
  const directory = moveAside(paths, 'damaged', now);
  keepNewest(paths.backups, /^damaged-/, damagedKept);
  const backup = newestSound(paths.backups);
  if (backup === undefined)
    return `The database was damaged (${reason}). It was kept in ${directory}. It is rebuilt from the logs.`;
  copyFileSync(backup, paths.db);
  chmodSync(paths.db, 0o600);
  rewind(paths.db);
  return `The database was damaged (${reason}). It was kept in ${directory}. It is rebuilt from ${basename(backup)} and the logs.`;
}

/** Moves the database and whatever lies beside it (-wal, -shm) together; returns the directory. */
export function moveAside(paths: StorePaths, what: string, now: number): string {
  const directory = join(paths.backups, `${what}-${stamp(now)}`);
  makeDirectory(directory);
  for (const suffix of ['', '-wal', '-shm']) {
    const from = paths.db + suffix;
    if (existsSync(from)) renameSync(from, join(directory, basename(from)));
  }
  return directory;
}

function newestSound(backups: string): string | undefined {
  const names = readdirSync(backups).filter((name) => /^(scopeon-v\d+|daily)-.*\.db$/.test(name));
  const byDate = names.sort((a, b) => dateIn(b).localeCompare(dateIn(a)));
  return byDate.map((name) => join(backups, name)).find(passesQuickCheck);
}

function dateIn(name: string): string {
  return name.replace(/^(scopeon-v\d+|daily)-/, '').replace(/-/g, '');
}

/** Rows have natural keys, so reading everything again is safe and finds what the backup had not yet. */
function rewind(path: string): void {
  const db = openFile(path);
  try {
    db.exec(
      'UPDATE source_file SET offset = 0, state = NULL, generation = generation + 1, size = -1; DELETE FROM lease',
    );
  } finally {
    db.close();
  }
}
