import type { Database } from './driver.ts';
import { bucketMs } from './rollups.ts';

export interface TurnToPrice {
  readonly id: number;
  readonly provider: string;
  readonly model: string;
  readonly at: number;
  readonly fast: boolean;
  readonly uncached: number;
  readonly cacheRead: number;
  readonly write5m: number;
  readonly write1h: number;
  readonly output: number;
  readonly promptTokens: number;
  readonly webSearches: number;
}

/** Turns without a calculated cost. */
export function eachTurnToPrice(db: Database): readonly TurnToPrice[] {
  return db
    .prepare<[], Omit<TurnToPrice, 'fast'> & { fast: number }>(
      `SELECT t.id, s.provider, COALESCE(w.text, 'unknown') AS model, t.at, t.fast, t.uncached_input_tokens AS uncached,
        t.cache_read_tokens AS cacheRead, t.cache_write_5m_tokens AS write5m, t.cache_write_1h_tokens AS write1h,
        t.output_tokens AS output, t.prompt_tokens AS promptTokens, t.web_search_requests AS webSearches
       FROM turn t JOIN session s ON s.id = t.session_id LEFT JOIN word w ON w.id = t.model_id
       WHERE t.cost_calculated_nano IS NULL`,
    )
    .all()
    .map((row) => ({ ...row, fast: row.fast === 1 }));
}

/** Gives turns their cost and brings the rollups along, in one transaction. */
export function updateCosts(
  db: Database,
  changes: readonly {
    readonly id: number;
    readonly priceId: number;
    readonly costNano: number;
    readonly savingsNano: number;
  }[],
): void {
  if (changes.length === 0) return;
  const update = db.prepare('UPDATE turn SET cost_calculated_nano = ?, savings_nano = ?, price_id = ? WHERE id = ?');
  db.transaction(() => {
    for (const change of changes) update.run(change.costNano, change.savingsNano, change.priceId, change.id);
    rebuildCostSums(db);
  }).immediate();
}

/** Works the cost columns of every bucket out again from the turns. */
function rebuildCostSums(db: Database): void {
  const sums = `SUM(COALESCE(t.cost_calculated_nano, 0)) AS c, COUNT(t.cost_calculated_nano) AS ct,
    SUM(COALESCE(t.cost_logged_nano, t.cost_calculated_nano, 0)) AS a, COUNT(COALESCE(t.cost_logged_nano, t.cost_calculated_nano)) AS at_,
    SUM(COALESCE(t.savings_nano, 0)) AS s`;
  const set = 'calculated_nano = x.c, calculated_turns = x.ct, auto_nano = x.a, auto_turns = x.at_, savings_nano = x.s';
  db.exec(`
    UPDATE session_rollup SET ${set} FROM (
      SELECT t.at / ${bucketMs} * ${bucketMs} AS bucket, t.session_id, t.model_id, t.fast, t.branch_id, t.sidechain, ${sums}
      FROM turn t GROUP BY 1, 2, 3, 4, 5, 6) x
    WHERE x.bucket = session_rollup.bucket AND x.session_id = session_rollup.session_id AND x.model_id = session_rollup.model_id
      AND x.fast = session_rollup.fast AND x.branch_id = session_rollup.branch_id AND x.sidechain = session_rollup.sidechain;
    UPDATE rollup SET ${set} FROM (
      SELECT t.at / ${bucketMs} * ${bucketMs} AS bucket, n.provider, t.model_id, t.fast, n.project_id, t.branch_id, ${sums}
      FROM turn t JOIN session n ON n.id = t.session_id GROUP BY 1, 2, 3, 4, 5, 6) x
    WHERE x.bucket = rollup.bucket AND x.provider = rollup.provider AND x.model_id = rollup.model_id AND x.fast = rollup.fast
      AND x.project_id = rollup.project_id AND x.branch_id = rollup.branch_id;`);
}
