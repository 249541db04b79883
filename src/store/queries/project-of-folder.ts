import { posix, win32 } from 'node:path';
import type { Database } from '../driver.ts';

/** Row id of the project that holds this folder: the one remembered for it, else the innermost whose root is above it. */
export function projectOfFolder(db: Database, folder: string): number | undefined {
  const { dirname } = /^[A-Za-z]:[\\/]|^\\\\/.test(folder) ? win32 : posix;
  const remembered = db.prepare<[string], number>('SELECT project_id FROM project_cwd WHERE cwd = ?').pluck();
  const rooted = db.prepare<[string], number>('SELECT id FROM project WHERE root = ?').pluck();
  for (let path = folder; ; path = dirname(path)) {
    const found = remembered.get(path) ?? rooted.get(path);
    if (found !== undefined) return found;
    if (dirname(path) === path) return undefined;
  }
}
