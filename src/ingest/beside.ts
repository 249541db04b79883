import { closeSync, lstatSync, readdirSync, readSync, realpathSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { nameOfBytes, systemPath } from '../file-name.ts';
import type { LogFile } from '../provider.ts';
import { openLog } from './open-log.ts';

const largestText = 256 * 1024; // 256 KiB
const largestDocument = 16 * 1024 * 1024; // 16 MiB

/** How a log is told what lies beside it. */
export type Beside = Pick<LogFile, 'beside' | 'namesBeside' | 'bytesBeside'>;

/** What a reader is handed: every log of the same shape, for V8 makes code by shapes and these come in thousands. */
export function readable(
  log: Omit<LogFile, 'fd' | 'digest' | 'told' | keyof Beside>,
  fd: number,
  digest: LogFile['digest'],
  told?: LogFile['told'],
): LogFile {
  const { beside, namesBeside, bytesBeside } = besideOf(log);
  const { path, relativePath, scope, number, sizeBytes, scratch, takeTail } = log;
  return {
    fd,
    path,
    relativePath,
    scope,
    number,
    sizeBytes,
    scratch,
    digest,
    told,
    beside,
    namesBeside,
    bytesBeside,
    takeTail,
  };
}

/** Reads what lies near a log under the rules for logs: below the agent's folder, and nothing through a link. */
export function besideOf(log: Pick<LogFile, 'path' | 'relativePath'>): Beside {
  const root = log.path.slice(0, -log.relativePath.length - 1);
  const placeOf = (path: string): string | undefined => {
    const place = join(root, path);
    return relative(dirname(root), place).split(sep)[0] === '..' ? undefined : place;
  };
  return {
    beside: (path) => bytesOf(placeOf(path), largestText)?.toString('utf8'),
    namesBeside: (path) => namesIn(placeOf(path)),
    bytesBeside: (path) => bytesOf(placeOf(path), largestDocument),
  };
}

function namesIn(directory: string | undefined): readonly string[] {
  try {
    if (directory === undefined) return [];
    const place = systemPath(directory);
    if (process.platform !== 'win32' && nameOfBytes(realpathSync.native(place, 'buffer')) !== directory) return [];
    return readdirSync(place, 'buffer').map(nameOfBytes).sort();
  } catch {
    return []; // a log can be read without what lies beside it
  }
}

function bytesOf(path: string | undefined, most: number): Buffer | undefined {
  try {
    if (path === undefined) return undefined;
    const { dev, ino, size } = lstatSync(systemPath(path));
    const opened = size > most ? undefined : openLog({ path, dev, ino }, new Set());
    return opened === undefined ? undefined : contentOf(opened.fd, opened.stat.size, most);
  } catch {
    return undefined; // as above
  }
}

function contentOf(fd: number, size: number, most: number): Buffer | undefined {
  try {
    if (size > most) return undefined;
    const bytes = Buffer.alloc(size);
    return bytes.subarray(0, readSync(fd, bytes, 0, size, 0));
  } finally {
    closeSync(fd);
  }
}
