import { closeSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { sep } from 'node:path';
import { ScopeonError } from '../errors.ts';
import type { KeyedHash } from '../keyed-hash.ts';
import type { Host, Provider } from '../provider.ts';
import { CheckpointMoved } from '../store/batch.ts';
import { noteRetry } from '../store/counters.ts';
import type { FileTable, SeenFile } from '../store/files.ts';
import type { Writer } from '../store/writer.ts';
import { readable } from './beside.ts';
import { type Candidate, type Discovery, discover } from './discover.ts';
import { createFileRun, cursorOf, type FileRun, type OpenFile, type ReadBatch } from './file-run.ts';
import type { FileMarks } from './fingerprint.ts';
import { ProviderFault } from './guard.ts';
import { indexFiles, isResting, lookUpFiles, newBytes, type SeenIndex, unchanged } from './identity.ts';
import { isFileError, LogFault, openLog } from './open-log.ts';
import { createUnpacker } from './pack.ts';
import { type PackedBatch, type ScanJob, type ScanPool, startScanPool } from './scan-pool.ts';
import type { Scratch } from './scratch.ts';
import { createTeller } from './told-batch.ts';

/** How long reading may go on before whoever waits (signals, timers) gets a turn. */
const sliceMs = 50;
const missingKeptMs = 30 * 24 * 60 * 60 * 1000;
/** From this many new bytes on a second thread helps reading; below, starting it costs more than it saves. */
const parallelFrom = 200 * 1024 * 1024; // 200 MiB
/** Read by the thread that writes, rather than that it waits. */
const smallFile = 1024 * 1024; // 1 MiB
/** Files handed to the other thread ahead of time. */
const jobsAhead = 32;
/** So many are looked up one by one; for more, all that are tracked are read at once. */
const fewFiles = 64;
/** How long, and how often, to wait for a free descriptor. */
const descriptorWaitMs = 200;
const descriptorWaits = 25;

export interface PassOptions {
  readonly files: FileTable;
  readonly writer: Writer;
  readonly providers: ReadonlyMap<string, Provider>;
  readonly host: Host;
  readonly digest: KeyedHash;
  /** Where the digest's key lies, for threads of their own. */
  readonly hmacKey: string;
  readonly now: () => number;
  readonly scratch: Scratch;
  /** Take an unfinished last line when it is whole: for one-shot runs, and for files that have been still. */
  readonly takeTail: (path: string) => boolean;
  /** Called now and then with what is done; the bytes are those that are new. */
  readonly progress?: ((done: PassProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called after each commit. False ends the pass: somebody else took over. */
  readonly afterCommit?: (() => boolean) | undefined;
  /** Longest time between two commits; long-lived programs want their rows seen soon. Default: no limit. */
  readonly commitEveryMs?: number | undefined;
  /** What to look at; default: everything below the providers' roots. */
  readonly discovery?: Discovery | undefined;
  /** A thread that was started ahead, to read if there is much. Closed by whoever started it. */
  readonly pool?: ScanPool | undefined;
  /** New bytes from which on a second thread reads along. Default: 200 MiB. */
  readonly parallelFrom?: number | undefined;
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
  /** Providers with something new, and whether turns were among it. */
  readonly changed: ReadonlyMap<string, boolean>;
  /** Files that end in an unfinished line; look again when they have been still. */
  readonly openTails: readonly string[];
  /** False: ended early by the signal or a take-over. */
  readonly complete: boolean;
}

/**
 * Reads what is new in every log and commits it with its checkpoints. Scanning is the truth: whatever was missed or
 * interrupted before is found here. A file that cannot be read never stops the others.
 * @throws ScopeonError `locked` when another process moves the same checkpoints again and again
 */
export async function runPass(options: PassOptions): Promise<PassResult> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await onePass(attempt === 0 ? options : { ...options, pool: undefined }); // it closed the one it was given
    } catch (error) {
      options.writer.rollback();
      if (!(error instanceof CheckpointMoved)) throw error;
      if (attempt >= 4)
        throw new ScopeonError('locked', 'Another scopeon keeps reading the same logs at the same time.', {
          hint: 'Run it again when that one has ended.',
          cause: error,
        });
      noteRetry();
    }
  }
}

