import type { Database } from './driver.ts';
import { bucketMs } from './rollups.ts';

export interface TurnToPrice {
  readonly id: number;
  readonly model: string;
  readonly at: number;
  readonly fast: number;
  readonly uncached: number;
  readonly cacheRead: number;
  readonly write5m: number;
  readonly write1h: number;
  readonly output: number;
  readonly promptTokens: number;
  readonly webSearches: number;
  /** What it costs now, nano-USD; null: unpriced. */
  readonly costNano: number | null;
  readonly savingsNano: number | null;
  readonly priceId: number | null;
}

/** Turns with what a price is worked out from, and the cost they have; `unpriced`: only those without one. Partial turns are not priced. */
export function turnsToPrice(db: Database, unpriced: boolean): readonly TurnToPrice[] {
  return db
    .prepare<[], TurnToPrice>(
      `SELECT t.id, COALESCE(w.text, 'unknown') AS model, t.at, t.fast, t.uncached_input_tokens AS uncached,
        t.cache_read_tokens AS cacheRead, t.cache_write_5m_tokens AS write5m, t.cache_write_1h_tokens AS write1h,
        t.output_tokens AS output, t.prompt_tokens AS promptTokens, t.web_search_requests AS webSearches,
        t.cost_calculated_nano AS costNano, t.savings_nano AS savingsNano, t.price_id AS priceId
       FROM turn t JOIN session s ON s.id = t.session_id LEFT JOIN word w ON w.id = t.model_id
       WHERE t.quality <> 'partial'${unpriced ? ' AND t.cost_calculated_nano IS NULL' : ''}`,
    )
    .all();
}

export interface CostOfTurn {
  readonly id: number;
  readonly priceId: number | null;
  readonly costNano: number | null;
  readonly savingsNano: number | null;
}

/**
 * Gives turns their cost and brings the rollups along, in one transaction. With `keepBefore` what they cost until now
 * is kept, once, for {@link undoCosts}.
 */
export function updateCosts(db: Database, changes: readonly CostOfTurn[], keepBefore = false): void {
  if (changes.length === 0) return;
  const keep = db.prepare(
    'INSERT INTO cost_before SELECT id, cost_calculated_nano, savings_nano, price_id FROM turn WHERE id = ?',
  );
  const update = db.prepare('UPDATE turn SET cost_calculated_nano = ?, savings_nano = ?, price_id = ? WHERE id = ?');
  db.transaction(() => {
    if (keepBefore) db.exec('DELETE FROM cost_before');
    for (const change of changes) {
      if (keepBefore) keep.run(change.id);
      update.run(change.costNano, change.savingsNano, change.priceId, change.id);
    }
    rebuildCostSums(db);
  }).immediate();
}

/** Takes the last re-pricing back; returns how many turns that changed. */
export function undoCosts(db: Database): number {
  return db
    .transaction(() => {
      const done = db
        .prepare(
          `UPDATE turn SET cost_calculated_nano = b.cost_nano, savings_nano = b.savings_nano, price_id = b.price_id
           FROM cost_before b WHERE b.turn_id = turn.id`,
        )
        .run();
      db.exec('DELETE FROM cost_before');
      rebuildCostSums(db);
      return done.changes;
    })
    .immediate();
}

/** Works the cost columns of every bucket out again from the turns. */
function rebuildCostSums(db: Database): void {
  const sums = `TOTAL(t.cost_calculated_nano) AS c, TOTAL((t.cost_calculated_nano IS NOT NULL) * t.responses) AS ct,
    TOTAL(COALESCE(t.cost_logged_nano, t.cost_calculated_nano)) AS a,
    TOTAL((COALESCE(t.cost_logged_nano, t.cost_calculated_nano) IS NOT NULL) * t.responses) AS at_,
    TOTAL(t.savings_nano) AS s`;
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
