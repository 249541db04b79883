import { closeSync, constants, fstatSync, openSync, realpathSync, type Stats } from 'node:fs';
import type { Cursor, Host, LogFile, Provider, SkipReason } from '../provider.ts';
import type { Database } from '../store/driver.ts';
import { createFileTable, type FileTable, type TrackedFile } from '../store/files.ts';
import { CheckpointMoved, type CheckpointUpdate, type EventSource, type Writer } from '../store/writer.ts';
import { type Candidate, type Discovery, discover } from './discover.ts';
import { fingerprint, matches, tailHash } from './fingerprint.ts';

/** One commit holds at most this many turns, so that memory does not grow with the logs. */
const turnsPerCommit = 50_000;
/** How long reading may go on before whoever waits (signals, timers) gets a turn. */
const sliceMs = 50;
const dayMs = 24 * 60 * 60 * 1000;
const missingKeptMs = 30 * dayMs;
/** Invalid lines in a row, in a file without a valid one, after which it is left alone. */
const quarantineAfter = 1_000;

export interface PassOptions {
  readonly db: Database;
  readonly writer: Writer;
  readonly providers: ReadonlyMap<string, Provider>;
  readonly host: Host;
  readonly digest: (bytes: Uint8Array) => Uint8Array;
  readonly now: () => number;
  /** Take an unfinished last line when it is whole: for one-shot runs, and for files that have been still. */
  readonly takeTail: (path: string) => boolean;
  /** Called now and then with what is done; the bytes are those that are new. */
  readonly progress?: ((done: PassProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called after each commit. False ends the pass: somebody else took over. */
  readonly afterCommit?: (() => boolean) | undefined;
  /** Longest time between two commits; long-lived programs want their rows seen soon. Default: no limit. */
  readonly commitEveryMs?: number | undefined;
  readonly discovery?: Discovery | undefined;
}

export interface PassProgress {
  readonly files: number;
  readonly totalFiles: number;
  readonly bytes: number;
  readonly totalBytes: number;
}

export interface PassResult {
  readonly discovery: Discovery;
  /** Files with something new. */
  readonly changedFiles: number;
  readonly bytesRead: number;
  readonly events: number;
  readonly unreadable: readonly string[];
  /** Files that end in an unfinished line; look again when they have been still. */
  readonly openTails: readonly string[];
  /** False: ended early by the signal or a take-over. */
  readonly complete: boolean;
}

/**
 * Reads what is new in every log and commits it with its checkpoints. Scanning is the truth: whatever was missed or
 * interrupted before is found here. A file that cannot be read never stops the others.
 */
export async function runPass(options: PassOptions): Promise<PassResult> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await onePass(options);
    } catch (error) {
      options.writer.rollback();
      if (!(error instanceof CheckpointMoved) || attempt >= 4) throw error;
    }
  }
}

/** Files with something new, and how many bytes that is, without reading any of it. */
export function whatIsNew(db: Database, providers: ReadonlyMap<string, Provider>, host: Host): { readonly discovery: Discovery; readonly bytes: number; readonly files: number } {
  const discovery = discover(providers, host);
  const index = indexFiles(createFileTable(db));
  const changed = discovery.candidates.filter((candidate) => !isUnchanged(index, candidate, providers));
  return { discovery, bytes: changed.reduce((sum, candidate) => sum + candidate.size, 0), files: changed.length };
}

interface FileIndex {
  readonly byPath: Map<string, TrackedFile[]>;
  readonly byInode: Map<string, TrackedFile>;
}

function indexFiles(table: FileTable): FileIndex {
  const byPath = new Map<string, TrackedFile[]>();
  const byInode = new Map<string, TrackedFile>();
  for (const file of table.all()) {
    const there = byPath.get(file.path);
    if (there === undefined) byPath.set(file.path, [file]);
    else there.push(file);
    byInode.set(`${file.dev}:${file.ino}`, file);
  }
  return { byPath, byInode };
}

function isUnchanged(index: FileIndex, candidate: Candidate, providers: ReadonlyMap<string, Provider>): boolean {
  const version = providers.get(candidate.provider)?.parserVersion;
  return (index.byPath.get(candidate.path) ?? []).some(
    (file) => file.ino === candidate.ino && file.dev === candidate.dev && file.size === candidate.size && file.mtimeMs === candidate.mtimeMs && file.parserVersion === version,
  );
}

