import type { Database } from '../driver.ts';

export interface LimitRow {
  readonly provider: string;
  readonly window: string;
  readonly usedPct: number | null;
  readonly resetsAt: number | null;
  readonly at: number;
}

/** The newest snapshot of each provider's windows that is still of interest: not reset since. */
export function currentLimits(db: Database, now: number): readonly LimitRow[] {
  return db
    .prepare<[number, number], LimitRow>(
      `SELECT provider, window, used_pct AS usedPct, resets_at AS resetsAt, MAX(at) AS at FROM limit_snapshot
       WHERE resets_at > ? OR (resets_at IS NULL AND at > ?) GROUP BY provider, window ORDER BY provider, window`,
    )
    .all(now, now - 24 * 60 * 60 * 1000);
}
