import type { Database } from './driver.ts';
import { readMeta, writeMeta } from './meta.ts';

const fact = 'checked_at';
const dayMs = 24 * 60 * 60 * 1000;

/** A quick look through the whole store. @throws DamagedError when it finds something wrong */
export function checkStore(db: Database): void {
  const found = String(db.pragma('quick_check(1)', { simple: true }));
  if (found !== 'ok') throw new DamagedError(found.split('\n')[0]);
}

/**
 * The same for whoever has just taken the lease: after an unclean end, and once a day. A new store has nothing to check
 * yet. @throws DamagedError
 */
export function checkAtStart(db: Database, isUnclean: boolean, now: number): void {
  const last = readMeta(db, fact);
  const isDue = last !== undefined && Math.abs(now - Number(last)) >= dayMs; // also when the clock was set back
  if (isUnclean || isDue) checkStore(db);
  if (isUnclean || isDue || last === undefined) writeMeta(db, fact, String(now));
}

/** A check failed that the driver alone would not have noticed. */
class DamagedError extends Error {
  readonly code = 'SQLITE_CORRUPT';
}
