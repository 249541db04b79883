import { closeSync, lstatSync } from 'node:fs';
import { systemPath } from '../file-name.ts';
import type { Provider } from '../provider.ts';
import type { FileTable, SeenFile, SeenFiles, TrackedFile } from '../store/files.ts';
import type { Candidate, Discovery } from './discover.ts';
import { matches, tailHash } from './fingerprint.ts';
import type { LogStat } from './look.ts';
import { isFileError, LogFault, openLog } from './open-log.ts';

/** The tracked files by path and by inode, as a scan found them; several of one, where names or inodes were used again. */
export interface FileIndex {
  at(path: string): readonly TrackedFile[];
  withInode(dev: number, ino: number): readonly TrackedFile[];
}

/** Asks the store for no more than what is looked up, and once for each: for a scan of a few files among many. */
export function lookUpFiles(table: FileTable): FileIndex {
  const byPath = new Map<string, readonly TrackedFile[]>();
  const byInode = new Map<string, readonly TrackedFile[]>();
  return {
    at: (path) => found(byPath, path, () => table.at(path)),
    withInode: (dev, ino) => found(byInode, inodeOf({ dev, ino }), () => table.withInode(dev, ino)),
  };
}

function found<T>(known: Map<string, T>, key: string, look: () => T): T {
  const there = known.get(key) ?? look();
  known.set(key, there);
  return there;
}

/** Reads all of them: for a scan of everything. */
export function indexFiles(table: FileTable): FileIndex {
  const byPath = new Map<string, TrackedFile[]>();
  const byInode = new Map<string, TrackedFile[]>();
  for (const file of table.all()) {
    add(byPath, file.path, file);
    add(byInode, inodeOf(file), file);
  }
  return {
    at: (path) => byPath.get(path) ?? [],
    withInode: (dev, ino) => byInode.get(inodeOf({ dev, ino })) ?? [],
  };
}

function add(index: Map<string, TrackedFile[]>, key: string, file: TrackedFile): void {
  const there = index.get(key);
  if (there === undefined) index.set(key, [file]);
  else there.push(file);
}

/** As much of the tracked files as shows what has changed. */
export type SeenIndex = Pick<SeenFiles, 'at'>;

/** The tracked file a candidate is when nothing about it has changed since it was read by this version of its parser. */
export function unchanged(
  index: SeenIndex,
  candidate: Candidate,
  parserVersion: number | undefined,
): SeenFile | undefined {
  return index
    .at(candidate.path)
    .find(
      (file) =>
        file.ino === candidate.ino &&
        file.dev === candidate.dev &&
        file.size === candidate.size &&
        file.mtimeMs === candidate.mtimeMs &&
        file.parserVersion === parserVersion,
    );
}

const restMs = 60 * 60 * 1000;

/** Is this a large database that was read not long ago? It is left alone until then, whatever is new in it. */
export function isResting(index: SeenIndex, candidate: Candidate, now: number): boolean {
  const { database, size } = candidate;
  if (database?.largeFrom === undefined || size < database.largeFrom) return false;
  const known = index.at(candidate.path).find((file) => file.ino === candidate.ino);
  const age = known === undefined || known.size < 0 ? restMs : now - known.lastReadAt;
  return age >= 0 && age < restMs;
}

/** Bytes of a candidate not read yet, by its size alone. A database is read whole. */
export function newBytes(index: SeenIndex, candidate: Candidate): number {
  if (candidate.database !== undefined) return candidate.size;
  const known = index.at(candidate.path).find((file) => file.ino === candidate.ino);
  return known === undefined || known.offset > candidate.size ? candidate.size : candidate.size - known.offset;
}

