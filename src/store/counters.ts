import type { Database } from './driver.ts';
import { readMeta, writeMeta } from './meta.ts';

/** What is counted over the whole life of a store, whoever reads the logs. None of them ever falls. */
const counterNames = [
  'records',
  'invalid',
  'oversize',
  'bad_value',
  'unknown_type',
  'batches',
  'retries',
  'recoveries',
] as const;

/**
 * `records` and the four reasons: log records read, and those not taken; a log that is read again counts again.
 * `batches`: commits. `retries`: attempts to write that another program was in the way of. `recoveries`: times a damaged
 * store was replaced.
 */
export type Counters = Readonly<Record<(typeof counterNames)[number], number>>;

const fact = 'counted';

export function readCounters(db: Database): Counters {
  return countersFrom(readMeta(db, fact));
}

/** Counts within the transaction that is open. */
export function addToCounters(db: Database, more: Partial<Counters>): void {
  const before = readCounters(db);
  write(db, (name) => before[name] + (more[name] ?? 0));
}

/** How the counters read as they stand in a store, for whoever has to take them out of a damaged one. */
export const countedText = `SELECT value FROM meta WHERE key = '${fact}'`;

/** Goes on where the store that was here before had come to, as far as that could still be read. */
export function goOnCounting(db: Database, text: string | undefined): void {
  const own = readCounters(db);
  const other = countersFrom(text);
  write(db, (name) => Math.max(own[name], other[name]));
}

function write(db: Database, countOf: (name: keyof Counters) => number): void {
  writeMeta(db, fact, JSON.stringify(Object.fromEntries(counterNames.map((name) => [name, countOf(name)]))));
}

/** Whatever is not a count of ours is none: the text may be out of a damaged store. */
function countersFrom(text: string | undefined): Counters {
  const known = parsed(text);
  const of = (name: string): number => {
    const value = known[name];
    return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : 0;
  };
  return Object.fromEntries(counterNames.map((name) => [name, of(name)])) as Counters; // from the list the type is made of
}

function parsed(text: string | undefined): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(text ?? '{}'));
  } catch {
    return {};
  }
}

let retries = 0;

/** An attempt failed because of another program. Nothing can be written just then: it is counted with this thread's next batch. */
export function noteRetry(): void {
  retries++;
}

/** Retries since the last time of asking. */
export function takeRetries(): number {
  const taken = retries;
  retries = 0;
  return taken;
}
