import { closeSync, constants, fstatSync, openSync, realpathSync, type Stats } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Opens the very file that was listed and nothing else: no link, no pipe, nothing outside its root. `directories` are
 * those of this pass already seen to be what their names say; it grows.
 */
export function openLog(
  file: { readonly path: string; readonly dev: number; readonly ino: number },
  directories: Set<string>,
): { readonly fd: number; readonly stat: Stats } | undefined {
  let fd: number;
  try {
    const directory = dirname(file.path);
    if (process.platform !== 'win32' && !directories.has(directory)) {
      if (realpathSync.native(directory) !== directory) return undefined;
      directories.add(directory);
    }
    fd = openSync(file.path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
  } catch {
    return undefined;
  }
  const stat = fstatSync(fd);
  if (stat.isFile() && stat.dev === file.dev && stat.ino === file.ino) return { fd, stat };
  closeSync(fd);
  return undefined;
}

/** Is this a fault of the file that was being read, not of ours or of the store? */
export function isFileError(error: unknown): boolean {
  const { code, syscall } = error as NodeJS.ErrnoException;
  return typeof code === 'string' && /^E[A-Z]+$/.test(code) && syscall === 'read';
}
