import type { Database } from '../driver.ts';

/** A usage limit as a log last reported it. Times are UTC ms, null unknown. */
export interface LimitRow {
  readonly provider: string;
  readonly window: string;
  readonly windowMinutes: number | null;
  /** 0–100. */
  readonly usedPct: number | null;
  /** In the window's own unit; of a count that each session keeps for itself, what they used together since `since`. */
  readonly used: number | null;
  readonly entitlement: number | null;
  readonly resetsAt: number | null;
  readonly reached: boolean;
  readonly plan: string | null;
  /** Set where sessions' counts were added up. */
  readonly since: number | null;
  readonly at: number;
}

/** The newest report of each window of each provider. `monthStart`: from when on counts kept by sessions are added up. */
export function newestLimits(db: Database, monthStart: number): readonly LimitRow[] {
  const rows = db
    .prepare<[], Omit<LimitRow, 'reached' | 'since'> & { readonly reached: number; readonly sessionId: number }>(
      `SELECT provider, window, window_minutes AS windowMinutes, used_pct AS usedPct, used, entitlement, resets_at AS resetsAt,
         reached, plan, at, session_id AS sessionId
       FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY provider, window ORDER BY at DESC, used_pct DESC, id DESC) AS place FROM limit_snapshot)
       WHERE place = 1 ORDER BY provider, window_minutes IS NULL, window_minutes, window`,
    )
    .all();
  return rows.map(({ sessionId, ...row }) => {
    const reached = row.reached === 1;
    const isCount = row.used !== null && row.usedPct === null && row.entitlement === null && sessionId !== 0;
    if (!isCount) return { ...row, reached, since: null };
    return { ...row, reached, used: usedSince(db, row, monthStart), since: monthStart };
  });
}

/** What every session counted since then: its last count less the one it had before. */
function usedSince(
  db: Database,
  { provider, window }: { readonly provider: string; readonly window: string },
  since: number,
): number {
  const last = `SELECT used FROM limit_snapshot o WHERE o.provider = l.provider AND o.window = l.window AND o.session_id = l.session_id AND o.used IS NOT NULL`;
  const newest = 'ORDER BY o.at DESC, o.used DESC LIMIT 1';
  const row = db
    .prepare<[number, string, string, number], { used: number }>(
      `SELECT TOTAL(MAX(0, (${last} ${newest}) - COALESCE((${last} AND o.at < ? ${newest}), 0))) AS used
       FROM (SELECT DISTINCT provider, window, session_id FROM limit_snapshot WHERE provider = ? AND window = ? AND at >= ?) l`,
    )
    .get(since, provider, window, since);
  return row?.used ?? 0;
}
