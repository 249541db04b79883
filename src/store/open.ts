import { chmodSync, closeSync, existsSync, openSync, readSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { ScopeonError } from '../errors.ts';
import { backupBeforeMigration, holdsBackup } from './backup.ts';
import { checkStore } from './check.ts';
import { makeDirectory } from './directory.ts';
import { type Database, openFile } from './driver.ts';
import { isEarly } from './early.ts';
import { identifyProcess, type ProcessIdentity, releaseLease, takeLease } from './lease.ts';
import { ledgerFile, noteInLedger } from './ledger.ts';
import { isBeingMade, sideFile, whileNobodyMakes } from './making.ts';
import { applicationId, migrate, schemaVersion, versionOf } from './migrate.ts';
import { setAsideOriginal } from './original.ts';
import { publishFile } from './publish.ts';
import { replaceDamaged, replaceEarly } from './recover.ts';
import { describe, isCorruption } from './trouble.ts';

const usualLeaseWaitMs = 30_000;
/** How often to look whether another process has given the lease back. */
const leaseLookMs = 200;
const mostLooks = 10;

export interface StorePaths {
  readonly db: string;
  readonly backups: string;
}

/** What opening found out that the user should hear, one sentence each. */
export type Notice = (sentence: string) => void;

/** Notes that a start has recovered the database: it does so once at most. */
export interface Recovery {
  done: boolean;
}

export interface OpenOptions {
  /** Look through the whole store before anything is done with it. */
  readonly check?: boolean;
  /** Absent: one of its own. */
  readonly recovery?: Recovery;
  /** How long to wait for another process to give the lease back, before the schema is changed. Default: half a minute. */
  readonly leaseWaitMs?: number;
}

/**
 * Opens the store for writing; makes or migrates it first. The original program's database is set aside whole, a
 * damaged one of ours and one of before the first release likewise; any other file is refused and left as it is.
 * @throws ScopeonError `database` (foreign, newer, not creatable, damaged again), `noSpace`, `locked`
 */
export async function openStore(
  paths: StorePaths,
  now: number,
  notice: Notice,
  options: OpenOptions = {},
): Promise<Database> {
  const recovery = options.recovery ?? { done: false };
  try {
    makeDirectory(dirname(paths.db));
    if (inspect(paths) !== 'ours' || isBeingMade(paths))
      await whileNobodyMakes(paths, () => makePlace(paths, now, notice, recovery));
    const file = identityOf(paths.db);
    try {
      return await openOurs(paths, now, options);
    } catch (error) {
      if (!isCorruption(error) || recovery.done) throw error;
      await whileNobodyMakes(paths, async () => {
        if (identityOf(paths.db) === file) await recover(paths, now, notice, recovery, (error as Error).message);
      });
      return await openOurs(paths, now, { ...options, check: false });
    }
  } catch (error) {
    throw describe(error, paths.db);
  }
}

/** Has a store of ours at its place afterwards. */
async function makePlace(paths: StorePaths, now: number, notice: Notice, recovery: Recovery): Promise<void> {
  let kind = inspect(paths);
  if (kind === 'damaged' && !recovery.done) return recover(paths, now, notice, recovery, 'not a database');
  if (kind === 'original') {
    const kept = setAsideOriginal(paths, now);
    notice(
      `A database of the original Scopeon was found. It was kept whole in ${kept}; its sessions without a log are imported.`,
    );
    kind = 'new';
  }
  if (kind === 'early') {
    const kept = await replaceEarly(paths, now);
    notice(
      `The database was written by a scopeon of before its first release. It was kept whole in ${kept}. It is rebuilt from the logs, and sessions without a log are imported.`,
    );
  }
  if (kind === 'new') await makeNew(paths);
}

/** Beside its place, so that nobody ever meets half of it. */
async function makeNew(paths: StorePaths): Promise<void> {
  const side = sideFile(paths);
  const db = openFile(side);
  try {
    chmodSync(side, 0o600);
    await migrate(db, paths);
    db.pragma('journal_mode = WAL');
  } finally {
    db.close();
  }
  rmSync(paths.db, { force: true }); // a file of no bytes
  publishFile(side, paths.db);
}

async function recover(
  paths: StorePaths,
  now: number,
  notice: Notice,
  recovery: Recovery,
  reason: string,
): Promise<void> {
  recovery.done = true;
  notice(await replaceDamaged(paths, now, reason));
}

async function openOurs(
  paths: StorePaths,
  now: number,
  { check = false, leaseWaitMs = usualLeaseWaitMs }: OpenOptions,
): Promise<Database> {
  for (let look = 1; ; look++) {
    const file = identityOf(paths.db);
    const db = openFile(paths.db);
    try {
      configure(db);
      if (isAnother(paths.db, file, look)) {
        // Replaced while it was opened: the side files beside it are those of the other.
        db.close();
        continue;
      }
      if (check) checkStore(db);
      await bringUpToDate(db, paths, now, leaseWaitMs);
      return db;
    } catch (error) {
      db.close();
      throw error;
    }
  }
}

/** Which file that is; undefined: none to be seen. Another one has another identity, also in the same place. */
export function identityOf(path: string): string | undefined {
  try {
    const { dev, ino } = statSync(path, { bigint: true });
    return `${dev}:${ino}`;
  } catch {
    return undefined;
  }
}

/** Has another file come to this place? Some file systems give a file another number at every look: we look ten times. */
function isAnother(path: string, file: string | undefined, look: number): boolean {
  return look < mostLooks && identityOf(path) !== file;
}

/** Migrates under the lease, for an older scopeon may yet be writing what it knows. */
async function bringUpToDate(db: Database, paths: StorePaths, now: number, leaseWaitMs: number): Promise<void> {
  const version = versionOf(db);
  if (version >= schemaVersion()) return;
  let backup: string | undefined;
  const before = (): string | undefined => (backup = backupBeforeMigration(db, paths, now));
  if (version === 0) return migrate(db, paths);
  const me = identifyProcess();
  if (!(await waitForLease(db, me, now, leaseWaitMs))) return;
  try {
    await migrate(db, paths, { before });
    noteInLedger(paths, now, 'migration', {
      from: version,
      to: versionOf(db),
      backup: backup === undefined ? null : basename(backup),
    });
  } finally {
    releaseLease(db, me);
  }
}

/** False: whoever had it has migrated. @throws ScopeonError `locked` when it is not given back */
async function waitForLease(db: Database, me: ProcessIdentity, now: number, waitMs: number): Promise<boolean> {
  const began = performance.now();
  for (;;) {
    const lease = takeLease(db, me, 'migration', now + Math.round(performance.now() - began));
    if (!('holder' in lease)) {
      if (lease.unclean) checkStore(db);
      return true;
    }
    if (versionOf(db) >= schemaVersion()) return false;
    if (performance.now() - began > waitMs) {
      throw new ScopeonError(
        'locked',
        `Another scopeon (pid ${lease.holder.pid}) works with this database, whose schema is older than this one needs.`,
        { hint: 'End it, then run scopeon doctor.' },
      );
    }
    await new Promise((resolve) => setTimeout(resolve, leaseLookMs));
  }
}

/**
 * Opens the store for reading only: nothing done through this handle can change a row.
 * Undefined when there is no store yet, or none that can be read before it was opened for writing.
 * @throws ScopeonError `database`, `locked`
 */
export function openReader(paths: StorePaths): Database | undefined {
  for (let look = 1; ; look++) {
    const kind = inspect(paths);
    if (kind === 'new' || kind === 'original' || kind === 'early') return undefined;
    const file = identityOf(paths.db);
    try {
      const db = openOnlyToRead(paths.db);
      if (!isAnother(paths.db, file, look)) return db;
      db?.close();
    } catch (error) {
      if (isUnfinished(error)) return undefined;
      if (!isAnother(paths.db, file, look)) throw describe(error, paths.db);
    }
  }
}

function openOnlyToRead(path: string): Database | undefined {
  const db = openFile(path, { readonly: true });
  try {
    db.pragma('query_only = ON');
    db.pragma('trusted_schema = OFF');
    if (versionOf(db) >= schemaVersion()) return db;
  } catch (error) {
    db.close();
    throw error;
  }
  db.close();
  return undefined;
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

/** `early`: ours, of a layout that no step leads on from. */
type Kind = 'new' | 'ours' | 'early' | 'original' | 'damaged';

/** Looks without changing a byte: what is at the store's path? */
export function inspect(paths: StorePaths): Kind {
  for (let look = 1; ; look++) {
    const file = identityOf(paths.db);
    try {
      return lookAt(paths);
    } catch (error) {
      // What was found may have been moved away while it was looked at.
      if (!isAnother(paths.db, file, look)) throw error;
    }
  }
}

function lookAt(paths: StorePaths): Kind {
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
  // SQLite itself takes a file of a few bytes for an empty database, and would overwrite it.
  if (size < smallestDatabase) return withoutDatabase(paths);
  try {
    return identify(paths);
  } catch (error) {
    if (error instanceof ScopeonError) throw error;
    if (!isUnfinished(error) && !isCorruption(error)) throw describe(error, paths.db);
    const header = readHeader(paths.db);
    if (header.toString('latin1', 0, 16) !== 'SQLite format 3\0') return withoutDatabase(paths);
    const id = header.readUInt32BE(68); // where SQLite keeps application_id
    if (isUnfinished(error)) {
      // One page holds no table: an empty database whose making was interrupted.
      if (id === applicationId || (id === 0 && size <= pageSizeIn(header))) return 'ours';
      throw foreign(paths.db);
    }
    if (id === applicationId || (id === 0 && isOursBeside(paths))) return 'damaged';
    throw foreign(paths.db);
  }
}

/** One page of the least size. */
const smallestDatabase = 512;

/** What is there is no SQLite file at all. */
function withoutDatabase(paths: StorePaths): 'damaged' {
  if (isOursBeside(paths)) return 'damaged';
  throw foreign(paths.db);
}

/**
 * The first bytes of a file that SQLite cannot read. Of no other: closing it gives back every lock this process holds on
 * it, those of SQLite's own handles among them, and who closes it elsewhere then takes the log away they write to.
 */
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

/** As SQLite writes it: 1 stands for 65,536. */
function pageSizeIn(header: Buffer): number {
  const size = header.readUInt16BE(16);
  return size === 1 ? 65_536 : size;
}

/** A transaction of a killed process must be rolled back before anything can be read, which a reader may not do. */
function isUnfinished(error: unknown): boolean {
  return String((error as { code?: unknown }).code).startsWith('SQLITE_READONLY');
}

function identify(paths: StorePaths): 'ours' | 'early' | 'original' {
  const db = openFile(paths.db, { readonly: true });
  try {
    const id = Number(db.pragma('application_id', { simple: true }));
    const version = versionOf(db);
    const known = schemaVersion();
    if (id === applicationId) {
      if (version <= known) return isEarly(db) ? 'early' : 'ours';
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
  return (
    beside(basename(ledgerFile({ db, backups }))) ||
    holdsBackup(backups) ||
    (basename(db) === 'scopeon.db' && beside('hmac.key'))
  );
}

function foreign(path: string): ScopeonError {
  return new ScopeonError('database', `${path} is not a scopeon database. Nothing was changed.`, {
    hint: 'Move that file, or set SCOPEON_DB to another one.',
  });
}
