import type { Database } from '../driver.ts';
import { isTracked } from '../files.ts';

/** How the reading stands, over all tracked files. */
export function ingestTotals(db: Database): {
  readonly files: number;
  readonly skippedRecords: number;
  readonly lastReadAt: number | null;
} {
  const row = db
    .prepare<[], { files: number; skipped: number; lastReadAt: number | null }>(
      `SELECT COUNT(*) AS files, COALESCE(SUM(invalid + oversize), 0) AS skipped, MAX(last_read_at) AS lastReadAt FROM source_file WHERE provider <> 'original' AND ${isTracked}`,
    )
    .get();
  return { files: row?.files ?? 0, skippedRecords: row?.skipped ?? 0, lastReadAt: row?.lastReadAt ?? null };
}

/** Records read and not taken over all tracked files, and what is left to read of them. */
export interface IngestHealth {
  readonly files: number;
  readonly records: number;
  readonly invalid: number;
  readonly oversize: number;
  readonly bad_value: number;
  readonly unknown_type: number;
  readonly unreadBytes: number;
}

export function ingestHealth(db: Database): IngestHealth {
  return db
    .prepare<[], IngestHealth>(
      `SELECT COUNT(*) AS files, COALESCE(SUM(records), 0) AS records, COALESCE(SUM(invalid), 0) AS invalid, COALESCE(SUM(oversize), 0) AS oversize,
         COALESCE(SUM(bad_value), 0) AS bad_value, COALESCE(SUM(unknown_type), 0) AS unknown_type,
         COALESCE(SUM(MAX(size - offset, 0)), 0) AS unreadBytes FROM source_file WHERE provider <> 'original' AND ${isTracked}`,
    )
    .get() as IngestHealth; // an aggregate always gives a row
}

/** Is there anything to show? */
export function hasAnySession(db: Database): boolean {
  return db.prepare('SELECT 1 FROM session LIMIT 1').get() !== undefined;
}
