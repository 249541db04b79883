import { limitState } from '../metrics/limit-state.ts';
import type { Database } from '../store/driver.ts';
import { newestLimits } from '../store/queries/limits.ts';
import { isoOf } from './build.ts';
import { type Remember, rememberNothing, untilNews } from './memory.ts';
import type { LimitsJson } from './shape.ts';

/** The newest report of each window of each provider, past ones marked as such. */
export function buildLimits(
  db: Database,
  now: number,
  /** Default: all is asked of the store. */
  remember: Remember = rememberNothing,
): LimitsJson {
  const month = new Date(now);
  const monthStart = Date.UTC(month.getUTCFullYear(), month.getUTCMonth());
  const newest = remember(db, `limits since ${monthStart}`, () => newestLimits(db, monthStart), untilNews);
  return {
    schema_version: 1,
    generated_at: new Date(now).toISOString(),
    limits: newest.map((limit) => ({
      provider: limit.provider,
      window: limit.window,
      window_minutes: limit.windowMinutes,
      used_pct: limit.usedPct,
      used: limit.used,
      entitlement: limit.entitlement,
      since: isoOf(limit.since),
      resets_at: isoOf(limit.resetsAt),
      reached: limit.reached,
      plan: limit.plan,
      state: limit.since === null ? limitState(limit, now) : 'current',
      source: 'log',
      as_of: new Date(limit.at).toISOString(),
      age_secs: Math.max(0, Math.floor((now - limit.at) / 1000)),
    })),
  };
}
