import {
  closeSync,
  fchmodSync,
  fsyncSync,
  mkdirSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';

/**
 * Gives a file of another program new text: whole or not at all, with its mode, and where a link leads when it is one.
 * @throws the system's error
 */
export function replaceFile(path: string, text: string): void {
  const target = targetOf(path);
  mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
  const mode = statSync(target, { throwIfNoEntry: false })?.mode;
  const partial = `${target}.${process.pid}.tmp`;
  try {
    const fd = openSync(partial, 'wx', 0o600);
    try {
      const bytes = Buffer.from(text);
      for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
      if (mode !== undefined) fchmodSync(fd, mode & 0o7777);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(partial, target);
  } finally {
    rmSync(partial, { force: true });
  }
}

function targetOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
