import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { autoTag } from '../metrics/tags.ts';
import type { Database } from '../store/driver.ts';
import { earlyKeys, readEarly } from '../store/early.ts';
import { createFileTable } from '../store/files.ts';
import { readMeta, writeMeta } from '../store/meta.ts';
import type { StorePaths } from '../store/open.ts';
import { type ImportedRecords, readOriginal, sessionsToImport } from '../store/original.ts';
import type { RowKeys } from '../store/row-key.ts';
import { takeOverTags } from '../store/tags.ts';
import { createWriter } from '../store/writer.ts';
import { createPricer, loadPriceBook } from './pricing.ts';
import { findProject } from './project.ts';
import type { IngestSettings } from './settings.ts';

/** A kind of database that was set aside whole, in folders of this name, and has history that no log may have any more. */
interface Kept {
  readonly folder: RegExp;
  /** The store's fact of what came of it; '': it is still to be imported. */
  readonly fact: string;
  readonly called: string;
  readonly read: (file: string) => Iterable<ImportedRecords>;
  /** Absent: records have ids of their own. */
  readonly keys?: RowKeys;
}

const kinds: readonly Kept[] = [
  {
    folder: /^original-/,
    fact: 'original_imported',
    called: "the original Scopeon's database",
    read: readOriginal,
  },
  {
    folder: /^early-/,
    fact: 'early_imported',
    called: 'the early database',
    read: readEarly,
    keys: earlyKeys,
  },
];

/** Remembers which set-aside databases are still to be imported: after the logs, which know better. */
export function noteKept(db: Database, paths: StorePaths): void {
  for (const { folder, fact } of kinds)
    if (newestOf(paths, folder) !== undefined && readMeta(db, fact) === undefined) writeMeta(db, fact, '');
}

/** Imports those of their sessions of which no log gave a turn; marked as imported, once. */
export function importKept(db: Database, settings: IngestSettings): void {
  for (const kind of kinds) {
    if (readMeta(db, kind.fact) !== '') continue;
    const directory = newestOf(settings.paths, kind.folder);
    const file = directory === undefined ? '' : join(directory, 'scopeon.db');
    if (!existsSync(file)) writeMeta(db, kind.fact, 'gone');
    else importFrom(file, kind, db, settings);
  }
}

function importFrom(file: string, kind: Kept, db: Database, settings: IngestSettings): void {
  const known = sessionsToImport(db);
  const { book } = loadPriceBook(db, settings.overrides, settings.now());
  const writer = createWriter(db, {
    price: createPricer(book),
    findProject,
    tagOf: autoTag,
    fillsNew: false,
    keys: kind.keys,
  });
  const now = settings.now();
  let turns = 0;
  const imported: { readonly provider: string; readonly session: string }[] = [];
  const tagged: { readonly provider: string; readonly session: string; readonly tags: readonly string[] }[] = [];
  writer.begin();
  try {
    // Both kinds go by one name, by which those who list logs leave them out.
    const source = createFileTable(db).insert(
      { provider: 'original', path: file, dev: 0, ino: 0, mtimeMs: now, parserVersion: 0 },
      now,
    );
    for (const records of kind.read(file)) {
      const { provider, session, tags = [] } = records;
      if (tags.length > 0) tagged.push({ provider, session, tags });
      if (known.isTold(records)) continue;
      imported.push({ provider, session });
      for (const event of records.events) {
        writer.add({ fileId: source.id, provider, path: file, fallbackAt: now, latestAt: now }, event);
        if (event.kind === 'turn') turns++;
      }
    }
  } catch (error) {
    // What cannot be read now cannot be read at the next start: the reading of logs must not end with it.
    writer.rollback();
    writeMeta(db, kind.fact, 'unreadable');
    settings.notice(`Nothing was imported from ${kind.called} in ${file}: ${(error as Error).message}.`);
    return;
  }
  writer.commit([]);
  for (const { provider, session } of imported) known.mark(provider, session);
  const withTags = takeOverTags(db, tagged);
  const sessions = imported.length;
  writeMeta(db, kind.fact, `${sessions} sessions, ${turns} turns`);
  if (withTags > 0) settings.notice(`Tags of ${counted(withTags, 'session')} were taken over from ${kind.called}.`);
  if (sessions === 0) return;
  settings.notice(
    `Imported from ${kind.called}: ${counted(sessions, 'session')} with ${counted(turns, 'turn')} of which no log is left.`,
  );
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function newestOf({ backups }: StorePaths, folder: RegExp): string | undefined {
  try {
    const name = readdirSync(backups)
      .filter((each) => folder.test(each))
      .sort()
      .at(-1);
    return name === undefined ? undefined : join(backups, name);
  } catch {
    return undefined;
  }
}
