import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readSync,
  rmSync,
  statfsSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { systemPath } from '../file-name.ts';
import { type LogFile, UnreadableLog } from '../provider.ts';

/** A private copy of another program's database, as it stood at one moment. */
export interface DatabaseCopy {
  readonly path: string;
  /** When its owner last wrote to it, in UTC ms by the file system's clock. */
  readonly changedAt: number;
  remove(): void;
}

const attempts = 5;
const pauseMs = 20;
/** Must stay free beside the copy, so that nobody runs out of space because of us. */
const spare = 64 * 1024 * 1024; // 64 MiB
const chunkSize = 1024 * 1024; // 1 MiB
/** Chunks after which whoever waits gets a turn: no more than a moment's work. */
const chunksPerTurn = 16;

/**
 * Copies a database that its owner may be writing to meanwhile, without opening it as a database: no lock is taken, no
 * file is made beside it. The result is what a reader would have seen at some moment of the copying, or none.
 *
 * It is sound when nothing was written back into the main file that is not also in the copied log:
 * - with a write-ahead log, while that is the same one (its head, which changes whenever it is begun anew) from before
 *   the first byte to after the last. It only grows, is copied last, and covers every page of the main file that a
 *   checkpoint may have touched meanwhile. What its owner is just adding at its end fails its checksum.
 * - without one, while the main file did not change at all. In the middle of a transaction with a rollback journal there
 *   is nothing to be had: rolling back is not for us, for a journal may name any file to be deleted afterwards.
 * Yields `pause` now and then; whoever stops there leaves nothing behind.
 * @see https://sqlite.org/fileformat2.html
 * @throws UnreadableLog when the owner never paused long enough, or there is no room
 */
export function* copyDatabase<T>(file: LogFile, pause: T): Generator<T, DatabaseCopy> {
  const directory = join(file.scratch, randomBytes(8).toString('hex'));
  const remove = (): void => rmSync(directory, { recursive: true, force: true });
  let isDone = false;
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const space = statfsSync(directory);
    if (space.bavail * space.bsize < file.sizeBytes + spare) throw new UnreadableLog('no room for a copy');
    const path = join(directory, 'copy.db');
    for (let attempt = 0; attempt < attempts; attempt++) {
      if (attempt > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pauseMs);
      const before = epochOf(file);
      yield* copyBytes(file.fd, path, pause);
      const logChangedAt = yield* copyLog(file, path, pause);
      if (before === undefined || before !== epochOf(file)) continue;
      isDone = true;
      return { path, changedAt: Math.max(fstatSync(file.fd).mtimeMs, logChangedAt), remove };
    }
    throw new UnreadableLog('it changed whenever it was copied');
  } catch (error) {
    if (error instanceof UnreadableLog) throw error;
    throw new UnreadableLog('it could not be copied', { cause: error });
  } finally {
    if (!isDone) remove();
  }
}

/** Equal texts at two moments: the main file is whole together with its log. Undefined: it is not, just now. */
function epochOf(file: LogFile): string | undefined {
  const { dev, ino, size, mtimeNs } = fstatSync(file.fd, { bigint: true });
  const named = lstatSync(systemPath(file.path), { bigint: true });
  if (named.dev !== dev || named.ino !== ino) return undefined; // another file by now; the log beside it is not ours
  const log = headOf(`${file.path}-wal`, 32);
  if (log !== undefined) return log.toString('hex');
  const journal = headOf(`${file.path}-journal`, 8);
  if (journal?.some((byte) => byte !== 0) === true) return undefined; // zeros: of a transaction that ended
  return `${size} ${mtimeNs} ${headOf(file.path, 28)?.toString('hex', 24)}`; // with the counter of changes
}

/** The first bytes of a file; undefined when it is not there or shorter. */
function headOf(path: string, size: number): Buffer | undefined {
  const fd = openBeside(path);
  if (fd === undefined) return undefined;
  try {
    const bytes = Buffer.alloc(size);
    return readSync(fd, bytes, 0, size, 0) === size ? bytes : undefined;
  } finally {
    closeSync(fd);
  }
}

/** Where there is none, there must be none beside the copy either. Says when it was written to. */
function* copyLog<T>(file: LogFile, copy: string, pause: T): Generator<T, number> {
  rmSync(`${copy}-wal`, { force: true });
  const fd = openBeside(`${file.path}-wal`);
  if (fd === undefined) return 0;
  try {
    yield* copyBytes(fd, `${copy}-wal`, pause);
    return fstatSync(fd).mtimeMs;
  } finally {
    closeSync(fd);
  }
}

function openBeside(path: string): number | undefined {
  let fd: number;
  try {
    fd = openSync(systemPath(path), constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  if (fstatSync(fd).isFile()) return fd;
  closeSync(fd);
  return undefined;
}

/** Copies a whole file, however far it has grown. */
function* copyBytes<T>(from: number, path: string, pause: T): Generator<T, void> {
  const to = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC, 0o600);
  try {
    const bytes = Buffer.allocUnsafe(chunkSize);
    let at = 0;
    for (let chunks = 1; ; chunks++) {
      const got = readSync(from, bytes, 0, chunkSize, at);
      if (got === 0) return;
      for (let put = 0; put < got; ) put += writeSync(to, bytes, put, got - put);
      at += got;
      if (chunks % chunksPerTurn === 0) yield pause;
    }
  } finally {
    closeSync(to);
  }
}
