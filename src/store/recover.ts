import { chmodSync, copyFileSync, existsSync, readdirSync, renameSync } from 'node:fs';
import { basename, join } from 'node:path';
import { keepNewest, passesQuickCheck, stamp } from './backup.ts';
import { dropManifest } from './backup-manifest.ts';
import { addToCounters, countedText, goOnCounting } from './counters.ts';
import { makeDirectory } from './directory.ts';
import { type Database, openFile } from './driver.ts';
import { isEarly } from './early.ts';
import { type LedgerDetails, type LedgerKind, noteInLedger } from './ledger.ts';
import { removeReplacement, replacementPath } from './making.ts';
import { readMeta, writeMeta } from './meta.ts';
import { migrate, schemaVersion, versionOf } from './migrate.ts';
import type { StorePaths } from './open.ts';
import { publishFile } from './publish.ts';

const asideKept = 3;
const fact = 'rebuilding';

/** What is remembered until every log has been read again. */
interface Rebuilding {
  /** Name of the backup it began with; absent: an empty store. */
  readonly backup?: string;
  /** Turns in the damaged one, if they could still be counted. */
  readonly turnsBefore?: number;
}

/**
 * Moves a damaged database with its side files into `backups/damaged-<UTC>/` and puts another in its place: the newest
 * sound backup, wound back so that every log is read again, else an empty one; the user's tags are taken along as far as
 * they can be read. Returns what to tell the user. Only for who makes the database just now.
 */
export async function replaceDamaged(paths: StorePaths, now: number, reason: string): Promise<string> {
  makeDirectory(paths.backups);
  const backup = newestSound(paths.backups);
  await makeReplacement(paths, backup, fillAfterLoss(backup, paths, 1));
  const source = backup === undefined ? null : basename(backup);
  const { directory, trouble } = putInPlace(paths, now, 'damaged', {
    kind: 'recovery',
    details: { reason, backup: source },
  });
  keepNewest(paths.backups, /^damaged-/, asideKept);
  const told = `The database was damaged (${reason}). It was kept in ${directory}. It is rebuilt from ${source === null ? '' : `${source} and `}the logs.`;
  return trouble === undefined ? told : `${told} ${trouble}`;
}

/**
 * Puts a backup in the database's place, which is moved into `backups/replaced-<UTC>/`; returns that directory, undefined
 * when there was none. The logs will be read again, and what the user typed since is taken along. Only for who makes the
 * database just now; `whileAlone` runs the move when nobody else has it open.
 */
export async function restoreBackup(
  backup: string,
  paths: StorePaths,
  now: number,
  whileAlone: Around,
): Promise<string | undefined> {
  await makeReplacement(paths, backup, fillAfterLoss(backup, paths, 0));
  if (!existsSync(paths.db)) {
    publishFile(replacementPath(paths), paths.db);
    removeReplacement(paths);
    noteInLedger(paths, now, 'restore', { backup: basename(backup), kept: null });
    return undefined;
  }
  const entry = { kind: 'restore', details: { backup: basename(backup) } } as const;
  const { directory } = putInPlace(paths, now, 'replaced', entry, whileAlone);
  keepNewest(paths.backups, /^replaced-/, asideKept);
  return directory;
}

/**
 * Moves a store of an early layout into `backups/early-<UTC>/` and puts an empty one with its tags in its place; returns
 * the directory. What no log gives is imported from there afterwards. Only for who makes the database just now.
 */
export async function replaceEarly(paths: StorePaths, now: number): Promise<string> {
  makeDirectory(paths.backups);
  const [seed] = rowsUntilDamage<{ value: unknown }>(paths.db, "SELECT value FROM meta WHERE key = 'key_seed'");
  const tags = salvageTags(paths.db);
  await makeReplacement(paths, undefined, (db) => {
    // What is imported are then the same rows when a log tells of them after all.
    if (typeof seed?.value === 'string' && /^[0-9a-f]{32}$/.test(seed.value)) writeMeta(db, 'key_seed', seed.value);
    restoreTags(db, tags);
  });
  return putInPlace(paths, now, 'early', { kind: 'set_aside', details: { what: 'early' } }).directory;
}

type Around = (move: () => Aside) => Aside;

function putInPlace(
  paths: StorePaths,
  now: number,
  what: 'damaged' | 'replaced' | 'early',
  entry: AsideEntry,
  around: Around = (move) => move(),
): Aside {
  const aside = around(() => {
    const moved = moveAside(paths, what, now, entry);
    publishFile(replacementPath(paths), paths.db);
    return moved;
  });
  removeReplacement(paths);
  return aside;
}

interface Aside {
  readonly directory: string;
  /** Why the ledger does not tell of it. */
  readonly trouble: string | undefined;
}

interface AsideEntry {
  readonly kind: LedgerKind;
  readonly details: LedgerDetails;
}

/** Moves the database and whatever lies beside it (-wal, -shm) together; the ledger tells of it even if that is broken off. */
export function moveAside(paths: StorePaths, what: string, now: number, { kind, details }: AsideEntry): Aside {
  const wanted = join(paths.backups, `${what}-${stamp(now)}`);
  let directory = wanted;
  for (let n = 2; existsSync(directory); n++) directory = `${wanted}-${n}`;
  makeDirectory(directory);
  const trouble = noteInLedger(paths, now, kind, { ...details, kept: basename(directory) });
  // The database first: with it there and its side files gone, somebody might make new ones.
  for (const suffix of ['', '-wal', '-shm']) {
    const from = paths.db + suffix;
    if (existsSync(from)) renameSync(from, join(directory, basename(from)));
  }
  return { directory, trouble };
}

