import type { Database } from './driver.ts';
import { readMeta, writeMeta } from './meta.ts';

const fact = 'manifest';

/** Rows by table. */
export type RowCounts = Readonly<Record<string, number>>;

/** How many rows each table has, but for the two that say nothing of what was recorded. */
export function countRows(db: Database): RowCounts {
  const tables = db
    .prepare<[], string>(
      "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT IN ('meta', 'lease') ORDER BY name",
    )
    .pluck()
    .all();
  const count = (table: string): number => Number(db.prepare(`SELECT COUNT(*) FROM "${table}"`).pluck().get()); // a name of ours
  return Object.fromEntries(tables.map((table) => [table, count(table)]));
}

/** What a copy held when it was made stands in the copy itself. */
export function writeManifest(copy: Database, counts: RowCounts): void {
  writeMeta(copy, fact, JSON.stringify(counts));
}

/** Undefined: the copy was made without one. */
export function readManifest(copy: Database): RowCounts | undefined {
  const text = readMeta(copy, fact);
  return text === undefined ? undefined : JSON.parse(text); // as written above
}

/** The store it becomes is no copy any more. */
export function dropManifest(db: Database): void {
  writeMeta(db, fact, undefined);
}

/** Tables of which a copy has another number of rows than it ought to. */
export function differences(wanted: RowCounts, found: RowCounts): readonly string[] {
  return [...new Set([...Object.keys(wanted), ...Object.keys(found)])]
    .filter((table) => wanted[table] !== found[table])
    .map((table) => `${table}: ${found[table] ?? 0} rows where there were ${wanted[table] ?? 0}`);
}
