import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { autoTag } from '../metrics/tags.ts';
import type { Database } from '../store/driver.ts';
import { createFileTable } from '../store/files.ts';
import { readMeta, writeMeta } from '../store/meta.ts';
import type { StorePaths } from '../store/open.ts';
import { originalFile, readOriginal, sessionsToImport } from '../store/original.ts';
import { createWriter } from '../store/writer.ts';
import { createPricer, loadPriceBook } from './pricing.ts';
import { findProject } from './project.ts';
import type { IngestSettings } from './settings.ts';

const done = 'original_imported';

/** Remembers which set-aside original database is still to be imported: after the logs, which know better. */
export function noteOriginal(db: Database, paths: StorePaths): void {
  const newest = originals(paths).at(-1);
  if (newest !== undefined && readMeta(db, done) === undefined) writeMeta(db, done, '');
}

/** Imports those sessions of the original's database of which no log gave a turn; marked as imported, once. */
export function importOriginal(db: Database, settings: IngestSettings): void {
  if (readMeta(db, done) !== '') return;
  const directory = originals(settings.paths).at(-1);
  const file = directory === undefined ? undefined : originalFile(directory);
  if (file === undefined) return writeMeta(db, done, 'gone');
  const known = sessionsToImport(db);
  const { book } = loadPriceBook(db, settings.overrides, settings.now());
  const writer = createWriter(db, { price: createPricer(book), findProject, tagOf: autoTag, fillsNew: false });
  const now = settings.now();
  let turns = 0;
  const imported: { readonly provider: string; readonly session: string }[] = [];
  writer.begin();
  const source = createFileTable(db).insert(
    { provider: 'original', path: file, dev: 0, ino: 0, mtimeMs: now, parserVersion: 0 },
    now,
  );
  for (const records of readOriginal(file)) {
    if (known.hasTurns(records.provider, records.session)) continue;
    imported.push({ provider: records.provider, session: records.session });
    for (const event of records.events) {
      writer.add({ fileId: source.id, provider: records.provider, path: file, fallbackAt: now, latestAt: now }, event);
      if (event.kind === 'turn') turns++;
    }
  }
  writer.commit([]);
  for (const { provider, session } of imported) known.mark(provider, session);
  const sessions = imported.length;
  writeMeta(db, done, `${sessions} sessions, ${turns} turns`);
  settings.notice(
    `Imported from the original Scopeon's database: ${sessions} sessions with ${turns} turns of which no log is left.`,
  );
}

function originals(paths: StorePaths): string[] {
  try {
    return readdirSync(paths.backups)
      .filter((name) => name.startsWith('original-'))
      .sort()
      .map((name) => join(paths.backups, name));
  } catch {
    return [];
  }
}
