import { closeSync, lstatSync, readSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import type { LogFile } from '../provider.ts';
import { openLog } from './open-log.ts';

const largest = 256 * 1024; // 256 KiB

/** Reads small files near a log under the rules for logs: below the agent's folder, and nothing through a link. */
export function besideOf(log: Pick<LogFile, 'path' | 'relativePath'>): LogFile['beside'] {
  const root = log.path.slice(0, -log.relativePath.length - 1);
  return (path) => {
    const file = join(root, path);
    if (relative(dirname(root), file).split(sep)[0] === '..') return undefined;
    return readSmall(file);
  };
}

function readSmall(path: string): string | undefined {
  try {
    const { dev, ino } = lstatSync(path);
    const opened = openLog({ path, dev, ino }, new Set());
    return opened === undefined ? undefined : textOf(opened.fd, opened.stat.size);
  } catch {
    return undefined; // a log can be read without what lies beside it
  }
}

function textOf(fd: number, size: number): string | undefined {
  try {
    if (size > largest) return undefined;
    const bytes = Buffer.alloc(size);
    return bytes.toString('utf8', 0, readSync(fd, bytes, 0, size, 0));
  } finally {
    closeSync(fd);
  }
}
