import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** A whole copy of the store. */
export interface Backup {
  readonly name: string;
  readonly path: string;
  readonly sizeBytes: number;
  /** When it was made, UTC ms. */
  readonly atMs: number;
}

/** The copies in a directory of backups, newest first; none when it is not there. */
export function listBackups(directory: string): readonly Backup[] {
  let names: readonly string[];
  try {
    names = readdirSync(directory);
  } catch {
    return [];
  }
  return names
    .filter((name) => /^(scopeon-v\d+|daily|manual)-.*\.db$/.test(name))
    .flatMap((name) => {
      const path = join(directory, name);
      const stat = statSync(path, { throwIfNoEntry: false });
      return stat?.isFile() === true ? [{ name, path, sizeBytes: stat.size, atMs: stat.mtimeMs }] : [];
    })
    .sort((a, b) => b.atMs - a.atMs || (a.name < b.name ? 1 : -1));
}
