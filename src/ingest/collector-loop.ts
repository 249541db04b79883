import { existsSync } from 'node:fs';
import { relative, sep } from 'node:path';
import type { Host } from '../provider.ts';
import { backupDaily } from '../store/backup.ts';
import { checkAtStart } from '../store/check.ts';
import { noteRetry } from '../store/counters.ts';
import type { Database } from '../store/driver.ts';
import {
  createRenewal,
  currentHolder,
  identifyProcess,
  leaseHeartbeatMs,
  type ProcessIdentity,
  releaseLease,
  takeLease,
} from '../store/lease.ts';
import { identityOf, openReader, openStore, type Recovery } from '../store/open.ts';
import { describe, isBusy, isCorruption, mayBeDamaged } from '../store/trouble.ts';
import { boundLog, emptyLog } from '../store/write-ahead-log.ts';
import { catchUp } from './catch-up.ts';
import type { Candidate, Discovery } from './discover.ts';
import { guardSettings } from './guard.ts';
import { tellLeftOut } from './left-out.ts';
import { lookAt, ownerOf, partsOf } from './look.ts';
import type { PassProgress, PassResult } from './pass.ts';
import { patienceMs, retryInMs } from './patience.ts';
import { prepareIngest } from './prepare-ingest.ts';
import type { IngestSettings } from './settings.ts';
import { type Watching, watchDirectories } from './watch.ts';

/** What the collector is doing, as others may show it. */
export interface CollectorState {
  readonly phase: 'starting' | 'filling' | 'reading' | 'watching' | 'standby' | 'failed';
  readonly progress?: PassProgress | undefined;
  /** The process that ingests instead. */
  readonly holderPid?: number | undefined;
  readonly message?: string | undefined;
  /** It does not go as it should: changes are found by looking every few seconds, or nothing is read for now. */
  readonly degraded?: boolean | undefined;
}

const coalesceMs = 250;
const usualRescanMs = 60_000;
const pollMs = 5_000;
/** The files written to last are asked themselves: a directory may not tell of them, or not in time. */
const hotPollMs = 1_500;
const tailStillMs = 2_000;
const standbyMs = 2_000;
/** After what only the user can mend, such as a full disk. */
const retryMs = 30_000;
const hotFiles = 64;
/** Databases are copied to be read: so many bytes a second at most, about a hundredth of what a disk can do. */
const copiedPerSecond = 16 * 1024 * 1024; // 16 MiB
/** A tick this late, by either clock, means the machine slept: one of the two went on meanwhile. */
const suspendMs = 30_000;

/**
 * How long until everything is looked at again: where that takes long, `times` as long, for tens of thousands of logs must
 * not keep a machine busy; but never more than five times as long as usual, whatever held one look up.
 */
export function scanRestMs(usualMs: number, times: number, tookMs: number): number {
  return Math.min(Math.max(usualMs, tookMs * times), usualMs * 5);
}

export interface CollectorLoopOptions {
  /** Called once more before the lease is given back. */
  readonly onEnd?: ((db: Database) => Promise<void>) | undefined;
  /** Called while this process ingests: after each look at the logs, whether it brought anything, and now and then. */
  readonly onLook?: ((db: Database, isNew: boolean) => void) | undefined;
  readonly signal: AbortSignal;
  readonly onState: (state: CollectorState) => void;
  /** How long to wait after what only the user can mend. Default: 30 s. */
  readonly retryMs?: number;
  /** How often to look at everything, whatever was told of changes. Default: 60 s. */
  readonly rescanMs?: number;
  /** Who tells of changes. Default: the operating system. */
  readonly watch?: typeof watchDirectories;
}

/**
 * Ingests until told to stop: stands by while another process holds the lease, takes over when it is gone, and goes on
 * when what stopped it is over. Never throws.
 */
