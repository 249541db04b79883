import {
  closeSync,
  fchmodSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname, resolve } from 'node:path';

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

/** Where a path leads, though nothing may be there yet: a link into a folder of settings that are kept elsewhere. */
export function targetOf(path: string, linksLeft = 40): string {
  try {
    return realpathSync(path);
  } catch {
    const link = lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true && linksLeft > 0;
    return link ? targetOf(resolve(dirname(path), readlinkSync(path)), linksLeft - 1) : path;
  }
}
