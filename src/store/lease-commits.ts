import { closeSync, openSync, readSync } from 'node:fs';
import type { Database } from './driver.ts';
import { perStore } from './per-store.ts';

const headerSize = 32;
const frameHeaderSize = 24;
/** Whoever ingests renews the lease once in five seconds: more pages than this since the last look were not that alone. */
const mostFrames = 8;

/**
 * Follows the write-ahead log of a store. A commit that only said "still here" changes nothing that anybody is shown, but
 * SQLite tells of it as of any other; without this every screen would be asked for anew each few seconds, for nothing.
 *
 * @see https://www.sqlite.org/fileformat2.html#walformat
 */
export interface LeaseCommits {
  /** To be called once for each change that was noticed. True: since the last call the lease's page alone was written. */
  areAll(db: Database): boolean;
}

/** The log as it was seen last: its salts, and the place behind the last commit. */
interface Place {
  readonly salts: string;
  readonly offset: number;
}

export function createLeaseCommits(): LeaseCommits {
  const askRoot = perStore((db) =>
    db.prepare<[], number>("SELECT rootpage FROM sqlite_schema WHERE name = 'lease'").pluck(),
  );
  let last: Place | undefined;
  return {
    areAll(db) {
      const before = last;
      last = undefined; // whatever goes wrong: then the next one counts, too
      const seen = readLog(`${db.name}-wal`, before);
      last = seen?.place;
      if (seen?.pages === undefined || seen.pages.length === 0) return false;
      const root = askRoot(db).get();
      return seen.pages.every((page) => page === root);
    },
  };
}

/**
 * Pages committed since `before`, and the place behind them. Undefined pages: not known, because the log began anew or
 * grew by much. Undefined: there is no log to read.
 */
function readLog(
  path: string,
  before: Place | undefined,
): { readonly place: Place; readonly pages: readonly number[] | undefined } | undefined {
  let file: number;
  try {
    file = openSync(path, 'r'); // SQLite locks no part of this file, so closing it gives no lock of ours away
  } catch {
    return undefined;
  }
  try {
    const header = Buffer.alloc(headerSize);
    if (readSync(file, header, 0, headerSize, 0) < headerSize) return undefined;
    const salts = header.toString('hex', 16, 24);
    const frameSize = frameHeaderSize + header.readUInt32BE(8);
    const isSame = before?.salts === salts;
    const { pages, end } = committedFrames(file, salts, frameSize, isSame ? before.offset : headerSize);
    const isShort = isSame && pages.length <= mostFrames;
    return { place: { salts, offset: end }, pages: isShort ? pages : undefined };
  } finally {
    closeSync(file);
  }
}

/** Page numbers of the frames from `offset` to the last commit, and where that ends. */
function committedFrames(
  file: number,
  salts: string,
  frameSize: number,
  offset: number,
): { readonly pages: readonly number[]; readonly end: number } {
  const header = Buffer.alloc(frameHeaderSize);
  const pages: number[] = [];
  let committed = 0;
  let end = offset;
  for (let at = offset; readSync(file, header, 0, frameHeaderSize, at) === frameHeaderSize; at += frameSize) {
    if (header.toString('hex', 8, 16) !== salts) break; // of a round before
    pages.push(header.readUInt32BE(0));
    const isCommit = header.readUInt32BE(4) !== 0;
    if (!isCommit) continue;
    committed = pages.length;
    end = at + frameSize;
  }
  return { pages: pages.slice(0, committed), end };
}