async function onePass(options: PassOptions): Promise<PassResult> {
  options.scratch.clear();
  const discovery = options.discovery ?? discover(options.providers, options.host);
  const table = options.files;
  const isOfFew = discovery.isPartial && discovery.candidates.length <= fewFiles;
  const seenIndex = isOfFew ? lookUpFiles(table) : table.seen();
  const isFirst = !isOfFew && table.seen().files.length === 0;
  const work = workOf(options, seenIndex, discovery);
  if (work.length > 0) table.forgetSeen();
  const index = work.length <= fewFiles ? lookUpFiles(table) : indexFiles(table);
  const run = createFileRun(options, table, index, discovery);
  const totalBytes = work.reduce((sum, candidate) => sum + newBytes(seenIndex, candidate), 0);
  const pass: Pass = {
    options,
    run,
    work,
    totalBytes,
    unreadable: [],
    later: [],
    directories: new Set(),
    done: 0,
    aborted: false,
  };
  const isBig = totalBytes >= (options.parallelFrom ?? parallelFrom) && availableParallelism() > 1;
  const pool = isBig ? (options.pool ?? startScanPool(options.hmacKey)) : undefined;
  await (pool === undefined ? readInTurn(pass, pass.work) : readInTwoThreads(pass, pool));
  await readLater(pass);
  options.scratch.clear();
  run.commit();
  const complete = !pass.aborted && !run.lost;
  if (complete && !discovery.isPartial && !isFirst) markMissing(table, table.seen().files, discovery, options.now());
  if (complete) tell(pass);
  return {
    discovery,
    changedFiles: work.length,
    bytesRead: run.bytesRead,
    events: run.events,
    unreadable: pass.unreadable,
    changed: new Map(work.map(({ provider }) => [provider, run.speaking.has(provider)])),
    openTails: run.openTails,
    complete,
  };
}

/** Candidates with something new, each file once whatever its names. */
function workOf({ providers, takeTail, now }: PassOptions, index: SeenIndex, discovery: Discovery): Candidate[] {
  const inodes = new Set<string>();
  return discovery.candidates.filter((candidate) => {
    const inode = `${candidate.dev}:${candidate.ino}`;
    if (inodes.has(inode)) return false; // a hard link
    inodes.add(inode);
    const known = unchanged(index, candidate, providers.get(candidate.provider)?.parserVersion);
    if (known === undefined && isResting(index, candidate, now())) return false;
    return known === undefined || (known.offset < known.size && known.quarantined === 0 && takeTail(candidate.path));
  });
}

interface Pass {
  readonly options: PassOptions;
  readonly run: FileRun;
  readonly work: readonly Candidate[];
  readonly totalBytes: number;
  readonly unreadable: string[];
  /** Files for which there was no descriptor. */
  later: Candidate[];
  /** Directories seen to be no links. */
  readonly directories: Set<string>;
  done: number;
  aborted: boolean;
}

function tell(pass: Pass): void {
  pass.options.progress?.({
    files: pass.done,
    totalFiles: pass.work.length,
    bytes: pass.run.bytesRead,
    totalBytes: pass.totalBytes,
  });
}

/** A pause for whoever waits, when one is due. */
function pacer(pass: Pass): () => Promise<void> | undefined {
  const { signal } = pass.options;
  let sliceEnd = performance.now() + sliceMs;
  return () => {
    if (performance.now() < sliceEnd) return undefined;
    tell(pass);
    return new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
      sliceEnd = performance.now() + sliceMs;
      if (signal?.aborted === true) pass.aborted = true;
    });
  };
}

async function readInTurn(pass: Pass, work: readonly Candidate[]): Promise<void> {
  const pause = pacer(pass);
  for (const candidate of work) {
    for (const _ of readHere(pass, candidate)) await pause();
    if (pass.aborted || pass.run.lost) return;
  }
}

/** Tries again what could not be opened for want of descriptors, which somebody may give back. */
async function readLater(pass: Pass): Promise<void> {
  for (let wait = 0; wait < descriptorWaits && pass.later.length > 0; wait++) {
    if (pass.aborted || pass.run.lost) return;
    await new Promise((resolve) => setTimeout(resolve, descriptorWaitMs));
    const work = pass.later;
    pass.later = [];
    await readInTurn(pass, work);
  }
  pass.unreadable.push(...pass.later.map((candidate) => candidate.path));
}

/** Reads one file in this thread, a batch at a time. */
function* readHere(pass: Pass, candidate: Candidate): Generator<void> {
  const open = begin(pass, candidate);
  if (open === undefined) return;
  const { run } = pass;
  try {
    for (const batch of batchesOf(pass, open)) {
      if (!run.take(open, batch)) break;
      yield;
      if (pass.aborted || run.lost) return run.leave(open);
    }
    run.finish(open);
  } catch (error) {
    if (error instanceof ProviderFault) run.fail(open, error.message);
    else if (error instanceof LogFault) run.leave(open);
    else throw error;
    pass.unreadable.push(candidate.path);
  } finally {
    closeSync(open.fd);
    pass.done++;
  }
}

/** What a provider reads of a file. @throws LogFault when the file is at fault, not us or the store */
function* batchesOf({ options }: Pass, open: OpenFile): Generator<ReadBatch> {
  const provider = options.providers.get(open.candidate.provider) as Provider; // begin found it
  try {
    const file = readable(open.log, open.fd, options.digest);
    for (const batch of provider.read(file, cursorOf(open.from))) {
      const state = batch.cursor.state === undefined ? null : JSON.stringify(batch.cursor.state);
      yield { ...batch, offset: batch.cursor.offset, state };
    }
  } catch (error) {
    throw isFileError(error) ? new LogFault(error) : error;
  }
}