async function onePass(options: PassOptions): Promise<PassResult> {
  const { db, providers, now } = options;
  const discovery = options.discovery ?? discover(providers, options.host);
  const table = createFileTable(db);
  const index = indexFiles(table);
  const inodes = new Set<string>();
  const work: Candidate[] = [];
  for (const candidate of discovery.candidates) {
    const inode = `${candidate.dev}:${candidate.ino}`;
    if (inodes.has(inode)) continue; // a hard link: the same file under a second name
    inodes.add(inode);
    if (!isUnchanged(index, candidate, providers) || options.takeTail(candidate.path)) work.push(candidate);
  }
  const pass = createRun(options, table, index, inodes, discovery);
  const totalBytes = work.reduce((sum, candidate) => sum + pass.newBytes(candidate), 0);
  const report = (files: number): void => options.progress?.({ files, totalFiles: work.length, bytes: pass.bytesRead(), totalBytes });
  let complete = true;
  let sliceEnd = now() + sliceMs;
  for (const [number, candidate] of work.entries()) {
    for (const _ of pass.read(candidate)) {
      if (now() < sliceEnd) continue;
      report(number);
      await new Promise((resolve) => setImmediate(resolve));
      sliceEnd = now() + sliceMs;
      if (options.signal?.aborted === true) complete = false;
    }
    if (!complete || pass.lost()) break;
  }
  pass.commit();
  if (complete && !pass.lost()) {
    markMissing(table, discovery, now());
    report(work.length);
  }
  return { discovery, changedFiles: work.length, bytesRead: pass.bytesRead(), events: pass.events(), unreadable: pass.unreadable, openTails: pass.openTails, complete: complete && !pass.lost() };
}

/** Keeps the checkpoints of files that went away for a while; what could not be listed is not gone. */
function markMissing(table: FileTable, discovery: Discovery, now: number): void {
  const there = new Set(discovery.candidates.map((candidate) => candidate.path));
  const gone = table.all().filter((file) => !there.has(file.path) && !discovery.unlisted.some((directory) => file.path.startsWith(directory)));
  if (gone.length === 0) return;
  table.markMissing(gone.map((file) => file.id), now);
  table.dropMissing(now - missingKeptMs);
}

interface OpenCheckpoint {
  readonly file: TrackedFile;
  readonly stat: Stats;
  readonly fd: number;
  fromOffset: number;
  cursor: Cursor;
  counts: { records: number; invalid: number; oversize: number; bad_value: number; unknown_type: number; firstBadOffset: number | undefined };
  valid: boolean;
  quarantined: boolean;
}