export async function runCollector(unguarded: IngestSettings, options: CollectorLoopOptions): Promise<void> {
  const settings = guardSettings(unguarded);
  const me = identifyProcess();
  const recovery = { done: false };
  let suspect = false;
  let busySince: number | undefined;
  while (!options.signal.aborted) {
    try {
      // Where nothing can be read nobody can be seen to hold the lease.
      if (!suspect) await standBy(settings, options);
      if (options.signal.aborted) return;
      await fill(settings, options, { suspect, recovery });
      suspect = false;
      busySince = undefined;
      await lead(settings, options, me, recovery);
      await sleep(retryInMs(), options.signal); // whatever ended it, never at once again
    } catch (error) {
      if (mayBeDamaged(error) && !suspect && !recovery.done) {
        suspect = true; // looked through and rebuilt at the next turn, at once
        continue;
      }
      if (isBusy(error)) {
        busySince ??= performance.now();
        if (performance.now() - busySince < patienceMs) {
          noteRetry();
          await sleep(retryInMs(), options.signal);
          continue;
        }
      }
      const { message } = describe(error, settings.paths.db);
      options.onState({ phase: 'failed', message, degraded: true });
      await sleep(options.retryMs ?? retryMs, options.signal);
    }
  }
}

/** Waits as long as a live process holds the lease. */
async function standBy(settings: IngestSettings, { signal, onState }: CollectorLoopOptions): Promise<void> {
  for (let told = false; !signal.aborted; ) {
    const reader = openReader(settings.paths);
    const holder = reader === undefined ? undefined : currentHolder(reader, settings.now());
    reader?.close();
    if (holder === undefined || holder.pid === process.pid) return;
    if (!told) onState({ phase: 'standby', holderPid: holder.pid });
    told = true;
    await sleep(standbyMs, signal);
  }
}

/** The first reading of everything, also into a store that does not exist yet. */
async function fill(
  settings: IngestSettings,
  { signal, onState }: CollectorLoopOptions,
  how: { readonly suspect: boolean; readonly recovery: Recovery },
): Promise<void> {
  onState({ phase: 'filling' });
  const result = await catchUp(settings, {
    ...how,
    signal,
    patienceMs: 0, // it waits itself
    progress: (progress) => onState({ phase: 'filling', progress }),
    onWait: (pid, progress) => onState({ phase: 'standby', holderPid: pid, progress }),
  });
  result.db?.close();
}

/** Holds the lease, looks at what changes, and gives it back at the end. */
async function lead(
  settings: IngestSettings,
  options: CollectorLoopOptions,
  me: ProcessIdentity,
  recovery: Recovery,
): Promise<void> {
  const db = await openStore(settings.paths, settings.now(), settings.notice, { recovery });
  try {
    const lease = takeLease(db, me, settings.command, settings.now());
    if ('holder' in lease) return;
    try {
      checkAtStart(db, lease.unclean, settings.now());
      await watchAndRead(db, settings, options, me);
      await options.onEnd?.(db);
    } finally {
      if (db.inTransaction) db.exec('ROLLBACK');
      releaseLease(db, me);
    }
    emptyLog(db);
  } finally {
    db.close();
  }
}

