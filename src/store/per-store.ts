import type { Database } from './driver.ts';

/** Gives what is made once for each store that is opened, such as a statement for what is asked again and again. */
export function perStore<T>(make: (db: Database) => T): (db: Database) => T {
  const made = new WeakMap<Database, { readonly of: T }>();
  return (db) => {
    const known = made.get(db) ?? { of: make(db) };
    made.set(db, known);
    return known.of;
  };
}