/** One pass's reading: which file is which, what was read of it, and what waits to be committed. */
function createRun(options: PassOptions, table: FileTable, index: FileIndex, inodes: ReadonlySet<string>, discovery: Discovery) {
  const { writer, providers, now } = options;
  const waiting: CheckpointUpdate[] = [];
  const unreadable: string[] = [];
  const openTails: string[] = [];
  const there = new Set(discovery.candidates.map((candidate) => candidate.path));
  let bytesRead = 0;
  let events = 0;
  let lost = false;
  let lastCommit = now();

  function commit(partial?: OpenCheckpoint): void {
    const checkpoints = partial === undefined ? waiting : [...waiting, checkpointOf(partial, false)];
    if (checkpoints.length === 0 && !writer.isOpen) return;
    writer.commit(checkpoints);
    waiting.length = 0;
    lastCommit = now();
    if (partial !== undefined) {
      partial.fromOffset = partial.cursor.offset;
      partial.counts = noCounts();
    }
    if (options.afterCommit?.() === false) lost = true;
  }

  /** `done` false: a stop on the way; size and time are left unknown so that the file is looked at again. */
  function checkpointOf(open: OpenCheckpoint, done: boolean): CheckpointUpdate {
    const { fp, fpLen } = fingerprint(open.fd, open.cursor.offset);
    return {
      fileId: open.file.id,
      generation: open.file.generation,
      fromOffset: open.fromOffset,
      offset: open.cursor.offset,
      tailHash: tailHash(open.fd, open.cursor.offset),
      fp,
      fpLen,
      size: done ? open.stat.size : -1,
      mtimeMs: done ? open.stat.mtimeMs : -1,
      state: open.cursor.state === undefined ? null : JSON.stringify(open.cursor.state),
      parserVersion: providers.get(open.file.provider)?.parserVersion ?? 0,
      quarantined: open.quarantined,
      readAt: now(),
      counts: open.counts,
    };
  }

  function* readOpened(candidate: Candidate, provider: Provider, fd: number, stat: Stats): Generator<void> {
    const file = identify(candidate, provider, fd, stat);
    const from: Cursor | undefined = file.offset > 0 || file.state !== null ? { offset: file.offset, state: file.state === null ? undefined : JSON.parse(file.state) } : undefined;
    const open: OpenCheckpoint = { file, stat, fd, fromOffset: file.offset, cursor: from ?? { offset: 0, state: undefined }, counts: noCounts(), valid: file.offset > 0 && file.quarantined === 0, quarantined: false };
    const source: EventSource = {
      fileId: file.id,
      provider: candidate.provider,
      path: candidate.path,
      fallbackAt: file.firstMtimeMs,
      latestAt: Math.max(now(), stat.mtimeMs) + dayMs,
    };
    const log: LogFile = {
      fd,
      path: candidate.path,
      relativePath: candidate.relativePath,
      scope: `${file.id}:${file.generation}`,
      sizeBytes: stat.size,
      digest: options.digest,
      takeTail: options.takeTail(candidate.path),
    };
    for (const batch of provider.read(log, from)) {
      writer.begin();
      for (const event of batch.events) writer.add(source, event);
      events += batch.events.length;
      bytesRead += batch.cursor.offset - open.cursor.offset;
      open.cursor = batch.cursor;
      count(open, batch.records, batch.skipped);
      if (open.quarantined) break;
      const late = options.commitEveryMs !== undefined && now() - lastCommit >= options.commitEveryMs;
      if (writer.pendingTurns >= turnsPerCommit || late) commit(open);
      yield;
      if (lost) return;
    }
    if (open.cursor.offset < stat.size && !open.quarantined) openTails.push(candidate.path);
    waiting.push(checkpointOf(open, true));
    if (waiting.length >= 5_000) commit();
  }

  /** Which tracked file this is, by the table of identities; made, renamed or begun anew as that says. */
  function identify(candidate: Candidate, provider: Provider, fd: number, stat: Stats): TrackedFile {
    writer.begin();
    const samePath = index.byPath.get(candidate.path) ?? [];
    const both = samePath.find((file) => file.ino === stat.ino && file.dev === stat.dev);
    if (both !== undefined) {
      const goesOn = stat.size >= both.offset && both.parserVersion === provider.parserVersion && isContinued(fd, both);
      return goesOn ? both : table.restart(both.id, stat.dev, stat.ino, provider.parserVersion);
    }
    const moved = index.byInode.get(`${stat.dev}:${stat.ino}`);
    if (moved !== undefined && moved.provider === candidate.provider && !there.has(moved.path) && stat.size >= moved.offset && isContinued(fd, moved)) {
      table.rename(moved.id, candidate.path);
      return { ...moved, path: candidate.path };
    }
    // An atomic save: the same content under a new inode. The old inode must be gone, or it was moved and is its own file.
    const replaced = samePath.find((file) => file.offset > 0 && !inodes.has(`${file.dev}:${file.ino}`) && stat.size >= file.offset && isContinued(fd, file));
    if (replaced !== undefined) {
      table.relink(replaced.id, stat.dev, stat.ino);
      return replaced;
    }
    const fresh = { provider: candidate.provider, path: candidate.path, dev: stat.dev, ino: stat.ino, mtimeMs: stat.mtimeMs, parserVersion: provider.parserVersion };
    return table.insert(fresh, now());
  }

  return {
    unreadable,
    openTails,
    bytesRead: () => bytesRead,
    events: () => events,
    lost: () => lost,
    commit: () => commit(),
    newBytes(candidate: Candidate): number {
      const known = (index.byPath.get(candidate.path) ?? []).find((file) => file.ino === candidate.ino);
      return known === undefined || known.offset > candidate.size ? candidate.size : candidate.size - known.offset;
    },
    *read(candidate: Candidate): Generator<void> {
      const provider = providers.get(candidate.provider);
      const opened = provider === undefined ? undefined : openRegular(candidate);
      if (provider === undefined || opened === undefined) {
        unreadable.push(candidate.path);
        return;
      }
      try {
        yield* readOpened(candidate, provider, opened.fd, opened.stat);
      } catch (error) {
        // One bad file is skipped; what the store or another process did wrong is not the file's fault.
        if (error instanceof CheckpointMoved || !isFileError(error)) throw error;
        unreadable.push(candidate.path);
      } finally {
        closeSync(opened.fd);
      }
    },
  };
}

function isContinued(fd: number, file: TrackedFile): boolean {
  return matches(fd, file) && (file.offset === 0 || tailHash(fd, file.offset).equals(file.tailHash));
}

/** Opens the file that was listed and nothing else: no link, no pipe, nothing outside its root. */
function openRegular(candidate: Candidate): { fd: number; stat: Stats } | undefined {
  let fd: number;
  try {
    if (realpathSync.native(candidate.path) !== candidate.path && process.platform !== 'win32') return undefined;
    fd = openSync(candidate.path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
  } catch {
    return undefined;
  }
  const stat = fstatSync(fd);
  if (stat.isFile() && stat.dev === candidate.dev && stat.ino === candidate.ino) return { fd, stat };
  closeSync(fd);
  return undefined;
}

function isFileError(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return typeof code === 'string' && /^E[A-Z]+$/.test(code) && (error as NodeJS.ErrnoException).syscall === 'read';
}

function noCounts(): OpenCheckpoint['counts'] {
  return { records: 0, invalid: 0, oversize: 0, bad_value: 0, unknown_type: 0, firstBadOffset: undefined };
}

function count(open: OpenCheckpoint, records: number, skipped: readonly { readonly offset: number; readonly reason: SkipReason }[]): void {
  open.counts.records += records;
  for (const skip of skipped) {
    open.counts[skip.reason]++;
    if (skip.reason === 'invalid' || skip.reason === 'oversize') open.counts.firstBadOffset ??= skip.offset;
  }
  if (records > 0) open.valid = true;
  if (!open.valid && open.counts.invalid >= quarantineAfter) open.quarantined = true;
}