/** To be asked when every log has been read: what came of a rebuild. Undefined: there was none. */
export function tellRebuilt(db: Database): string | undefined {
  const noted = readMeta(db, fact);
  if (noted === undefined) return undefined;
  const { backup, turnsBefore }: Rebuilding = JSON.parse(noted); // written below
  writeMeta(db, fact, undefined);
  const count = (sql: string): number => Number(db.prepare(sql).pluck().get());
  const turns = count('SELECT COUNT(*) FROM turn');
  const kept = count(
    'SELECT COUNT(*) FROM turn WHERE file_id NOT IN (SELECT id FROM source_file WHERE missing_since IS NULL)',
  );
  const older =
    backup !== undefined
      ? `; ${kept} older turns have no log left`
      : turnsBefore === undefined
        ? ''
        : `; ${Math.max(0, turnsBefore - turns)} older turns have no log left`;
  return `Rebuilt from ${backup ?? 'the logs'}: ${turns} turns${older}.`;
}

interface Tag {
  readonly provider: string;
  readonly sid: string;
  readonly tag: string;
  readonly source: string;
}

/** What of the database in place no log could give back, and what there is to tell when all logs have been read. */
function fillAfterLoss(backup: string | undefined, paths: StorePaths, recoveries: 0 | 1): (db: Database) => void {
  const turns = rowsUntilDamage<{ n: number }>(paths.db, 'SELECT COUNT(*) AS n FROM turn')[0]?.n;
  const counted = rowsUntilDamage<{ value: string }>(paths.db, countedText)[0]?.value;
  const tags = salvageTags(paths.db);
  return (db) => {
    restoreTags(db, tags);
    goOnCounting(db, counted);
    addToCounters(db, { recoveries });
    const noted: Rebuilding = {
      ...(backup === undefined ? {} : { backup: basename(backup) }),
      ...(turns === undefined ? {} : { turnsBefore: turns }),
    };
    writeMeta(db, fact, JSON.stringify(noted));
  };
}

function salvageTags(path: string): readonly Tag[] {
  return rowsUntilDamage<Tag>(
    path,
    "SELECT provider, sid, tag, source FROM tag JOIN session ON session.id = session_id WHERE source = 'manual'",
  ).filter((row) => Object.values(row).every((value: unknown) => typeof value === 'string' && value.length <= 256));
}

function rowsUntilDamage<T>(path: string, sql: string): readonly T[] {
  const rows: T[] = [];
  try {
    const db = openFile(path, { readonly: true, timeoutMs: 0 });
    try {
      for (const row of db.prepare<[], T>(sql).iterate()) rows.push(row);
    } finally {
      db.close();
    }
  } catch {
    // What lies behind the damage cannot be read any more.
  }
  return rows;
}

async function makeReplacement(
  paths: StorePaths,
  backup: string | undefined,
  fill: (db: Database) => void,
): Promise<void> {
  const path = replacementPath(paths);
  removeReplacement(paths);
  if (backup !== undefined) copyFileSync(backup, path);
  const db = openFile(path);
  try {
    chmodSync(path, 0o600);
    if (backup === undefined) await migrate(db, paths);
    else {
      rewind(db);
      dropManifest(db);
    }
    db.transaction(() => fill(db))();
  } finally {
    db.close();
  }
}

/**
 * Rows have natural keys, so reading everything again is safe and finds what the backup had not yet. Those of records
 * without an id are made from the file's generation, which therefore stays.
 */
function rewind(db: Database): void {
  db.exec(`UPDATE source_file SET offset = 0, state = NULL, size = -1, quarantined = 0, records = 0, invalid = 0,
    oversize = 0, bad_value = 0, unknown_type = 0, first_bad_offset = NULL; DELETE FROM lease`);
}

function restoreTags(db: Database, tags: readonly Tag[]): void {
  const find = db.prepare<[string, string], { id: number }>('SELECT id FROM session WHERE provider = ? AND sid = ?');
  const make = db.prepare('INSERT INTO session (provider, sid, top_id) VALUES (?, ?, 0)');
  const top = db.prepare('UPDATE session SET top_id = id WHERE id = ?');
  const insert = db.prepare('INSERT OR IGNORE INTO tag (session_id, tag, source) VALUES (?, ?, ?)');
  for (const { provider, sid, tag, source } of tags) {
    let id: number | bigint | undefined = find.get(provider, sid)?.id;
    if (id === undefined) {
      id = make.run(provider, sid).lastInsertRowid;
      top.run(id);
    }
    insert.run(id, tag, source);
  }
}

function newestSound(backups: string): string | undefined {
  const names = readdirSync(backups).filter((name) => /^(scopeon-v\d+|daily|manual)-.*\.db$/.test(name));
  const byDate = names.sort((a, b) => dateIn(b).localeCompare(dateIn(a)));
  return byDate.map((name) => join(backups, name)).find(isUsable);
}

/** Sound, and neither of a newer version than this one nor of an early layout. */
function isUsable(path: string): boolean {
  if (!passesQuickCheck(path)) return false;
  const db = openFile(path, { readonly: true });
  try {
    return versionOf(db) <= schemaVersion() && !isEarly(db);
  } finally {
    db.close();
  }
}

function dateIn(name: string): string {
  return name.replace(/^(scopeon-v\d+|daily|manual)-/, '').replace(/-/g, '');
}
