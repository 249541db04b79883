import type { Database } from '../store/driver.ts';

/**
 * Gives what `ask` gave not long ago, under a name that tells everything it was asked with. For what goes by habit or by past
 * days, not by the turn at hand: whoever asks again and again need not have all of it looked up anew.
 */
export type Remember = <T>(db: Database, name: string, ask: () => T, keptMs?: number) => T;

const usualKeptMs = 60_000;
/** A habit of weeks does not change by the minute. */
export const habitKeptMs = 10 * 60_000;
/** For what any turn may change: it is kept no longer than the data stand. */
export const untilNews = 0;
/** What was asked of data that stand is asked again all the same: who knows what time does to it. */
const standingKeptMs = 10 * 60_000;

interface Kept {
  readonly value: unknown;
  /** Of which data; undefined: that is not known. */
  readonly data: unknown;
  readonly at: number;
  readonly keptMs: number;
}

/**
 * Asks once a minute for each name, or as seldom as is said, not at all while the data stand, and again for another store.
 * `clock` never goes back, in ms. `dataNow` gives another value whenever the data are others; default: they may always be.
 */
export function createMemory(clock: () => number, dataNow: () => unknown = () => undefined): Remember {
  const stores = new WeakMap<Database, Map<string, Kept>>();
  const holds = ({ data, at, keptMs }: Kept): boolean => {
    const age = clock() - at;
    return age < keptMs || (data !== undefined && data === dataNow() && age < standingKeptMs);
  };
  return <T>(db: Database, name: string, ask: () => T, keptMs = usualKeptMs): T => {
    const known = stores.get(db) ?? new Map<string, Kept>();
    stores.set(db, known);
    const found = known.get(name);
    if (found !== undefined && holds(found)) return found.value as T; // what was asked under this name
    const data = dataNow();
    const value = ask();
    for (const [other, kept] of known) if (!holds(kept)) known.delete(other);
    known.set(name, { value, data, at: clock(), keptMs });
    return value;
  };
}

/** For whoever asks once. */
export const rememberNothing: Remember = (_db, _name, ask) => ask();
