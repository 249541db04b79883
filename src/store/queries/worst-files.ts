import type { Database } from '../driver.ts';

/** A log of which not everything could be read. */
export interface WorstFile {
  readonly path: string;
  readonly invalid: number;
  readonly oversize: number;
  /** Bytes from the beginning of the file. */
  readonly firstBadOffset: number | null;
  readonly quarantined: number;
  readonly failure: string | null;
}

/** A provider's files with the most that could not be read; those it broke on first. At most `limit`. */
export function worstFiles(db: Database, provider: string, limit: number): readonly WorstFile[] {
  return db
    .prepare<[string, number], WorstFile>(
      `SELECT path, invalid, oversize, first_bad_offset AS firstBadOffset, quarantined, failure FROM source_file
       WHERE provider = ? AND (invalid + oversize > 0 OR failure IS NOT NULL)
       ORDER BY failure IS NULL, quarantined DESC, invalid + oversize DESC, path LIMIT ?`,
    )
    .all(provider, limit);
}