function begin(pass: Pass, candidate: Candidate): OpenFile | undefined {
  const provider = pass.options.providers.get(candidate.provider);
  let opened: ReturnType<typeof openLog>;
  try {
    opened = openLog(candidate, pass.directories);
    if (opened !== undefined && provider !== undefined)
      return pass.run.begin(candidate, provider, opened.fd, opened.stat);
    pass.done++;
  } catch (error) {
    if (opened !== undefined) closeSync(opened.fd);
    if (!(error instanceof LogFault)) throw error;
    if (error.passes) {
      pass.later.push(candidate);
    } else {
      pass.unreadable.push(candidate.path);
      pass.done++;
    }
  }
  return undefined;
}

/**
 * The other thread reads, the largest files first, and this one writes what comes; rather than wait for more it reads
 * a small file itself, so that the two are done at the same time.
 */
async function readInTwoThreads(pass: Pass, pool: ScanPool): Promise<void> {
  const { run } = pass;
  const waiting = [...pass.work].sort((a, b) => b.size - a.size);
  const jobs = new Map<number, OpenFile>();
  const pause = pacer(pass);
  const unpackEvents = createUnpacker();
  const tellResponses = createTeller();
  let number = 0;
  const submit = (): void => {
    if (pool.outstanding > jobsAhead / 2) return;
    const batch: ScanJob[] = [];
    while (pool.outstanding + batch.length < jobsAhead && waiting.length > 0) {
      const candidate = waiting.shift() as Candidate; // there is one
      const open = begin(pass, candidate);
      if (open === undefined) continue;
      jobs.set(++number, open);
      batch.push({ ...open.log, fd: open.fd, job: number, provider: candidate.provider, from: open.from });
    }
    if (batch.length > 0) pool.submit(batch);
  };
  try {
    for (;;) {
      submit();
      const batch = pool.take();
      if (batch !== undefined) {
        const open = jobs.get(batch.job) as OpenFile; // only our own jobs come back
        if (batch.events !== undefined) {
          const others = unpackEvents(batch.events);
          const events = batch.told === undefined ? others : tellResponses(batch.told, others);
          run.take(open, { ...batch, events });
        }
        if (batch.done) {
          jobs.delete(batch.job);
          pass.done++;
          if (batch.failed || batch.fault !== undefined) pass.unreadable.push(open.candidate.path);
          if (batch.fault !== undefined) run.fail(open, batch.fault);
          else if (batch.failed) run.leave(open);
          else run.finish(open, marksOf(batch, open));
          closeSync(open.fd);
        }
      } else if (pool.outstanding === 0) return;
      else if (waiting.length > 0 && (waiting.at(-1) as Candidate).size < smallFile) {
        for (const _ of readHere(pass, waiting.pop() as Candidate)) await pause();
      } else pool.wait(sliceMs);
      await pause();
      if (pass.aborted || run.lost) return;
    }
  } finally {
    pool.close();
    for (const open of jobs.values()) {
      run.leave(open);
      closeSync(open.fd);
    }
  }
}

/** As the other thread took them; undefined where they are not of what was taken of the file. */
function marksOf({ marks, offset }: PackedBatch, open: OpenFile): FileMarks | undefined {
  if (marks === undefined || offset !== open.offset || open.candidate.database !== undefined) return undefined;
  const { tailHash, fp, fpLen } = marks;
  return { tailHash: Buffer.from(tailHash, 'latin1'), fp: Buffer.from(fp, 'latin1'), fpLen };
}

/** Keeps the checkpoints of files that went away for a while; what was not listed is not gone. */
function markMissing(
  table: FileTable,
  files: readonly SeenFile[],
  { candidates, listed, unlisted }: Discovery,
  now: number,
): void {
  const there = new Set(candidates.map((candidate) => candidate.path));
  const below = listed.map((directory) => directory + sep);
  const notBelow = unlisted.map((directory) => directory + sep);
  const isGone = ({ path }: SeenFile): boolean =>
    !there.has(path) &&
    below.some((start) => path.startsWith(start)) &&
    !notBelow.some((start) => path.startsWith(start));
  const back = files.filter((file) => file.missingSince !== null && there.has(file.path));
  const gone = files.filter((file) => file.missingSince === null && isGone(file));
  table.setMissing(back, null);
  table.setMissing(gone, now);
  const forgetBefore = now - missingKeptMs;
  if (files.some((file) => (file.missingSince ?? now) < forgetBefore)) table.forgetMissing(forgetBefore);
}
