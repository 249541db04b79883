import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { ScopeonError } from '../errors.ts';
import { type Database, openFile } from './driver.ts';
import { applicationId, schemaVersion, versionOf } from './migrate.ts';
import { inspect, type StorePaths } from './open.ts';

/** What lies at the store's place, found out without changing a byte of it. */
export interface StoreFindings {
  /** `unreadable`: it may not be opened, or another program holds it. */
  readonly state:
    | 'missing'
    | 'current'
    | 'older'
    | 'newer'
    | 'original'
    | 'early'
    | 'foreign'
    | 'damaged'
    | 'unreadable';
  /** Number of its schema, and the one this program knows. Undefined: it has none of ours. */
  readonly version: number | undefined;
  readonly knownVersion: number;
  /** Why it cannot be used as it is; a sentence. Undefined: it can, or needs no more than to be brought up to date. */
  readonly reason: string | undefined;
  readonly sizeBytes: number | undefined;
  readonly walBytes: number | undefined;
  /** Read-only, of the present schema. */
  readonly db: Database | undefined;
  /** The same, of whatever schema of ours. */
  readonly handle: Database | undefined;
}

/** Never throws. The handle is the caller's to close. */
export function findStore(paths: StorePaths): StoreFindings {
  const sizes = { sizeBytes: sizeOf(paths.db), walBytes: sizeOf(`${paths.db}-wal`) };
  const knownVersion = schemaVersion();
  const found = { version: undefined, knownVersion, reason: undefined, db: undefined, handle: undefined, ...sizes };
  try {
    const kind = inspect(paths);
    if (kind === 'new') return { ...found, state: 'missing' };
    if (kind === 'original' || kind === 'early') return { ...found, state: kind };
    if (kind === 'damaged') return { ...found, state: 'damaged', reason: 'it is no database any more' };
    const { handle, version } = openToLook(paths.db);
    const isCurrent = version === knownVersion;
    return { ...found, state: isCurrent ? 'current' : 'older', version, handle, db: isCurrent ? handle : undefined };
  } catch (error) {
    return { ...found, ...refusal(error, paths.db) };
  }
}

function openToLook(path: string): { readonly handle: Database; readonly version: number } {
  const handle = openFile(path, { readonly: true });
  try {
    handle.pragma('query_only = ON');
    handle.pragma('trusted_schema = OFF');
    return { handle, version: versionOf(handle) };
  } catch (error) {
    handle.close();
    throw error;
  }
}

function refusal(error: unknown, path: string): Pick<StoreFindings, 'state' | 'version' | 'reason'> {
  const reason = error instanceof Error ? error.message : String(error);
  const refused = { state: 'unreadable', version: undefined, reason } as const;
  if (!(error instanceof ScopeonError) || error.code !== 'database') return refused;
  const header = headerOf(path);
  if (header === undefined) return refused;
  const isOurs = header.readUInt32BE(68) === applicationId; // where SQLite keeps it
  return isOurs ? { ...refused, state: 'newer', version: header.readUInt32BE(60) } : { ...refused, state: 'foreign' };
}

function headerOf(path: string): Buffer | undefined {
  try {
    if (!statSync(path).isFile()) return undefined;
    const header = Buffer.alloc(100);
    const fd = openSync(path, 'r');
    try {
      readSync(fd, header, 0, header.length, 0);
    } finally {
      closeSync(fd);
    }
    return header;
  } catch {
    return undefined;
  }
}

function sizeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.size;
}

/** Problems found, in SQLite's words; they name our own tables and pages, nothing else. Empty: none. */
export interface Examination {
  readonly quickCheck: readonly string[];
  /** Not asked when the quick check has found something. */
  readonly integrityCheck: readonly string[];
  readonly foreignKeyCheck: readonly string[];
}

const mostProblems = 10;

/** Looks through every page and every index; takes seconds for a large store. */
export function examine(db: Database): Examination {
  const quickCheck = problemsOf(db, 'quick_check');
  const isSound = quickCheck.length === 0;
  return {
    quickCheck,
    integrityCheck: isSound ? problemsOf(db, 'integrity_check') : [],
    foreignKeyCheck: isSound ? orphansIn(db) : [],
  };
}

function problemsOf(db: Database, pragma: 'quick_check' | 'integrity_check'): readonly string[] {
  try {
    const rows = db.pragma(`${pragma}(${mostProblems})`) as readonly Readonly<Record<string, string>>[]; // as SQLite documents it
    return rows.flatMap((row) => Object.values(row)).filter((text) => text !== 'ok');
  } catch (error) {
    return [(error as Error).message];
  }
}

function orphansIn(db: Database): readonly string[] {
  const rows = db.pragma('foreign_key_check') as readonly { readonly table: string; readonly parent: string }[];
  return rows.slice(0, mostProblems).map(({ table, parent }) => `a row of ${table} refers to none of ${parent}`);
}

export function sqliteVersion(): string {
  const db = openFile(':memory:');
  try {
    return String(db.prepare('SELECT sqlite_version()').pluck().get());
  } finally {
    db.close();
  }
}
