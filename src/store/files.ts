import { createDataVersion } from './data-version.ts';
import type { Database } from './driver.ts';

/** What is remembered of a log file: who it is and how far it has been read. */
export interface TrackedFile {
  readonly id: number;
  readonly provider: string;
  readonly path: string;
  readonly dev: number;
  readonly ino: number;
  readonly fp: Buffer;
  readonly fpLen: number;
  readonly offset: number;
  readonly tailHash: Buffer;
  readonly size: number;
  readonly mtimeMs: number;
  readonly generation: number;
  readonly parserVersion: number;
  readonly state: string | null;
  readonly quarantined: number;
  readonly firstMtimeMs: number;
  /** Since when its folder is listed without it; null: it is there. */
  readonly missingSince: number | null;
  /** UTC ms. */
  readonly lastReadAt: number;
}

/** What tells whether a file has changed since, or is gone. */
export type SeenFile = Pick<
  TrackedFile,
  | 'id'
  | 'path'
  | 'dev'
  | 'ino'
  | 'offset'
  | 'size'
  | 'mtimeMs'
  | 'parserVersion'
  | 'quarantined'
  | 'missingSince'
  | 'lastReadAt'
>;

/** The tracked files as they stood when they were asked for. */
export interface SeenFiles {
  readonly files: readonly SeenFile[];
  /** Those known under this name. */
  at(path: string): readonly SeenFile[];
}

const seenColumns = `id, path, dev, ino, offset, size, mtime_ms AS mtimeMs, parser_version AS parserVersion, quarantined,
  missing_since AS missingSince, last_read_at AS lastReadAt`;
const columns = `id, provider, path, dev, ino, fp, fp_len AS fpLen, offset, tail_hash AS tailHash, size, mtime_ms AS mtimeMs,
  generation, parser_version AS parserVersion, state, quarantined, first_mtime_ms AS firstMtimeMs,
  missing_since AS missingSince, last_read_at AS lastReadAt`;

/** The version of the parser that read a file of which nothing but its identity is known any more: no parser has it. */
const forgotten = -1;

/** SQL that leaves them out. */
export const isTracked = `parser_version <> ${forgotten}`;

/** The tracked files, kept right by whoever scans. */
export interface FileTable {
  all(): readonly TrackedFile[];
  /**
   * Those not forgotten, and no more of each than it takes to see a change: a fraction of the work. They are remembered for
   * as long as nobody else writes to the store.
   */
  seen(): SeenFiles;
  /** Checkpoints will be written by other means than this table. */
  forgetSeen(): void;
  get(id: number): TrackedFile | undefined;
  /** Those known under this name. */
  at(path: string): readonly TrackedFile[];
  /** Looks at every one of them. */
  withInode(dev: number, ino: number): readonly TrackedFile[];
  insert(
    file: {
      readonly provider: string;
      readonly path: string;
      readonly dev: number;
      readonly ino: number;
      readonly mtimeMs: number;
      readonly parserVersion: number;
    },
    now: number,
  ): TrackedFile;
  /** Same file, other name. */
  rename(id: number, path: string): void;
  /** Same content, other inode; or the reverse. */
  relink(id: number, dev: number, ino: number): void;
  /**
   * What was read no longer counts as read, nor what was counted: from the start again. Rows stay; their keys make that
   * safe. `isSame`: it still holds what was read of it, so that records without an id are those that are known.
   */
  restart(id: number, dev: number, ino: number, parserVersion: number, isSame: boolean): TrackedFile;
  setMissing(files: readonly SeenFile[], since: number | null): void;
  /**
   * Forgets of files gone since before that time all but which they were: one that comes back is read from the start, as the
   * file it was, so that its records without an id are those that are known; and no other file gets its number.
   */
  forgetMissing(before: number): void;
}

