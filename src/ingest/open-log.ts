import { closeSync, constants, fstatSync, openSync, realpathSync, type Stats } from 'node:fs';

/** Opens the very file that was listed and nothing else: no link, no pipe, nothing outside its root. */
export function openLog(file: {
  readonly path: string;
  readonly dev: number;
  readonly ino: number;
}): { readonly fd: number; readonly stat: Stats } | undefined {
  let fd: number;
  try {
    if (process.platform !== 'win32' && realpathSync.native(file.path) !== file.path) return undefined;
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
