import { existsSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { checkAtStart } from '../store/check.ts';
import type { Database } from '../store/driver.ts';
import {
  createRenewal,
  currentHolder,
  identifyProcess,
  type LeaseHolder,
  releaseLease,
  takeLease,
} from '../store/lease.ts';
import { firstFillMarker, isBeingMade } from '../store/making.ts';
import { openReader, openStore, type Recovery, type StorePaths } from '../store/open.ts';
import { providersDiffer } from '../store/providers.ts';
import { tellRebuilt } from '../store/recover.ts';
import { describe, mayBeDamaged } from '../store/trouble.ts';
import { boundLog, emptyLog } from '../store/write-ahead-log.ts';
import { type Discovery, discover, type RootReport } from './discover.ts';
import { guardSettings } from './guard.ts';
import { tellLeftOut } from './left-out.ts';
import { whatIsNew } from './news.ts';
import type { PassProgress } from './pass.ts';
import { patiently } from './patience.ts';
import { providerFacts } from './provider-facts.ts';
import type { ScanPool } from './scan-pool.ts';
import type { IngestSettings } from './settings.ts';

export interface CatchUpOptions {
  readonly progress?: ((done: PassProgress) => void) | undefined;
  /** Another process reads everything for the first time; `progress` as it last told. */
  readonly onWait?: ((pid: number, progress: PassProgress | undefined) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called with the store open for writing once everything new is in it; not when nothing was. */
  readonly onIngested?: ((db: Database) => void) | undefined;
  /** Something in the store could not be read: check it whole, and rebuild it when it is damaged. */
  readonly suspect?: boolean | undefined;
  /** For whoever catches up more than once in a start: the database is recovered once at most. */
  readonly recovery?: Recovery | undefined;
  /** How long another program may hold the database. Default: half a minute. */
  readonly patienceMs?: number | undefined;
}

export interface CatchUpResult {
  /** Read-only handle on what is now there; undefined: no store and no log anywhere. */
  readonly db: Database | undefined;
  readonly roots: readonly RootReport[];
  /** Somebody else is ingesting; its data is shown. */
  readonly heldBy: number | undefined;
  readonly complete: boolean;
}

/**
 * Brings the store up to what lies on the disk now, once, and opens it for reading. Writes nothing at all when nothing
 * is new; leaves the work to a live collector when there is one, and never waits for it. For another command that does
 * the same just now it waits, because what that one has not read yet would be missing here.
 * @throws ScopeonError `database`, `noSpace`, `locked`
 */
export async function catchUp(unguarded: IngestSettings, options: CatchUpOptions = {}): Promise<CatchUpResult> {
  const settings = guardSettings(unguarded);
  const recovery = options.recovery ?? { done: false };
  for (;;) {
    const result = await patiently(() => catchUpOrRebuild(settings, { ...options, recovery }), options);
    if (result.heldBriefly !== true || options.signal?.aborted === true) return result;
    result.db?.close();
    await new Promise((resolve) => setTimeout(resolve, briefMs));
  }
}

/** From this many bytes of logs on a new store is filled beside its place and published whole. */
const firstFillFrom = 200 * 1024 * 1024; // 200 MiB

/** Marks the lease of a command that holds it for one pass. */
const brief = ' (once)';
/** How often such a holder is looked after. */
const briefMs = 50;

interface Attempt extends CatchUpResult {
  readonly heldBriefly?: boolean;
}

type AttemptOptions = CatchUpOptions & { readonly recovery: Recovery };

async function catchUpOrRebuild(settings: IngestSettings, options: AttemptOptions): Promise<Attempt> {
  try {
    return await catchUpOnce(settings, options);
  } catch (error) {
    if (options.suspect === true || options.recovery.done || !mayBeDamaged(error)) throw error;
    return catchUpOnce(settings, { ...options, suspect: true });
  }
}

async function catchUpOnce(settings: IngestSettings, options: AttemptOptions): Promise<Attempt> {
  const reader = options.suspect === true ? undefined : openReader(settings.paths);
  let discovery: Discovery;
  let pool: ScanPool | undefined;
  if (reader === undefined) {
    ({ discovery, pool } = await discoverAtFirst(settings));
    const hasStore = existsSync(settings.paths.db) && statSync(settings.paths.db).size > 0;
    if (!hasStore && discovery.candidates.length === 0)
      return { db: undefined, roots: discovery.roots, heldBy: undefined, complete: true };
  } else {
    let keep = false;
    try {
      const holder = currentHolder(reader, settings.now());
      const news =
        holder === undefined ? whatIsNew(reader, settings.providers, settings.host, settings.now()) : undefined;
      const isNew =
        news !== undefined &&
        (news.files > 0 || providersDiffer(reader, providerFacts(settings, news.discovery.roots)));
      keep = !isNew;
      if (holder !== undefined) return { db: reader, roots: [], complete: true, ...heldBy(holder) };
      if (news === undefined || !isNew)
        return { db: reader, roots: news?.discovery.roots ?? [], heldBy: undefined, complete: true };
      discovery = news.discovery;
    } finally {
      if (!keep) reader.close();
    }
  }
  const done = await ingestOnce(settings, options, discovery, pool).finally(() => pool?.close());
  return { db: openReader(settings.paths), roots: discovery.roots, ...done };
}

/** Where there is much and no store yet, the thread that will read along is started when that shows, for it takes a while. */
async function discoverAtFirst({
  paths,
  providers,
  host,
}: IngestSettings): Promise<{ readonly discovery: Discovery; readonly pool: ScanPool | undefined }> {
  const { startScanPool } = await import('./scan-pool.ts');
  let mayFill = availableParallelism() > 1 && mayFillFirst(paths);
  let pool: ScanPool | undefined;
  let bytes = 0;
  const onFile = (size: number): void => {
    bytes += size;
    if (!mayFill || bytes < firstFillFrom) return;
    mayFill = false; // it was tried
    pool = startScanPool(paths.hmacKey);
  };
  const discovery = discover(providers, host, { onFile });
  return { discovery, pool };
}

function mayFillFirst(paths: StorePaths): boolean {
  return !existsSync(paths.db) && !isBeingMade(paths);
}

function heldBy(holder: LeaseHolder): { readonly heldBy: number; readonly heldBriefly: boolean } {
  return { heldBy: holder.pid, heldBriefly: holder.command.endsWith(brief) };
}

async function ingestOnce(
  settings: IngestSettings,
  options: AttemptOptions,
  discovery: Discovery,
  pool: ScanPool | undefined,
): Promise<{ heldBy: number | undefined; heldBriefly?: boolean; complete: boolean }> {
  const { paths, now, notice } = settings;
  const bytes = discovery.candidates.reduce((sum, candidate) => sum + candidate.size, 0);
  if (mayFillFirst(paths) && bytes >= firstFillFrom) {
    const filled = await fillFirst(settings, options, discovery, pool);
    if (filled !== undefined) return filled;
  }
  const { importKept, noteKept } = await import('./import-kept.ts');
  const { prepareIngest } = await import('./prepare-ingest.ts'); // as below: what mostly nobody needs, for nothing is new
  const db = await openStore(paths, now(), notice, { check: options.suspect === true, recovery: options.recovery });
  const me = identifyProcess();
  let isMine = false;
  try {
    const lease = takeLease(db, me, settings.command + brief, now());
    if ('holder' in lease) return { complete: true, ...heldBy(lease.holder) };
    isMine = true;
    checkAtStart(db, lease.unclean, now());
    if (existsSync(firstFillMarker(paths))) (await import('./first-fill.ts')).sweepFirstFill(paths);
    noteKept(db, paths);
    const renewLease = createRenewal(db, me);
    const result = await prepareIngest(
      db,
      settings,
    )({
      ...options,
      discovery,
      takeTail: () => true,
      afterCommit: () => {
        boundLog(db, paths.db);
        return renewLease(now());
      },
    });
    if (result.complete) {
      tellLeftOut(db, result, settings);
      importKept(db, settings);
      const rebuilt = tellRebuilt(db);
      if (rebuilt !== undefined) notice(rebuilt);
      options.onIngested?.(db);
    }
    return { heldBy: undefined, complete: result.complete };
  } catch (error) {
    throw describe(error, paths.db);
  } finally {
    if (db.inTransaction) db.exec('ROLLBACK');
    try {
      if (isMine) {
        releaseLease(db, me);
        emptyLog(db);
      }
    } finally {
      db.close();
    }
  }
}

/** Undefined when another process was faster and its store is now there. */
async function fillFirst(
  settings: IngestSettings,
  options: CatchUpOptions,
  discovery: Discovery,
  pool: ScanPool | undefined,
): Promise<{ heldBy: undefined; complete: boolean } | undefined> {
  const { prepareIngest } = await import('./prepare-ingest.ts');
  const { firstFill } = await import('./first-fill.ts');
  let complete = false;
  const mine = await firstFill(settings.paths, {
    signal: options.signal,
    onWait: options.onWait ?? (() => undefined),
    fill: async (db, tell) => {
      const result = await prepareIngest(db, settings, { fillsNew: true })({
        ...options,
        progress: (done) => {
          tell(done);
          options.progress?.(done);
        },
        discovery,
        pool,
        takeTail: () => true,
      });
      complete = result.complete;
      if (!complete) throw new FillStopped();
      tellLeftOut(db, result, settings);
    },
  }).catch((error: unknown) => {
    if (error instanceof FillStopped) return true;
    throw describe(error, settings.paths.db);
  });
  return mine ? { heldBy: undefined, complete } : undefined;
}

class FillStopped extends Error {}
