import { chmodSync, existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ScopeonError } from '../errors.ts';
import { loadMembers, memberIds } from '../members.ts';
import { backupBeforeMigration } from './backup.ts';
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
export async function openStore(paths: StorePaths, now: number, notice: Notice): Promise<Database> {
  mkdirSync(dirname(paths.db), { recursive: true, mode: 0o700 });
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
    return await openOurs(paths, now, kind === 'new');
  } catch (error) {
    if (!isCorruption(error)) throw describe(error, paths.db);
    notice(setAsideDamaged(paths, now, (error as Error).message));
    return openOurs(paths, now, !existsSync(paths.db));
  }
}

async function openOurs(paths: StorePaths, now: number, isNew: boolean): Promise<Database> {
  const db = openFile(paths.db);
  try {
    if (isNew) chmodSync(paths.db, 0o600);
    configure(db);
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
  if (!existsSync(paths.db) || statSync(paths.db).size === 0) return undefined;
  const kind = inspect(paths);
  if (kind === 'original') return undefined;
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
    throw new ScopeonError(
      'database',
      `The database step ${name} failed: ${(error as Error).message}. Nothing of it was kept.`,
      {
        hint: `A copy from before is in ${paths.backups}. Run scopeon doctor.`,
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
  try {
    return identify(paths);
  } catch (error) {
    if (error instanceof ScopeonError) throw error;
    if (!isCorruption(error)) throw describe(error, paths.db);
    if (wasOurs(paths)) return 'damaged';
    throw foreign(paths.db);
  }
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

/** Does something beside the path say that a damaged file was once our database? */
function wasOurs(paths: StorePaths): boolean {
  return existsSync(join(dirname(paths.db), 'audit.db')) || existsSync(paths.backups);
}

function foreign(path: string): ScopeonError {
  return new ScopeonError('database', `${path} is not a scopeon database. Nothing was changed.`, {
    hint: 'Move that file, or set SCOPEON_DB to another one.',
  });
}

function isCorruption(error: unknown): boolean {
  const code = (error as { code?: unknown }).code;
  return typeof code === 'string' && (code.startsWith('SQLITE_CORRUPT') || code.startsWith('SQLITE_NOTADB'));
}

/** Turns what the driver or the system threw into the error the user can act on. */
export function describe(error: unknown, path: string): Error {
  if (error instanceof ScopeonError) return error;
  const code = String((error as { code?: unknown }).code ?? '');
  const text = error instanceof Error ? error.message : String(error);
  if (code === 'SQLITE_FULL' || code === 'ENOSPC' || code === 'EFBIG' || code === 'EDQUOT') {
    return new ScopeonError('noSpace', `No space left: ${path}. Nothing was lost; run again when there is room.`, {
      cause: error,
    });
  }
  if (code.startsWith('SQLITE_BUSY'))
    return new ScopeonError('locked', 'Another program holds the database.', {
      hint: 'Run scopeon doctor.',
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