/** Tells which tracked file an opened candidate is; makes, renames or begins it anew as the case may be. */
export function createIdentifier(
  table: FileTable,
  index: FileIndex,
  discovery: Discovery,
  now: () => number,
): (candidate: Candidate, provider: Provider, fd: number, stat: LogStat) => TrackedFile {
  const inodeByPath = new Map(discovery.candidates.map((candidate) => [candidate.path, inodeOf(candidate)]));
  const byInode = new Map(discovery.candidates.map((candidate) => [inodeOf(candidate), candidate]));
  /** Is the tracked file still found under its name? A name may have gone to another file. */
  const isInPlace = (file: TrackedFile): boolean =>
    (discovery.isPartial ? inodeAt(file.path) : inodeByPath.get(file.path)) === inodeOf(file);
  // An atomic save leaves another inode; an old one that is still about was moved and is its own file, unless it is used
  // again for another by now.
  const isElsewhere = (file: TrackedFile): boolean => {
    const there = byInode.get(inodeOf(file));
    return there !== undefined && (there.database !== undefined || holds(there, file));
  };
  /** A database is what its name says. Whatever else may have changed, its rows have keys: reading it anew is safe. */
  const identifyDatabase = (candidate: Candidate, version: number, stat: LogStat): TrackedFile | undefined => {
    const samePath = index.at(candidate.path);
    const same = samePath.find((file) => file.ino === stat.ino && file.dev === stat.dev);
    if (same?.parserVersion === version) return same;
    const known = same ?? samePath.find((file) => !isElsewhere(file));
    return known === undefined ? undefined : table.restart(known.id, stat.dev, stat.ino, version, false);
  };
  return (candidate, provider, fd, stat) => {
    const insert = (): TrackedFile =>
      table.insert(
        { ...candidate, mtimeMs: stat.mtimeMs, dev: stat.dev, ino: stat.ino, parserVersion: provider.parserVersion },
        now(),
      );
    if (candidate.database !== undefined) return identifyDatabase(candidate, provider.parserVersion, stat) ?? insert();
    const anew = (file: TrackedFile, isSame = false): TrackedFile =>
      table.restart(file.id, stat.dev, stat.ino, provider.parserVersion, isSame);
    const rename = (file: TrackedFile): TrackedFile => {
      if (isInPlace(file)) return file; // a second name of it
      table.rename(file.id, candidate.path);
      return { ...file, path: candidate.path };
    };
    const isRewritten = provider.rewrites?.(candidate.relativePath) === true;
    const samePath = index.at(candidate.path);
    const sameInode = (): readonly TrackedFile[] =>
      index.withInode(stat.dev, stat.ino).filter((file) => file.provider === candidate.provider);
    const same = samePath.find((file) => file.ino === stat.ino && file.dev === stat.dev);
    // Of a document rewritten in place the beginning and the end tell nothing: the change may lie in between.
    if (same !== undefined && isRewritten) return anew(same);
    const goOn = (file: TrackedFile): TrackedFile =>
      file.parserVersion === provider.parserVersion ? file : anew(file, true);
    const continues = (file: TrackedFile): boolean => stat.size >= file.offset && isContinued(fd, file);
    /** Its content says so; that of a file of which nothing was read says nothing. */
    const isKnown = (file: TrackedFile): boolean => file.fpLen > 0 && continues(file);
    if (same !== undefined && isKnown(same)) return goOn(same);
    const moved = sameInode().find(isKnown);
    if (moved !== undefined) return goOn(rename(moved));
    const replaced = samePath.find((file) => isKnown(file) && !isElsewhere(file));
    if (replaced !== undefined) {
      table.relink(replaced.id, stat.dev, stat.ino);
      return goOn(replaced);
    }
    if (same !== undefined) return continues(same) ? goOn(same) : anew(same);
    // Inodes are used again: of a file whose content is not known nothing else may differ.
    const untouched = sameInode().find(({ size, mtimeMs }) => size === stat.size && mtimeMs === stat.mtimeMs);
    if (untouched !== undefined && continues(untouched)) return goOn(rename(untouched));
    const rewritten = isRewritten ? samePath.find((file) => !isElsewhere(file)) : undefined;
    return rewritten === undefined ? insert() : anew(rewritten);
  };
}

function inodeOf(file: { readonly dev: number; readonly ino: number }): string {
  return `${file.dev}:${file.ino}`;
}

function inodeAt(path: string): string | undefined {
  try {
    return inodeOf(lstatSync(systemPath(path)));
  } catch {
    return undefined;
  }
}

/** Is what lies there the tracked file? Also if that cannot be told just now. */
function holds(candidate: Candidate, file: TrackedFile): boolean {
  let opened: ReturnType<typeof openLog>;
  try {
    opened = openLog(candidate, new Set());
    return opened !== undefined && opened.stat.size >= file.offset && isContinued(opened.fd, file);
  } catch (error) {
    if (error instanceof LogFault) return true;
    throw error;
  } finally {
    if (opened !== undefined) closeSync(opened.fd);
  }
}

/** @throws LogFault */
function isContinued(fd: number, file: TrackedFile): boolean {
  try {
    return matches(fd, file) && (file.offset === 0 || tailHash(fd, file.offset).equals(file.tailHash));
  } catch (error) {
    throw isFileError(error) ? new LogFault(error) : error;
  }
}
