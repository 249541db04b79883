import { closeSync, constants, fstatSync, openSync, realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import { nameOfBytes, systemPath } from '../file-name.ts';
import { type LogParts, type LogStat, withParts } from './look.ts';

/** A log that could not be read; the others can. */
export class LogFault extends Error {
  /** Only for want of a descriptor: wait and try again. */
  readonly passes: boolean;

  constructor(cause: unknown) {
    super('a log could not be read', { cause });
    this.passes = isStarved(cause);
  }
}

/** Is no file descriptor free, in this process or on the whole machine? */
export function isStarved(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'EMFILE' || code === 'ENFILE';
}

/**
 * Opens the very file that was listed and nothing else: no link, no pipe, nothing outside its root. `directories` are
 * those of this pass already seen to be what their names say; it grows. Undefined: it is gone, or is another by now.
 * @throws LogFault
 */
export function openLog(
  file: LogParts & { readonly path: string; readonly dev: number; readonly ino: number },
  directories: Set<string>,
): { readonly fd: number; readonly stat: LogStat } | undefined {
  let fd: number;
  try {
    const directory = dirname(file.path);
    if (process.platform !== 'win32' && !directories.has(directory)) {
      if (nameOfBytes(realpathSync.native(systemPath(directory), 'buffer')) !== directory) return undefined;
      directories.add(directory);
    }
    fd = openSync(
      systemPath(file.path),
      constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0),
    );
  } catch (error) {
    // ELOOP: by now a link.
    if (['ENOENT', 'ENOTDIR', 'ELOOP'].includes(String((error as NodeJS.ErrnoException).code))) return undefined;
    throw new LogFault(error);
  }
  const stat = fstatSync(fd);
  if (stat.isFile() && stat.dev === file.dev && stat.ino === file.ino)
    return { fd, stat: withParts(file.path, file, stat) };
  closeSync(fd);
  return undefined;
}

/**
 * Is this, thrown while a log was being read, a fault of that file? What the system or a database in a log's place
 * refuses has a code; our own mistakes have none.
 */
export function isFileError(error: unknown): boolean {
  return typeof (error as { readonly code?: unknown }).code === 'string';
}
