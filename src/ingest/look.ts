import { lstatSync } from 'node:fs';
import { systemPath } from '../file-name.ts';

/** What a directory says of a log. */
export interface LogStat {
  readonly dev: number;
  readonly ino: number;
  readonly nlink: number;
  readonly size: number;
  readonly mtimeMs: number;
}

/** Looks at a log without opening it; undefined when it is no regular file. @throws the system's error */
export function lookAt(path: string, isDatabase: boolean): LogStat | undefined {
  const stat = lstatSync(systemPath(path));
  if (!stat.isFile()) return undefined;
  return isDatabase ? withLog(path, stat) : stat;
}

/** A database's write-ahead log is a part of it: what is new may stand in there alone for days. */
export function withLog(path: string, { dev, ino, nlink, size, mtimeMs }: LogStat): LogStat {
  const log = lstatSync(systemPath(`${path}-wal`), { throwIfNoEntry: false });
  if (log?.isFile() !== true) return { dev, ino, nlink, size, mtimeMs };
  return { dev, ino, nlink, size: size + log.size, mtimeMs: Math.max(mtimeMs, log.mtimeMs) };
}

/** The database a file beside it belongs to; any other path as it is. */
export function ownerOf(path: string): string {
  return path.replace(/-(wal|journal)$/, '');
}
