import type { Database } from '../driver.ts';
import { isOfDays, type PeriodRange } from './report.ts';

/** Cost of a quarter of an hour, nano-USD. */
export interface BucketSpend {
  /** UTC ms. */
  readonly bucketMs: number;
  readonly nano: number;
}

/** Cost by quarter of an hour, ascending, those without any left out; of one provider or all. */
export function spendByBucket(
  db: Database,
  range: PeriodRange,
  scope: { readonly provider?: string; readonly projectIds?: readonly number[] } = {},
): readonly BucketSpend[] {
  const byProvider = scope.provider === undefined ? '' : 'AND provider = ?';
  const byProject = scope.projectIds === undefined ? '' : 'AND project_id IN (SELECT value FROM json_each(?))';
  return db
    .prepare<unknown[], BucketSpend>(
      `SELECT bucket AS bucketMs, SUM(auto_nano) AS nano FROM rollup WHERE bucket >= ? AND bucket < ? ${byProvider} ${byProject}
       GROUP BY bucket HAVING SUM(auto_nano) > 0 ORDER BY bucket`,
    )
    .all(
      range.startMs,
      range.endMs,
      ...(scope.provider === undefined ? [] : [scope.provider]),
      ...(scope.projectIds === undefined ? [] : [JSON.stringify(scope.projectIds)]),
    );
}

/** Cost and turns of one of the days asked for. */
export interface DaySpend {
  /** Its index among them. */
  readonly day: number;
  /** Nano-USD. */
  readonly nano: number;
  readonly turns: number;
}

/** Cost by day, those without turns left out. Their ends lie on quarters of an hour, as those of days do in every zone. */
export function spendByDay(db: Database, days: readonly PeriodRange[]): readonly DaySpend[] {
  return db
    .prepare<[string], DaySpend>(
      `WITH period (i, s, e) AS MATERIALIZED (SELECT key, json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(?))
       SELECT p.i AS day, TOTAL(r.auto_nano) AS nano, SUM(r.turns) AS turns
       FROM period p CROSS JOIN rollup r WHERE r.bucket >= p.s AND r.bucket < p.e GROUP BY p.i HAVING SUM(r.turns) > 0 ORDER BY p.i`,
    )
    .all(JSON.stringify(days.map((day) => [day.startMs, day.endMs])));
}

/** The first quarter of an hour with a turn, UTC ms; undefined for an empty store. */
export function firstBucket(db: Database): number | undefined {
  return (
    db.prepare<[], { first: number | null }>('SELECT MIN(bucket) AS first FROM rollup WHERE turns > 0').get()?.first ??
    undefined
  );
}

/** Costs of the priced top-level sessions with turns since a time, subagents included, nano-USD. */
export function sessionCosts(db: Database, sinceMs: number): readonly number[] {
  return db
    .prepare<[number], number>(
      `SELECT SUM(r.auto_nano) FROM session_rollup r JOIN session s ON s.id = r.session_id
       WHERE s.top_id IN (SELECT top_id FROM session WHERE last_turn_at >= ?) GROUP BY s.top_id HAVING SUM(r.auto_turns) > 0`,
    )
    .pluck()
    .all(sinceMs);
}

/** One calendar day of a provider and model. */
export interface DailyUse {
  /** Index of the day among those asked for. */
  readonly day: number;
  readonly turns: number;
  readonly uncachedInput: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  readonly reasoning: number;
  readonly reasoningTurns: number;
  readonly output: number;
  readonly nano: number;
  readonly pricedTurns: number;
}

/** Use by day, or by other stretches, of one provider, of one model or all; those without turns are left out. */
export function dailyUse(
  db: Database,
  days: readonly PeriodRange[],
  provider: string,
  model: string | undefined,
): readonly DailyUse[] {
  // Sums by day UTC are a fraction of the rows, where they will do.
  const table = days.every(isOfDays) ? 'rollup_day' : 'rollup';
  return db
    .prepare<unknown[], DailyUse>(
      `WITH period (i, s, e) AS MATERIALIZED (SELECT key, json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(?))
       SELECT p.i AS day, SUM(r.turns) AS turns, SUM(r.uncached_input_tokens) AS uncachedInput, SUM(r.cache_read_tokens) AS cacheRead,
         SUM(r.cache_write_5m_tokens + r.cache_write_1h_tokens) AS cacheWrite, SUM(r.reasoning_tokens) AS reasoning,
         SUM(r.reasoning_turns) AS reasoningTurns, SUM(r.output_tokens) AS output, SUM(r.auto_nano) AS nano, SUM(r.auto_turns) AS pricedTurns
       FROM period p CROSS JOIN ${table} r WHERE r.bucket >= p.s AND r.bucket < p.e AND r.provider = ?
         ${model === undefined ? '' : 'AND r.model_id = (SELECT id FROM word WHERE text = ?)'}
       GROUP BY p.i HAVING SUM(r.turns) > 0 ORDER BY p.i`,
    )
    .all(
      JSON.stringify(days.map((day) => [day.startMs, day.endMs])),
      provider,
      ...(model === undefined ? [] : [model]),
    );
}

/** Has this provider's log ever told of the cache? */
export function tellsCache(db: Database, provider: string): boolean {
  return (
    db
      .prepare<[string], unknown>(
        'SELECT 1 FROM rollup WHERE provider = ? AND (cache_read_tokens > 0 OR cache_write_5m_tokens > 0 OR cache_write_1h_tokens > 0) LIMIT 1',
      )
      .get(provider) !== undefined
  );
}
