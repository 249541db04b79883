import type { LogEvent } from '../events.ts';
import type { Cursor, LogFile, Provider, Skip } from '../provider.ts';
import type { CheckpointUpdate, EventSource } from '../store/batch.ts';
import type { FileTable, TrackedFile } from '../store/files.ts';
import type { Writer } from '../store/writer.ts';
import type { Beside } from './beside.ts';
import type { Candidate, Discovery } from './discover.ts';
import { type FileMarks, marksAt } from './fingerprint.ts';
import { createIdentifier, type FileIndex } from './identity.ts';
import type { LogStat } from './look.ts';
import { isFileError } from './open-log.ts';
import type { Scratch } from './scratch.ts';

/**
 * One commit holds at most this many turns, so that memory does not grow with the logs. Larger ones are slower: what
 * is summed up for them lives long enough to be moved about by the garbage collector.
 */
const turnsPerCommit = 4_096;
const filesPerCommit = 5_000;
const dayMs = 24 * 60 * 60 * 1000;
/** Invalid lines in a row, in a file without a valid one, after which it is left alone. */
const quarantineAfter = 1_000;
const noBytes = Buffer.alloc(0);

/** A log that is being read: what is known of it and how far its reading has come. */
export interface OpenFile {
  readonly candidate: Candidate;
  readonly file: TrackedFile;
  readonly fd: number;
  readonly stat: LogStat;
  readonly source: EventSource;
  /** How to read it, but for what each thread has its own of. */
  readonly log: Omit<LogFile, 'fd' | 'digest' | 'told' | keyof Beside>;
  readonly from: { readonly offset: number; readonly state: string | null } | undefined;
  committedOffset: number;
  offset: number;
  /** JSON of the provider's notes. */
  state: string | null;
  counts: {
    records: number;
    invalid: number;
    oversize: number;
    bad_value: number;
    unknown_type: number;
    firstBadOffset: number | undefined;
  };
  hasValid: boolean;
  quarantined: boolean;
}

/** What a thread read of a file at once. */
export interface ReadBatch {
  readonly events: readonly LogEvent[];
  readonly skipped: readonly Skip[];
  readonly records: number;
  readonly offset: number;
  readonly state: string | null;
}

/** Takes what was read of files, in whatever order, and commits it with the files' checkpoints. */
export interface FileRun {
  begin(candidate: Candidate, provider: Provider, fd: number, stat: LogStat): OpenFile;
  /** False: nothing more of this file is wanted. */
  take(open: OpenFile, batch: ReadBatch): boolean;
  /** `marks`: what it will be known by, where whoever read it has seen to that. */
  finish(open: OpenFile, marks?: FileMarks): void;
  /** Stops before its end; what was taken of it counts, and the rest is read another time. */
  leave(open: OpenFile): void;
  /** Its provider broke on it: what was taken counts, and it is left alone until it changes or its parser does. */
  fail(open: OpenFile, fault: string): void;
  commit(): void;
  readonly bytesRead: number;
  readonly events: number;
  /** Providers of which turns were taken. */
  readonly speaking: ReadonlySet<string>;
  /** Somebody else took over: stop. */
  readonly lost: boolean;
  readonly openTails: readonly string[];
}