async function watchAndRead(
  db: Database,
  settings: IngestSettings,
  { signal, onState, onLook, rescanMs = usualRescanMs, watch = watchDirectories }: CollectorLoopOptions,
  me: ProcessIdentity,
): Promise<void> {
  const dirty = new Set<string>();
  const tails = new Map<string, number>();
  /** Databases read lately, and when they may be read again. */
  const resting = new Map<string, number>();
  let hot: readonly Candidate[] = [];
  /** Roots that are files. No directory is watched for them: it may be anything, such as the whole home directory. */
  let singles: readonly string[] = [];
  let known = new Map<string, Candidate>();
  const presentRoots = createPresentRoots(settings);
  let rootsSeen = presentRoots();
  let wake = (): void => undefined;
  let stopNow = (): void => undefined;
  const onAbort = (): void => stopNow();
  signal.addEventListener('abort', onAbort);
  let fullScanDue = true;
  let lastScan = 0;
  let scanTook = 0;
  let lastBeat = 0;
  let lastHot = 0;
  let watching: Watching | undefined;
  let lost = false;
  let isNew = false;

  const ingest = prepareIngest(db, settings);
  const pass = async (discovery: Discovery | undefined, takeTail: (path: string) => boolean): Promise<PassResult> => {
    const result = await ingest({
      discovery,
      takeTail,
      signal,
      commitEveryMs: coalesceMs,
      progress: (progress) => progress.totalBytes > 16 * 1024 * 1024 && onState({ phase: 'reading', progress }),
      afterCommit: () => {
        boundLog(db, settings.paths.db);
        return beat();
      },
    });
    for (const path of result.openTails) if (!tails.has(path)) tails.set(path, performance.now());
    isNew ||= result.events > 0;
    return result;
  };
  /** Until something happens, somebody stops us, or the time is up. No timer outlives it. */
  const nap = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      let timer = setTimeout(resolve, ms);
      wake = () => {
        wake = () => undefined;
        clearTimeout(timer);
        timer = setTimeout(resolve, coalesceMs); // events come in bursts
      };
      stopNow = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  const file = identityOf(settings.paths.db);
  const renewLease = createRenewal(db, me);
  /** False: another process leads, or the file we hold open is not the store any more (deleted, damaged and replaced). */
  const beat = (): boolean => {
    lastBeat = performance.now();
    lost ||= identityOf(settings.paths.db) !== file || !renewLease(settings.now());
    return !lost;
  };
  const keepCopy = dailyCopy(settings);

  try {
    while (!signal.aborted && !lost) {
      const started = performance.now();
      if (started - lastBeat >= leaseHeartbeatMs && !beat()) return;
      const restMs =
        watching?.degraded === true ? scanRestMs(pollMs, 20, scanTook) : scanRestMs(rescanMs, 200, scanTook);
      if (started - lastScan >= restMs) fullScanDue = true;
      if (fullScanDue) {
        fullScanDue = false;
        lastScan = started;
        dirty.clear();
        const result = await pass(undefined, () => false);
        scanTook = result.changedFiles === 0 ? performance.now() - started : 0;
        if (result.complete) tellLeftOut(db, result, settings);
        const { discovery } = result;
        known = new Map(discovery.candidates.map((candidate) => [candidate.path, candidate]));
        singles = discovery.candidates.filter((each) => each.root === each.path).map((each) => each.path);
        hot = [...discovery.candidates].sort((a, b) => b.mtimeMs - a.mtimeMs).slice(0, hotFiles);
        watching ??= watch({
          onPath: (path) => {
            dirty.add(path);
            wake();
          },
          onTrouble: () => {
            fullScanDue = true;
            wake();
          },
        });
        watching.follow(discovery.roots.filter((root) => root.exists && !root.isFile).map((root) => root.root));
        checkAtStart(db, false, settings.now());
        keepCopy(db);
        onState({ phase: 'watching', degraded: watching.degraded, message: watching.trouble });
      }
      if (started - lastHot >= hotPollMs) {
        lastHot = started;
        const alone = singles.flatMap((path) => known.get(path) ?? []);
        for (const candidate of [...hot, ...alone]) if (hasChanged(candidate)) dirty.add(candidate.path);
      }
      const still = [...tails].filter(([, since]) => started - since >= tailStillMs).map(([path]) => path);
      const due = [...dirty].filter((path) => (resting.get(ownerOf(path)) ?? 0) <= started);
      if (due.length > 0 || still.length > 0) {
        const paths = [...due, ...still];
        for (const path of due) dirty.delete(path);
        for (const path of still) tails.delete(path);
        const discovery = someFiles(paths, settings, known);
        if (discovery === undefined) fullScanDue = true;
        else {
          const tailSet = new Set(still);
          await pass(discovery, (path) => tailSet.has(path));
          for (const candidate of discovery.candidates) {
            known.set(candidate.path, candidate);
            if (candidate.database !== undefined)
              resting.set(candidate.path, performance.now() + (candidate.size / copiedPerSecond) * 1_000);
          }
          hot = hotter(hot, discovery.candidates);
        }
      }
      if (fullScanDue) continue;
      onLook?.(db, isNew);
      isNew = false;
      const slept = performance.now();
      const sleptAt = settings.now();
      await nap(hotPollMs);
      const late = Math.max(performance.now() - slept, Math.abs(settings.now() - sleptAt)) - hotPollMs;
      if (late > suspendMs) fullScanDue = true;
      // A folder that did not exist when the watching began tells of itself to nobody.
      const roots = presentRoots();
      if (roots !== rootsSeen) fullScanDue = true;
      rootsSeen = roots;
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
    await watching?.close();
  }
}

/** Just these files, as a listing would show them; undefined when one belongs to no root we know: then look at all. */
function someFiles(
  paths: readonly string[],
  settings: IngestSettings,
  known: ReadonlyMap<string, Candidate>,
): Discovery | undefined {
  const candidates: Candidate[] = [];
  const roots = new Map<string, string>();
  for (const candidate of known.values()) roots.set(candidate.root, candidate.provider);
  for (const path of new Set(paths.map((path) => (known.has(path) ? path : ownerOf(path))))) {
    const before = known.get(path);
    const root = before?.root ?? [...roots.keys()].find((directory) => path.startsWith(directory + sep));
    if (root === undefined) return undefined;
    const provider = before?.provider ?? roots.get(root) ?? '';
    const relativePath = before?.relativePath ?? relative(root, path).split(sep).join('/');
    const logs = settings.providers.get(provider);
    if (before === undefined && logs?.accepts(relativePath) !== true) continue;
    const parts = partsOf(logs, root, relativePath);
    try {
      const stat = lookAt(path, parts);
      if (stat === undefined) continue;
      const { dev, ino, size, mtimeMs } = stat;
      candidates.push({ provider, root, path, relativePath, dev, ino, size, mtimeMs, ...parts });
    } catch {
      return undefined; // it moved or went: only a listing tells where
    }
  }
  return { candidates, roots: [], listed: [], unlisted: [], skippedLinks: 0, irregular: 0, isPartial: true };
}

/**
 * Gives the roots that exist, as one text to compare. Most providers go by the environment alone and are asked once for where
 * they are; who had to look at the disk for that is asked every time.
 */
function createPresentRoots({ providers, host }: IngestSettings): () => string {
  let hasLooked = false;
  const noting: Host = {
    ...host,
    list(directory) {
      hasLooked = true;
      return host.list(directory);
    },
    read(path) {
      hasLooked = true;
      return host.read(path);
    },
  };
  const rootsOf = [...providers.values()].map((provider) => {
    hasLooked = false;
    const roots = provider.roots(noting);
    return hasLooked ? () => provider.roots(host) : () => roots;
  });
  return () =>
    rootsOf
      .flatMap((roots) => roots())
      .filter((root) => existsSync(root))
      .join('\0');
}

function hasChanged(candidate: Candidate): boolean {
  try {
    const stat = lookAt(candidate.path, candidate);
    return stat?.size !== candidate.size || stat.mtimeMs !== candidate.mtimeMs || stat.ino !== candidate.ino;
  } catch {
    return true;
  }
}

function hotter(hot: readonly Candidate[], fresh: readonly Candidate[]): readonly Candidate[] {
  const paths = new Set(fresh.map((candidate) => candidate.path));
  return [...fresh, ...hot.filter((candidate) => !paths.has(candidate.path))].slice(0, hotFiles);
}

/** A copy a day. That it fails (no room) is told once, and must not stop the reading. */
function dailyCopy(settings: IngestSettings): (db: Database) => void {
  let told = '';
  return (db) => {
    try {
      backupDaily(db, settings.paths, settings.now());
    } catch (error) {
      if (isCorruption(error)) throw error;
      const { message } = error as Error;
      if (message !== told) settings.notice(message);
      told = message;
    }
  };
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });
}
