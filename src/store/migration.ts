import type { Database } from './driver.ts';

/** One step of the schema. Runs inside a transaction of its own; forward only; once released, never edited. */
export type Migration = (db: Database) => void;

/** Identity; carries the type. */
export function defineMigration(migration: Migration): Migration {
  return migration;
}
