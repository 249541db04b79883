import type { Database } from '../driver.ts';

/** How the reading stands, over all tracked files. */
export function ingestTotals(db: Database): {
  readonly files: number;
  readonly skippedRecords: number;
  readonly lastReadAt: number | null;
} {
  const row = db
    .prepare<[], { files: number; skipped: number; lastReadAt: number | null }>(
      "SELECT COUNT(*) AS files, COALESCE(SUM(invalid + oversize), 0) AS skipped, MAX(last_read_at) AS lastReadAt FROM source_file WHERE provider <> 'original'",
    )
    .get();
  return { files: row?.files ?? 0, skippedRecords: row?.skipped ?? 0, lastReadAt: row?.lastReadAt ?? null };
}

/** Is there anything to show? */
export function hasAnySession(db: Database): boolean {
  return db.prepare('SELECT 1 FROM session LIMIT 1').get() !== undefined;
}
