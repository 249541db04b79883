import { chmodSync, closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { ScopeonError } from '../errors.ts';
import { loadMembers, memberIds } from '../members.ts';
import { backupBeforeMigration, holdsBackup } from './backup.ts';
import { makeDirectory } from './directory.ts';
import { type Database, openFile } from './driver.ts';
import type { Migration } from './migration.ts';
import { setAsideOriginal } from './original.ts';
import { setAsideDamaged } from './recover.ts';

/** "SCOP": says that a database file is ours. */
const applicationId = 0x53434f50;

export interface StorePaths {
  readonly db: string;
  readonly backups: string;
}

/** What opening found out that the user should hear, one sentence each. */
export type Notice = (sentence: string) => void;

/**
 * Opens the store for writing; makes or migrates it first. The original program's database is set aside whole, a
 * damaged one of ours likewise; any other file is refused and left as it is.
 * @throws ScopeonError `database` (foreign, newer, not creatable), `noSpace`
 */
export async function openStore(
  paths: StorePaths,
  now: number,
  notice: Notice,
  options: { readonly check?: boolean } = {},
): Promise<Database> {
  makePlace(paths.db);
  let kind = inspect(paths);
  if (kind === 'original') {
    const kept = setAsideOriginal(paths, now);
    notice(
      `A database of the original Scopeon was found. It was kept whole in ${kept}; its sessions without a log are imported.`,
    );
    kind = 'new';
  }
  if (kind === 'damaged') {
    notice(setAsideDamaged(paths, now, 'not a database'));
    kind = existsSync(paths.db) ? 'ours' : 'new';
  }
  try {
    return await openOurs(paths, now, kind === 'new', options.check);
  } catch (error) {
    if (!isCorruption(error)) throw describe(error, paths.db);
    notice(setAsideDamaged(paths, now, (error as Error).message));
    return openOurs(paths, now, !existsSync(paths.db));
  }
}

/** @throws DamagedError when a quick look through the whole store finds something wrong */
export function checkStore(db: Database): void {
  const found = String(db.pragma('quick_check(1)', { simple: true }));
  if (found !== 'ok') throw new DamagedError(found.split('\n')[0]);
}

/** A check failed that the driver alone would not have noticed. */
class DamagedError extends Error {
  readonly code = 'SQLITE_CORRUPT';
}

function makePlace(file: string): void {
  try {
    makeDirectory(dirname(file));
  } catch (error) {
    throw describe(error, file);
  }
}

async function openOurs(paths: StorePaths, now: number, isNew: boolean, check = false): Promise<Database> {
  const db = openFile(paths.db);
  try {
    if (isNew) chmodSync(paths.db, 0o600);
    configure(db);
    if (check) checkStore(db);
    await migrate(db, paths, { before: () => backupBeforeMigration(db, paths, now) });
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/**
 * Opens the store for reading only: nothing done through this handle can change a row.
 * Undefined when there is no store yet.
 * @throws ScopeonError `database`
 */
export function openReader(paths: StorePaths): Database | undefined {
  const kind = inspect(paths);
  if (kind === 'new' || kind === 'original') return undefined;
  try {
    const db = openFile(paths.db, { readonly: true });
    db.pragma('query_only = ON');
    db.pragma('trusted_schema = OFF');
    if (versionOf(db) < memberIds('store/migrations').length) {
      db.close();
      return undefined;
    }
    return db;
  } catch (error) {
    throw describe(error, paths.db);
  }
}

/** Settings of every writing handle, each for a reason `reliability` demands. */
function configure(db: Database): void {
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = NORMAL');
  db.pragma('foreign_keys = ON');
  db.pragma('busy_timeout = 5000');
  db.pragma('wal_autocheckpoint = 1000');
  db.pragma(`journal_size_limit = ${64 * 1024 * 1024}`); // 64 MiB
  db.pragma('mmap_size = 0');
  db.pragma('trusted_schema = OFF');
  db.pragma('cell_size_check = ON');
}

/**
 * Brings the schema up to date, one transaction a step, up to and including the step numbered `last`. `before` runs
 * once ahead of the steps when there is a schema already.
 */
export async function migrate(
  db: Database,
  paths: StorePaths,
  options: { readonly last?: number; readonly before?: () => void } = {},
): Promise<void> {
  const wanted = Math.min(memberIds('store/migrations').length, options.last ?? Number.POSITIVE_INFINITY);
  if (versionOf(db) >= wanted) return;
  const steps = await loadMembers<Migration>('store/migrations');
  if (versionOf(db) > 0) options.before?.();
  let number = 0;
  for (const [name, step] of steps) {
    number++;
    if (number > wanted) break;
    runStep(db, number, name, step, paths);
  }
}

function runStep(db: Database, number: number, name: string, step: Migration, paths: StorePaths): void {
  try {
    db.transaction(() => {
      // Asked again inside the lock: six first starts may stand here at once.
      if (versionOf(db) >= number) return;
      step(db);
      db.pragma(`application_id = ${applicationId}`);
      db.pragma(`user_version = ${number}`);
    }).immediate();
  } catch (error) {
    const told = describe(error, paths.db);
    if (told instanceof ScopeonError && told.code !== 'database') throw told; // no room, locked: try again then
    throw new ScopeonError(
      'database',
      `The database step ${name} failed: ${(error as Error).message}. Nothing of it was kept.`,
      {
        hint: `A copy from before is in ${paths.backups}.`,
        cause: error,
      },
    );
  }
}

function versionOf(db: Database): number {
  return Number(db.pragma('user_version', { simple: true }));
}

/** Looks without changing a byte: what is at the store's path? */
function inspect(paths: StorePaths): 'new' | 'ours' | 'original' | 'damaged' {
  let size: number;
  try {
    const stat = statSync(paths.db);
    if (!stat.isFile())
      throw new ScopeonError(
        'database',
        `Cannot open the database at ${paths.db}: it is not a file. Nothing was changed.`,
        { hint: 'Set SCOPEON_DB to another file.' },
      );
    size = stat.size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'new';
    throw describe(error, paths.db);
  }
  if (size === 0) return 'new';
  const header = readHeader(paths.db);
  if (header.toString('latin1', 0, 16) !== 'SQLite format 3\0') {
    if (isOursBeside(paths)) return 'damaged';
    throw foreign(paths.db);
  }
  try {
    return identify(paths);
  } catch (error) {
    if (error instanceof ScopeonError) throw error;
    if (!isCorruption(error)) throw describe(error, paths.db);
    const id = header.readUInt32BE(68); // where SQLite keeps application_id
    if (id === applicationId || (id === 0 && isOursBeside(paths))) return 'damaged';
    throw foreign(paths.db);
  }
}

/** The file's first bytes. Asked first: SQLite itself takes a file of a few bytes for an empty database, and would overwrite it. */
function readHeader(path: string): Buffer {
  const header = Buffer.alloc(100);
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch (error) {
    throw describe(error, path);
  }
  try {
    readSync(fd, header, 0, header.length, 0);
  } finally {
    closeSync(fd);
  }
  return header;
}

function identify(paths: StorePaths): 'ours' | 'original' {
  const db = openFile(paths.db, { readonly: true });
  try {
    const id = Number(db.pragma('application_id', { simple: true }));
    const version = versionOf(db);
    const known = memberIds('store/migrations').length;
    if (id === applicationId) {
      if (version <= known) return 'ours';
      throw new ScopeonError(
        'database',
        `This database was written by a newer scopeon (schema ${version}; this build knows ${known}). Upgrade scopeon, or set SCOPEON_DB to another file. Nothing was changed.`,
      );
    }
    const tables = new Set(
      db
        .prepare<[], { name: string }>("SELECT name FROM sqlite_master WHERE type = 'table'")
        .all()
        .map((row) => row.name),
    );
    if (id === 0 && tables.size === 0 && version === 0) return 'ours';
    if (
      id === 0 &&
      version >= 1 &&
      version <= 9 &&
      ['sessions', 'turns', 'file_offsets'].every((name) => tables.has(name))
    )
      return 'original';
    throw foreign(paths.db);
  } finally {
    db.close();
  }
}

/**
 * Does something beside the path say that a file without a sign of its own was once our database? Backups of ours do, or
 * our key where the file has our name too; a folder called backups does not, for anybody may have one.
 */
function isOursBeside({ db, backups }: StorePaths): boolean {
  const beside = (name: string): boolean => existsSync(join(dirname(db), name));
  return beside('audit.db') || holdsBackup(backups) || (basename(db) === 'scopeon.db' && beside('hmac.key'));
}

function foreign(path: string): ScopeonError {
  return new ScopeonError('database', `${path} is not a scopeon database. Nothing was changed.`, {
    hint: 'Move that file, or set SCOPEON_DB to another one.',
  });
}

/** Does this error, or what caused it, say that a database file is damaged? */
export function isCorruption(error: unknown): boolean {
  const { code, message, cause } = error as { code?: unknown; message?: unknown; cause?: unknown }; // anything can be thrown
  if (typeof code === 'string' && /^SQLITE_(CORRUPT|NOTADB)/.test(code)) return true;
  if (typeof message === 'string' && message.startsWith('malformed database schema')) return true;
  return cause instanceof Error && isCorruption(cause);
}

/** Besides "full": what a limit on file sizes, a quota or a full device under the side files looks like. */
const noRoom = new Set(['SQLITE_FULL', 'SQLITE_IOERR_WRITE', 'SQLITE_IOERR_SHMSIZE', 'ENOSPC', 'EFBIG', 'EDQUOT']);

/** Turns what the driver or the system threw into the error the user can act on. */
export function describe(error: unknown, path: string): Error {
  if (error instanceof ScopeonError) return error;
  const code = String((error as { code?: unknown }).code ?? '');
  const text = error instanceof Error ? error.message : String(error);
  if (noRoom.has(code)) {
    return new ScopeonError('noSpace', `No space left: ${path}. Nothing was lost; run again when there is room.`, {
      cause: error,
    });
  }
  if (code.startsWith('SQLITE_BUSY'))
    return new ScopeonError('locked', 'Another program holds the database.', {
      hint: 'Run it again when that one has ended.',
      cause: error,
    });
  if (code.startsWith('SQLITE') || code.startsWith('E')) {
    return new ScopeonError('database', `Cannot open the database at ${path}: ${text}.`, {
      hint: 'Set SCOPEON_DB to a file in a folder you may write to.',
      cause: error,
    });
  }
  return error instanceof Error ? error : new Error(text);
}
