import { existsSync, statSync } from 'node:fs';
import type { Database } from '../store/driver.ts';
import { currentHolder, identifyProcess, releaseLease, renewLease, takeLease } from '../store/lease.ts';
import { describe, openReader, openStore } from '../store/open.ts';
import { createWriter } from '../store/writer.ts';
import { createDigest } from './digest.ts';
import { type Discovery, discover, type RootReport } from './discover.ts';
import { firstFill, firstFillFrom } from './first-fill.ts';
import { importOriginal, noteOriginal } from './import-original.ts';
import { type PassOptions, type PassProgress, type PassResult, runPass, whatIsNew } from './pass.ts';
import { createPricer, loadPriceBook } from './pricing.ts';
import { findProject } from './project.ts';
import { repriceUnpriced } from './reprice.ts';
import type { IngestSettings } from './settings.ts';

export interface CatchUpOptions {
  readonly progress?: ((done: PassProgress) => void) | undefined;
  readonly onWait?: ((pid: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
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
 * is new; leaves the work to a live collector when there is one, and never waits for it.
 * @throws ScopeonError `database`, `noSpace`, `locked`
 */
export async function catchUp(settings: IngestSettings, options: CatchUpOptions = {}): Promise<CatchUpResult> {
  const reader = openReader(settings.paths);
  let discovery: Discovery;
  if (reader === undefined) {
    discovery = discover(settings.providers, settings.host);
    const hasStore = existsSync(settings.paths.db) && statSync(settings.paths.db).size > 0;
    if (!hasStore && discovery.candidates.length === 0)
      return { db: undefined, roots: discovery.roots, heldBy: undefined, complete: true };
  } else {
    const holder = currentHolder(reader, settings.now());
    if (holder !== undefined) return { db: reader, roots: [], heldBy: holder.pid, complete: true };
    const news = whatIsNew(reader, settings.providers, settings.host);
    if (news.files === 0) return { db: reader, roots: news.discovery.roots, heldBy: undefined, complete: true };
    discovery = news.discovery;
    reader.close();
  }
  const done = await ingestOnce(settings, options, discovery);
  return { db: openReader(settings.paths), roots: discovery.roots, ...done };
}

async function ingestOnce(
  settings: IngestSettings,
  options: CatchUpOptions,
  discovery: Discovery,
): Promise<{ heldBy: number | undefined; complete: boolean }> {
  const bytes = discovery.candidates.reduce((sum, candidate) => sum + candidate.size, 0);
  if (!existsSync(settings.paths.db) && bytes >= firstFillFrom) {
    const filled = await fillFirst(settings, options, discovery);
    if (filled !== undefined) return filled;
  }
  const db = await openStore(settings.paths, settings.now(), (sentence) => settings.notice(sentence));
  const me = identifyProcess();
  try {
    const lease = takeLease(db, me, settings.command, settings.now());
    if ('holder' in lease) return { heldBy: lease.holder.pid, complete: true };
    noteOriginal(db, settings.paths);
    const result = await prepareIngest(
      db,
      settings,
    )({
      ...options,
      discovery,
      takeTail: () => true,
      afterCommit: () => renewLease(db, me, settings.now()),
    });
    if (result.complete) importOriginal(db, settings);
    return { heldBy: undefined, complete: result.complete };
  } catch (error) {
    throw describe(error, settings.paths.db);
  } finally {
    if (db.inTransaction) db.exec('ROLLBACK');
    releaseLease(db, me);
    db.close();
  }
}

/** Undefined when another process was faster and its store is now there. */
async function fillFirst(
  settings: IngestSettings,
  options: CatchUpOptions,
  discovery: Discovery,
): Promise<{ heldBy: undefined; complete: boolean } | undefined> {
  let complete = false;
  const mine = await firstFill(settings.paths, {
    signal: options.signal,
    onWait: options.onWait ?? (() => undefined),
    fill: async (db) => {
      const result = await prepareIngest(db, settings, { deriveSessions: false })({
        ...options,
        discovery,
        takeTail: () => true,
      });
      complete = result.complete;
      if (!complete) throw new FillStopped();
    },
  }).catch((error: unknown) => {
    if (error instanceof FillStopped) return true;
    throw describe(error, settings.paths.db);
  });
  return mine ? { heldBy: undefined, complete } : undefined;
}

class FillStopped extends Error {}

/** Everything passes over one open store share: prices, keys and statements are made once. */
export function prepareIngest(
  db: Database,
  settings: IngestSettings,
  prepared: { readonly deriveSessions?: boolean } = {},
): (
  options: Omit<PassOptions, 'db' | 'writer' | 'providers' | 'host' | 'digest' | 'hmacKey' | 'now'>,
) => Promise<PassResult> {
  const { book, changed } = loadPriceBook(db, settings.overrides, settings.now());
  const price = createPricer(book);
  if (changed) repriceUnpriced(db, price);
  const writer = createWriter(db, { price, findProject, deriveSessions: prepared.deriveSessions ?? true });
  const digest = createDigest(settings.paths.hmacKey);
  return (options) =>
    runPass({
      db,
      writer,
      digest,
      hmacKey: settings.paths.hmacKey,
      providers: settings.providers,
      host: settings.host,
      now: settings.now,
      ...options,
    });
}
