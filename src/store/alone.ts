import { ScopeonError } from '../errors.ts';
import { type Database, openFile } from './driver.ts';
import { isBusy } from './trouble.ts';

/**
 * Runs `work` while nobody else has the database open, and nobody can open it: only then may its file be moved.
 * @throws ScopeonError `locked` when somebody has
 */
export function whileAlone<T>(path: string, work: () => T): T {
  const db = openFile(path, { timeoutMs: 1_000 });
  try {
    if (!isAlone(db)) {
      throw new ScopeonError('locked', 'Another program has the database open.', {
        hint: 'End every scopeon (start, serve, mcp, watch), then run this again.',
      });
    }
    if (process.platform === 'win32') db.close(); // there an open file cannot be moved
    return work();
  } finally {
    db.close();
  }
}

/** The write-ahead log can be folded away by the last connection only. */
function isAlone(db: Database): boolean {
  try {
    db.pragma('locking_mode = EXCLUSIVE');
    return db.pragma('journal_mode = DELETE', { simple: true }) === 'delete';
  } catch (error) {
    if (isBusy(error)) return false;
    throw error;
  }
}
