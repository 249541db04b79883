/** Where an export goes: a file that is there whole or not at all, or a stream that sets the pace. */

import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fsyncSync,
  linkSync,
  lstatSync,
  openSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { ScopeonError } from '../errors.ts';

export interface WriteOptions {
  /** Replace a file that is there. A link, a folder or a device is refused all the same. */
  readonly force: boolean;
  /** Once aborted, nothing more is taken and nothing is left behind. */
  readonly signal: AbortSignal;
}

/**
 * Writes a file readable by its owner only (0600), under another name in the same folder until all of it is on the
 * disk. False: `signal` ended it, and there is no file.
 * @throws ScopeonError `usage` (it exists, is a link or no file, its folder is missing), `noSpace`, `failure`
 */
export async function writeFileSafely(path: string, pieces: Iterable<string>, options: WriteOptions): Promise<boolean> {
  checkTarget(path, options.force);
  const partial = join(dirname(resolve(path)), `.scopeon-${randomBytes(8).toString('hex')}.tmp`);
  let created = false;
  try {
    const fd = openSync(partial, createOnly, 0o600);
    created = true;
    try {
      if (!(await writeAll(fd, pieces, options.signal))) return false;
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    checkTarget(path, options.force); // again: writing took its time
    created = !publish(partial, path, options.force);
    return true;
  } catch (error) {
    throw describe(error, path);
  } finally {
    if (created) removeQuietly(partial);
  }
}

/** Never through a link, never into something that is there. */
const createOnly = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0);

/**
 * Tells before any work whether `path` could be written. Changes nothing.
 * @throws ScopeonError `usage`, `failure`
 */
export function checkTarget(path: string, force: boolean): void {
  let kind: ReturnType<typeof lstatSync> | undefined;
  try {
    kind = lstatSync(path, { throwIfNoEntry: false });
    if (kind === undefined) lstatSync(dirname(resolve(path)));
  } catch (error) {
    throw describe(error, path);
  }
  if (kind === undefined) {
    if (/[\\/]$/.test(path) || basename(path) === '') throw refusal(path, 'is a folder', 'Name a file in it.');
    return;
  }
  if (kind.isSymbolicLink()) throw refusal(path, 'is a link', 'Name the file itself.');
  if (kind.isDirectory()) throw refusal(path, 'is a folder', 'Name a file in it.');
  if (!kind.isFile()) throw refusal(path, 'is not a file', 'Without --output everything goes to standard output.');
  if (!force) throw refusal(path, 'exists', 'Give --force to replace it.');
}

function refusal(path: string, why: string, hint: string): ScopeonError {
  return new ScopeonError('usage', `${path} ${why}. Nothing was written.`, { hint });
}

async function writeAll(fd: number, pieces: Iterable<string>, signal: AbortSignal): Promise<boolean> {
  for (const piece of pieces) {
    const bytes = Buffer.from(piece);
    for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
    await setImmediate(); // lets a signal in
    if (signal.aborted) return false;
  }
  return true;
}

/** True: the partial file has become the file. False: the file is a second name of it, which the caller removes. */
function publish(partial: string, path: string, force: boolean): boolean {
  if (!force) {
    try {
      linkSync(partial, path); // unlike a rename it refuses what appeared meanwhile
      return false;
    } catch (error) {
      if (codeOf(error) === 'EEXIST') throw error;
      // A file system without links: the check just before is the best there is.
    }
  }
  renameSync(partial, path);
  return true;
}

function removeQuietly(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // gone already
  }
}

function describe(error: unknown, path: string): Error {
  if (error instanceof ScopeonError) return error;
  const code = codeOf(error);
  const cause = { cause: error };
  if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG') {
    return new ScopeonError('noSpace', `No space left for ${path}. Nothing of it was kept.`, cause);
  }
  if (code === 'EEXIST') return refusal(path, 'exists', 'Give --force to replace it.');
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return refusal(path, 'is in a folder that does not exist', 'Make the folder first.');
  }
  if (code === undefined) return error instanceof Error ? error : new Error(String(error));
  return new ScopeonError('failure', `Cannot write ${path} (${code}). Nothing of it was kept.`, cause);
}

/** System errors alone have one of these; a driver's own codes are told by whoever reads the store. */
function codeOf(error: unknown): string | undefined {
  const { code, syscall } = error as NodeJS.ErrnoException;
  return syscall === undefined ? undefined : code;
}

/**
 * Writes to a stream no faster than it takes: the next piece is asked for when there is room. Ends early, in silence,
 * when the stream is gone or `signal` says so.
 */
export async function writeStream(
  stream: NodeJS.WritableStream & { readonly destroyed?: boolean },
  pieces: Iterable<string>,
  signal: AbortSignal,
): Promise<void> {
  for (const piece of pieces) {
    if (!stream.write(piece)) await roomIn(stream, signal);
    else await setImmediate(); // lets a signal or a closed pipe in
    if (signal.aborted || stream.destroyed === true) return;
  }
}

function roomIn(stream: NodeJS.WritableStream, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const names = ['drain', 'close', 'error'] as const;
    const done = () => {
      for (const name of names) stream.off(name, done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    for (const name of names) stream.once(name, done);
    signal.addEventListener('abort', done);
  });
}
