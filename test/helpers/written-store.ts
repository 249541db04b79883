import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LogEvent } from '../../src/events.ts';
import { autoTag } from '../../src/metrics/tags.ts';
import type { EventSource } from '../../src/store/batch.ts';
import type { Database } from '../../src/store/driver.ts';
import { createFileTable } from '../../src/store/files.ts';
import { openStore } from '../../src/store/open.ts';
import { createWriter } from '../../src/store/writer.ts';
import { assertRollups } from './rollups.ts';
import { dumpStore, type StoreDump } from './store-dump.ts';

/** A store that is written to by hand, without logs. */
export interface WrittenStore {
  readonly db: Database;
  readonly path: string;
  /** Writes events as if they had been read from the file so called, in one commit. */
  write(file: string, events: readonly LogEvent[]): void;
  /** What is then there; its rollups are checked. */
  dump(): StoreDump;
  remove(): void;
}

/** What a record without a time gets. */
export const fallbackTime = Date.parse('2026-03-01T00:00:00Z');

export async function createWrittenStore(provider = 'copilot-cli'): Promise<WrittenStore> {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), 'scopeon-written-')));
  const path = join(directory, 'scopeon.db');
  const db = await openStore({ db: path, backups: join(directory, 'backups') }, fallbackTime, () => undefined);
  const files = createFileTable(db);
  const writer = createWriter(db, {
    price: () => undefined,
    findProject: (cwd) => ({ root: cwd, isRepository: true }),
    tagOf: autoTag,
    fillsNew: false,
  });
  const sources = new Map<string, EventSource>();
  function sourceOf(file: string): EventSource {
    let source = sources.get(file);
    if (source === undefined) {
      const tracked = { provider, path: file, dev: 1, ino: sources.size + 1, mtimeMs: fallbackTime, parserVersion: 1 };
      const { id } = files.insert(tracked, fallbackTime);
      source = {
        fileId: id,
        provider,
        path: file,
        fallbackAt: fallbackTime,
        latestAt: Date.parse('2027-01-01T00:00:00Z'),
      };
      sources.set(file, source);
    }
    return source;
  }
  return {
    db,
    path,
    write(file, events) {
      for (const event of events) writer.add(sourceOf(file), event);
      writer.commit([]);
    },
    dump() {
      assertRollups(db);
      return dumpStore(db, directory);
    },
    remove() {
      db.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