export function createFileRun(
  options: {
    readonly writer: Writer;
    readonly now: () => number;
    readonly scratch: Scratch;
    readonly takeTail: (path: string) => boolean;
    readonly afterCommit?: (() => boolean) | undefined;
    readonly commitEveryMs?: number | undefined;
  },
  table: FileTable,
  index: FileIndex,
  discovery: Discovery,
): FileRun {
  const { writer, now } = options;
  const identify = createIdentifier(table, index, discovery, now);
  const finished: CheckpointUpdate[] = [];
  const reading = new Set<OpenFile>();
  const openTails: string[] = [];
  const speaking = new Set<string>();
  let bytesRead = 0;
  let events = 0;
  let lost = false;
  let lastCommit = performance.now();

  function commit(): void {
    // Files still being read stop here for now; the next batch goes on from what this commit says.
    const stops = [...reading].flatMap((open) => {
      const checkpoint = open.offset === open.committedOffset ? undefined : checkpointOf(open, false);
      return checkpoint === undefined ? [] : [{ open, checkpoint }];
    });
    const checkpoints = [...finished, ...stops.map((stop) => stop.checkpoint)];
    if (checkpoints.length === 0 && !writer.isOpen) return;
    writer.commit(checkpoints);
    finished.length = 0;
    lastCommit = performance.now();
    for (const { open } of stops) {
      open.committedOffset = open.offset;
      open.counts = noCounts();
    }
    if (options.afterCommit?.() === false) lost = true;
  }

  return {
    openTails,
    speaking,
    get bytesRead() {
      return bytesRead;
    },
    get events() {
      return events;
    },
    get lost() {
      return lost;
    },
    commit,
    begin(candidate, provider, fd, stat) {
      writer.begin();
      const file = identify(candidate, provider, fd, stat);
      const open: OpenFile = {
        candidate,
        file,
        fd,
        stat,
        source: {
          fileId: file.id,
          provider: candidate.provider,
          path: candidate.path,
          fallbackAt: file.firstMtimeMs,
          latestAt: Math.max(now(), stat.mtimeMs) + dayMs,
        },
        log: {
          path: candidate.path,
          relativePath: candidate.relativePath,
          scope: `${file.id}:${file.generation}`,
          number: file.id,
          sizeBytes: stat.size,
          scratch: options.scratch.path,
          takeTail: options.takeTail(candidate.path),
        },
        from: file.offset > 0 || file.state !== null ? { offset: file.offset, state: file.state } : undefined,
        committedOffset: file.offset,
        offset: file.offset,
        state: file.state,
        counts: noCounts(),
        hasValid: file.offset > 0 && file.quarantined === 0,
        quarantined: false,
      };
      reading.add(open);
      return open;
    },
    take(open, batch) {
      if (open.quarantined) return false;
      writer.begin();
      for (const event of batch.events) writer.add(open.source, event);
      const { provider } = open.candidate;
      if (!speaking.has(provider) && batch.events.some((event) => event.kind === 'turn')) speaking.add(provider);
      events += batch.events.length;
      bytesRead += Math.max(0, batch.offset - open.offset); // a database may shrink
      open.offset = batch.offset;
      open.state = batch.state;
      count(open, batch.records, batch.skipped);
      const late = options.commitEveryMs !== undefined && performance.now() - lastCommit >= options.commitEveryMs;
      if (writer.pendingTurns >= turnsPerCommit || late) commit();
      return !open.quarantined;
    },
    finish(open, marks) {
      reading.delete(open);
      if (open.offset < open.stat.size && !open.quarantined) openTails.push(open.candidate.path);
      keep(checkpointOf(open, true, marks));
      if (finished.length >= filesPerCommit) commit();
    },
    fail(open, fault) {
      reading.delete(open);
      const checkpoint = checkpointOf(open, true);
      keep(checkpoint === undefined ? undefined : { ...checkpoint, failure: fault });
    },
    leave(open) {
      reading.delete(open);
      if (open.offset !== open.committedOffset) keep(checkpointOf(open, false));
    },
  };

  function keep(checkpoint: CheckpointUpdate | undefined): void {
    if (checkpoint !== undefined) finished.push(checkpoint);
  }

  /**
   * `done` false: a stop on the way; size and time are left unknown so that the file is looked at again. Undefined: what
   * was read a moment ago cannot be read any more; it will be taken anew, which its keys make safe.
   */
  function checkpointOf(open: OpenFile, done: boolean, marks = marksOf(open)): CheckpointUpdate | undefined {
    if (marks === undefined) return undefined;
    return {
      fileId: open.file.id,
      generation: open.file.generation,
      fromOffset: open.committedOffset,
      offset: open.offset,
      ...marks,
      size: done ? open.stat.size : -1,
      mtimeMs: done ? open.stat.mtimeMs : -1,
      state: open.state,
      parserVersion: open.file.parserVersion,
      quarantined: open.quarantined,
      readAt: now(),
      counts: open.counts,
      failure: null,
    };
  }
}

/** What the file will be known by. */
function marksOf({ fd, offset, candidate }: OpenFile): FileMarks | undefined {
  if (candidate.database !== undefined) return { tailHash: noBytes, fp: noBytes, fpLen: 0 }; // by its name
  try {
    return marksAt(fd, offset);
  } catch (error) {
    if (!isFileError(error)) throw error;
    return undefined;
  }
}

export function cursorOf(from: OpenFile['from']): Cursor | undefined {
  return from === undefined
    ? undefined
    : { offset: from.offset, state: from.state === null ? undefined : JSON.parse(from.state) };
}

function noCounts(): OpenFile['counts'] {
  return { records: 0, invalid: 0, oversize: 0, bad_value: 0, unknown_type: 0, firstBadOffset: undefined };
}

function count(open: OpenFile, records: number, skipped: readonly Skip[]): void {
  open.counts.records += records;
  for (const skip of skipped) {
    open.counts[skip.reason]++;
    if (skip.reason === 'invalid' || skip.reason === 'oversize') open.counts.firstBadOffset ??= skip.offset;
  }
  if (records > 0) open.hasValid = true;
  if (!open.hasValid && open.counts.invalid >= quarantineAfter) open.quarantined = true;
}
