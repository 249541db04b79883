import { statSync } from 'node:fs';
import type { Database } from './driver.ts';
import { isCorruption } from './trouble.ts';

/** SQLite writes it back every 4 MiB; it only grows beyond this while somebody reads without end. */
const largest = 32 * 1024 * 1024; // 32 MiB

/** Writes the log back and empties it, waiting for nobody: what somebody still reads, or has no room, stays in it. */
export function emptyLog(db: Database): void {
  const patienceMs = Number(db.pragma('busy_timeout', { simple: true }));
  db.pragma('busy_timeout = 0');
  try {
    db.pragma('wal_checkpoint(TRUNCATE)');
  } catch (error) {
    if (isCorruption(error) || !String((error as { code?: unknown }).code).startsWith('SQLITE_')) throw error;
  } finally {
    db.pragma(`busy_timeout = ${patienceMs}`);
  }
}

/** To be asked after a commit: keeps the log of the database at `path` from growing without end. */
export function boundLog(db: Database, path: string, limit = largest): void {
  const size = statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0;
  if (size > limit) emptyLog(db);
}
