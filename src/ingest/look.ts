import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { systemPath } from '../file-name.ts';
import type { DatabaseTraits, Provider } from '../provider.ts';

/** What a directory says of a log. */
export interface LogStat {
  readonly dev: number;
  readonly ino: number;
  readonly nlink: number;
  readonly size: number;
  readonly mtimeMs: number;
}

/** What makes more of a log than its own bytes. */
export interface LogParts {
  /** Set on a database of the agent's. */
  readonly database?: DatabaseTraits | undefined;
  /** Absolute path of the folder that holds the rest of it. */
  readonly folder?: string | undefined;
}

const noParts: LogParts = { database: undefined, folder: undefined };

/** By name alone. */
export function partsOf(provider: Provider | undefined, root: string, relativePath: string): LogParts {
  if (provider?.folder === undefined && provider?.database === undefined) return noParts;
  const folder = provider?.folder?.(relativePath);
  return {
    database: provider?.database?.(relativePath),
    folder: folder === undefined ? undefined : join(root, folder),
  };
}

/** Looks at a log without opening it; undefined when it is no regular file. @throws the system's error */
export function lookAt(path: string, parts: LogParts): LogStat | undefined {
  const stat = lstatSync(systemPath(path));
  return stat.isFile() ? withParts(path, parts, stat) : undefined;
}

/** What the log is with all that belongs to it: as new as the newest of it. */
export function withParts(path: string, { database, folder }: LogParts, stat: LogStat): LogStat {
  if (database !== undefined) return withLog(path, stat);
  if (folder === undefined) return stat;
  const { dev, ino, nlink, size, mtimeMs } = stat;
  return { dev, ino, nlink, size, mtimeMs: Math.max(mtimeMs, changedAt(folder)) };
}

/** When a name in a folder last came or went, UTC ms. A log can be read without its folder. */
function changedAt(folder: string): number {
  try {
    const stat = lstatSync(folder);
    return stat.isDirectory() ? stat.mtimeMs : 0;
  } catch {
    return 0;
  }
}

/** A database's write-ahead log is a part of it: what is new may stand in there alone for days. */
function withLog(path: string, { dev, ino, nlink, size, mtimeMs }: LogStat): LogStat {
  const log = lstatSync(systemPath(`${path}-wal`), { throwIfNoEntry: false });
  if (log?.isFile() !== true) return { dev, ino, nlink, size, mtimeMs };
  return { dev, ino, nlink, size: size + log.size, mtimeMs: Math.max(mtimeMs, log.mtimeMs) };
}

/** The database a file beside it belongs to; any other path as it is. */
export function ownerOf(path: string): string {
  return path.replace(/-(wal|journal)$/, '');
}
