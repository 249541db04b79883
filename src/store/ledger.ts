import { createHash } from 'node:crypto';
import { chmodSync, existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { makeDirectory } from './directory.ts';
import { type Database, openFile } from './driver.ts';
import type { StorePaths } from './open.ts';

/** "SCOA": says that the file is our ledger. */
const ledgerId = 0x53434f41;

/** What is written down. Its details name files of ours and counts, nothing else. */
export type LedgerKind = 'recovery' | 'set_aside' | 'migration' | 'backup' | 'restore';
export type LedgerDetails = Readonly<Record<string, string | number | null>>;

export interface LedgerEntry {
  readonly id: number;
  /** UTC ms. */
  readonly at: number;
  readonly kind: string;
  readonly details: LedgerDetails;
}

/** Beside the database, and a file of its own: it outlives a database that is rebuilt. */
export function ledgerFile({ db }: StorePaths): string {
  return join(dirname(db), 'audit.db');
}

/**
 * Writes down what was done to the database. Never throws, for what was done stands; returns why nothing was written, to
 * be told, and undefined when all is well.
 */
export function noteInLedger(
  paths: StorePaths,
  now: number,
  kind: LedgerKind,
  details: LedgerDetails,
): string | undefined {
  try {
    const db = openLedger(ledgerFile(paths));
    try {
      append(db, now, kind, JSON.stringify(details));
    } finally {
      db.close();
    }
    return undefined;
  } catch (error) {
    return `The ledger ${ledgerFile(paths)} could not be written: ${(error as Error).message}.`;
  }
}

function openLedger(path: string): Database {
  makeDirectory(dirname(path));
  const db = openFile(path);
  try {
    chmodSync(path, 0o600);
    db.pragma('synchronous = FULL');
    db.transaction(() => {
      const id = Number(db.pragma('application_id', { simple: true }));
      if (id === ledgerId) return;
      if (Number(db.pragma('schema_version', { simple: true })) !== 0) throw new Error('it is another file');
      db.exec(`
        CREATE TABLE entry (
          id INTEGER PRIMARY KEY, at INTEGER NOT NULL, kind TEXT NOT NULL, details TEXT NOT NULL,
          previous BLOB NOT NULL, hash BLOB NOT NULL);
        CREATE TRIGGER entry_stays BEFORE UPDATE ON entry BEGIN SELECT RAISE(ABORT, 'the ledger is only added to'); END;
        CREATE TRIGGER entry_follows BEFORE INSERT ON entry WHEN NEW.id <= (SELECT MAX(id) FROM entry)
          BEGIN SELECT RAISE(ABORT, 'the ledger is only added to'); END;
        CREATE TRIGGER entry_remains BEFORE DELETE ON entry BEGIN SELECT RAISE(ABORT, 'the ledger is only added to'); END;
      `);
      db.pragma(`application_id = ${ledgerId}`);
    }).immediate();
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function append(db: Database, at: number, kind: string, details: string): void {
  const last = db.prepare<[], { id: number; hash: Buffer }>('SELECT id, hash FROM entry ORDER BY id DESC LIMIT 1');
  db.transaction(() => {
    const { id: before, hash: previous } = last.get() ?? { id: 0, hash: Buffer.alloc(32) };
    const row = { id: before + 1, at, kind, details, previous };
    db.prepare('INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?)').run(row.id, at, kind, details, previous, hashOf(row));
  }).immediate();
}

interface Row {
  readonly id: number;
  readonly at: number;
  readonly kind: string;
  readonly details: string;
  readonly previous: Buffer;
}

function hashOf({ id, at, kind, details, previous }: Row): Buffer {
  return createHash('sha256')
    .update(previous)
    .update(JSON.stringify([id, at, kind, details]))
    .digest();
}

export interface LedgerFindings {
  readonly entries: readonly LedgerEntry[];
  /** What shows that it was changed by somebody else; undefined: nothing does. */
  readonly problem: string | undefined;
}

/**
 * Reads the ledger and follows its chain, changing nothing; undefined when there is none. A changed, removed or inserted
 * row shows; that the last rows were cut off, or that all was written anew, does not.
 */
export function readLedger(paths: StorePaths): LedgerFindings | undefined {
  const path = ledgerFile(paths);
  if (!existsSync(path)) return undefined;
  const entries: LedgerEntry[] = [];
  try {
    const db = openFile(path, { readonly: true });
    try {
      const rows = db.prepare<[], Row & { hash: Buffer }>(
        'SELECT id, at, kind, details, previous, hash FROM entry ORDER BY id',
      );
      let before: Buffer = Buffer.alloc(32);
      for (const row of rows.iterate()) {
        const isNext = row.id === entries.length + 1 && before.equals(row.previous);
        if (!isNext || !hashOf(row).equals(row.hash))
          return { entries, problem: `Entry ${entries.length + 1} is not as it was written` };
        before = row.hash;
        entries.push({ id: row.id, at: row.at, kind: row.kind, details: JSON.parse(row.details) }); // as it was hashed
      }
    } finally {
      db.close();
    }
    return { entries, problem: undefined };
  } catch (error) {
    return { entries, problem: `It cannot be read: ${(error as Error).message}` };
  }
}
