import type { Database } from './driver.ts';

/** Tells a number that is another one whenever somebody else has written to the store; what this handle writes changes nothing. */
export function createDataVersion(db: Database): () => number {
  const ask = db.prepare<[], number>('PRAGMA data_version').pluck();
  return () => Number(ask.get());
}