export function createFileTable(db: Database): FileTable {
  const dataVersion = createDataVersion(db);
  let known: { readonly version: number; readonly files: SeenFiles } | undefined;
  const forgetSeen = (): void => {
    known = undefined;
  };
  const get = db.prepare<[number], TrackedFile>(`SELECT ${columns} FROM source_file WHERE id = ?`);
  const all = db.prepare<[], TrackedFile>(`SELECT ${columns} FROM source_file`);
  const seen = db.prepare<[], SeenFile>(`SELECT ${seenColumns} FROM source_file WHERE ${isTracked}`);
  const at = db.prepare<[string], TrackedFile>(`SELECT ${columns} FROM source_file WHERE path = ? ORDER BY id`);
  const withInode = db.prepare<[number, number], TrackedFile>(
    `SELECT ${columns} FROM source_file WHERE ino = ? AND dev = ? ORDER BY id`,
  );
  const insert = db.prepare(
    `INSERT INTO source_file (provider, path, dev, ino, fp, fp_len, offset, tail_hash, size, mtime_ms, generation, parser_version, first_mtime_ms, last_read_at)
     VALUES (?, ?, ?, ?, x'', 0, 0, x'', -1, -1, 0, ?, ?, ?)`,
  );
  const rename = db.prepare('UPDATE source_file SET path = ?, missing_since = NULL WHERE id = ?');
  const relink = db.prepare('UPDATE source_file SET dev = ?, ino = ?, missing_since = NULL WHERE id = ?');
  const restart = db.prepare(
    `UPDATE source_file SET offset = 0, state = NULL, fp = x'', fp_len = 0, tail_hash = x'', size = -1, mtime_ms = -1,
      generation = generation + ?, parser_version = ?, dev = ?, ino = ?, quarantined = 0, missing_since = NULL, records = 0, invalid = 0,
      oversize = 0, bad_value = 0, unknown_type = 0, first_bad_offset = NULL WHERE id = ?`,
  );
  const missing = db.prepare('UPDATE source_file SET missing_since = ? WHERE id = ?');
  const forgetMissing = db.prepare(
    `UPDATE source_file SET parser_version = ${forgotten}, state = NULL, quarantined = 0, failure = NULL, records = 0, invalid = 0,
      oversize = 0, bad_value = 0, unknown_type = 0, first_bad_offset = NULL WHERE missing_since < ?`,
  );
  return {
    all: () => all.all(),
    seen() {
      const version = dataVersion();
      if (known === undefined || known.version !== version) known = { version, files: seenFiles(seen.all()) };
      return known.files;
    },
    forgetSeen,
    get: (id) => get.get(id),
    at: (path) => at.all(path),
    withInode: (dev, ino) => withInode.all(ino, dev),
    insert(file, now) {
      forgetSeen();
      const done = insert.run(
        file.provider,
        file.path,
        file.dev,
        file.ino,
        file.parserVersion,
        Math.floor(Math.min(file.mtimeMs, now)),
        now,
      );
      const nothing = Buffer.alloc(0);
      return {
        id: Number(done.lastInsertRowid),
        provider: file.provider,
        path: file.path,
        dev: file.dev,
        ino: file.ino,
        fp: nothing,
        fpLen: 0,
        offset: 0,
        tailHash: nothing,
        size: -1,
        mtimeMs: -1,
        generation: 0,
        parserVersion: file.parserVersion,
        state: null,
        quarantined: 0,
        firstMtimeMs: Math.floor(Math.min(file.mtimeMs, now)),
        missingSince: null,
        lastReadAt: now,
      };
    },
    rename(id, path) {
      forgetSeen();
      rename.run(path, id);
    },
    relink(id, dev, ino) {
      forgetSeen();
      relink.run(dev, ino, id);
    },
    restart(id, dev, ino, parserVersion, isSame) {
      forgetSeen();
      restart.run(isSame ? 0 : 1, parserVersion, dev, ino, id);
      return get.get(id) as TrackedFile; // restart never deletes
    },
    setMissing: (files, since) => {
      if (files.length === 0) return;
      forgetSeen();
      db.transaction(() => files.forEach((file) => missing.run(since, file.id))).immediate();
    },
    forgetMissing(before) {
      forgetSeen();
      forgetMissing.run(before);
    },
  };
}

function seenFiles(files: readonly SeenFile[]): SeenFiles {
  let paths: ReadonlyMap<string, readonly SeenFile[]> | undefined;
  return {
    files,
    at(path) {
      paths ??= byPath(files);
      return paths.get(path) ?? [];
    },
  };
}

function byPath(files: readonly SeenFile[]): ReadonlyMap<string, readonly SeenFile[]> {
  const paths = new Map<string, SeenFile[]>();
  for (const file of files) {
    const there = paths.get(file.path);
    if (there === undefined) paths.set(file.path, [file]);
    else there.push(file);
  }
  return paths;
}
