import { randomBytes } from 'node:crypto';
import { chmodSync, close, existsSync, fdatasync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { ScopeonError } from '../errors.ts';
import { tagRules } from '../metrics/tags.ts';
import { makeDirectory } from '../store/directory.ts';
import { type Database, openFile } from '../store/driver.ts';
import { firstFillMarker, whileNobodyMakes } from '../store/making.ts';
import { claimMarker, type Marker } from '../store/marker.ts';
import { migrate } from '../store/migrate.ts';
import type { StorePaths } from '../store/open.ts';
import { publishFile } from '../store/publish.ts';
import { deriveDoubtful } from '../store/sessions.ts';
import { noteRules } from '../store/tags.ts';
import type { PassProgress } from './pass.ts';

/** How often to look whether the other has finished. */
const lookMs = 200;
/** How often to tell the others how far it is. */
const tellMs = 500;

export interface FirstFill {
  readonly signal: AbortSignal | undefined;
  /** Another process is at it; `progress` as it last told. */
  readonly onWait: (pid: number, progress: PassProgress | undefined) => void;
  readonly fill: (db: Database, progress: (done: PassProgress) => void) => Promise<void>;
}

/**
 * Builds a new store in a side file, without journal and with its indices last, and publishes it under its name when
 * it is whole. A fill that is killed leaves nothing that counts. Of several processes one fills and the others wait.
 * Returns false when somebody else published first.
 * @throws ScopeonError `locked` when waiting is broken off by `signal`
 */
export async function firstFill(paths: StorePaths, options: FirstFill): Promise<boolean> {
  makeDirectory(dirname(paths.db));
  const marker = await waitForMarker(paths, options);
  if (marker === undefined) return false;
  try {
    if (existsSync(paths.db)) return false;
    const side = `${firstFillMarker(paths)}.${randomBytes(4).toString('hex')}.db`;
    await build(side, paths, (db) => options.fill(db, teller(marker)));
    return await whileNobodyMakes(paths, () => publishFile(side, paths.db));
  } finally {
    marker.remove();
  }
}

/** Removes what a fill left that was killed after its store was published. */
export function sweepFirstFill(paths: StorePaths): void {
  const claim = claimMarker(firstFillMarker(paths));
  if ('marker' in claim) claim.marker.remove();
}

/** Undefined: the store is there. */
async function waitForMarker(paths: StorePaths, options: FirstFill): Promise<Marker | undefined> {
  for (;;) {
    const claim = claimMarker(firstFillMarker(paths));
    if ('marker' in claim) return claim.marker;
    if (existsSync(paths.db)) return undefined;
    if (options.signal?.aborted === true)
      throw new ScopeonError('locked', 'Stopped while another scopeon was reading the logs for the first time.');
    if (claim.owner !== undefined) options.onWait(claim.owner.pid, claim.owner.news as PassProgress | undefined); // as `teller` wrote it
    await new Promise((resolve) => setTimeout(resolve, lookMs));
  }
}

function teller(marker: Marker): (done: PassProgress) => void {
  let told = performance.now();
  return (done) => {
    if (performance.now() - told < tellMs) return;
    told = performance.now();
    marker.say(done);
  };
}

async function build(side: string, paths: StorePaths, fill: (db: Database) => Promise<void>): Promise<void> {
  const db = openFile(side);
  try {
    chmodSync(side, 0o600);
    // Nobody else knows the file and a broken fill is thrown away: no journal, no flushing, and rows in any order.
    db.unsafeMode(true); // else it keeps its journal, whatever it is told
    db.pragma('journal_mode = OFF');
    db.unsafeMode(false);
    db.pragma('synchronous = OFF');
    db.pragma('foreign_keys = OFF');
    db.pragma('locking_mode = EXCLUSIVE');
    db.pragma('cache_size = -32768'); // 32 MiB
    await migrate(db, paths, { last: 1 });
    await fill(db);
    const flushing = flushAhead(side);
    await migrate(db, paths);
    deriveDoubtful(db);
    noteRules(db, tagRules);
    const lost = await flushing;
    if (lost !== undefined) throw lost;
    db.pragma('locking_mode = NORMAL');
    db.pragma('journal_mode = WAL');
  } finally {
    db.close();
  }
}

/**
 * Most of the file goes to the disk while the rest is worked out, so that the flush before it is published is short.
 * Gives what went wrong: the system tells of what it could not write but once, so the later flush would know nothing of it.
 */
function flushAhead(path: string): Promise<Error | undefined> {
  let fd: number;
  try {
    fd = openSync(path, 'r+');
  } catch {
    return Promise.resolve(undefined); // nothing was asked yet, so the later flush says it
  }
  return new Promise((resolve) => {
    fdatasync(fd, (unwritten) => close(fd, (unclosed) => resolve(unwritten ?? unclosed ?? undefined)));
  });
}
