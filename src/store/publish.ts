import { closeSync, existsSync, fsyncSync, linkSync, openSync, renameSync, rmSync } from 'node:fs';

/**
 * Gives a finished database file the name it is to be known by; its old name stays another one of it, where the file
 * system knows such. Nobody's store is ever replaced: false when there is one. Only for who makes the database just now.
 */
export function publishFile(from: string, to: string): boolean {
  flushFile(from);
  if (existsSync(to)) return false;
  // Left by a file that is gone: SQLite would take it for this one's.
  for (const suffix of ['-wal', '-shm']) rmSync(to + suffix, { force: true });
  try {
    linkSync(from, to); // fails when the name exists
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    renameSync(from, to); // a file system without hard links
    return true;
  }
}

/** Has a file's content on the disk, whatever happens to the machine. */
export function flushFile(path: string): void {
  const fd = openSync(path, 'r+');
  fsyncSync(fd);
  closeSync(fd);
}
