import type { Database } from '../store/driver.ts';

/**
 * Gives what `ask` gave not long ago, under a name that tells everything it was asked with. For what goes by habit or by past
 * days, not by the turn at hand: whoever asks again and again need not have all of it looked up anew.
 */
export type Remember = <T>(db: Database, name: string, ask: () => T, keptMs?: number) => T;

const usualKeptMs = 60_000;
/** A habit of weeks does not change by the minute. */
export const habitKeptMs = 10 * 60_000;

/** Asks once a minute for each name, or as seldom as is said, and again for another store. `clock` never goes back, in ms. */
export function createMemory(clock: () => number): Remember {
  const stores = new WeakMap<Database, Map<string, { readonly value: unknown; readonly until: number }>>();
  return <T>(db: Database, name: string, ask: () => T, keptMs = usualKeptMs): T => {
    const known = stores.get(db) ?? new Map();
    stores.set(db, known);
    const found = known.get(name);
    if (found !== undefined && clock() < found.until) return found.value as T; // what was asked under this name
    const value = ask();
    for (const [other, { until }] of known) if (clock() >= until) known.delete(other);
    known.set(name, { value, until: clock() + keptMs });
    return value;
  };
}

/** For whoever asks once. */
export const rememberNothing: Remember = (_db, _name, ask) => ask();
