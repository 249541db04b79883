import type { Database } from '../driver.ts';

/**
 * Models with turns that could have a cost and for which no price was found: by name, `-fast` behind one in fast mode. Not
 * those of which a log told too little of some turns to price them.
 */
export function modelsWithoutPrice(db: Database): readonly string[] {
  return db
    .prepare<[], { name: string }>(
      `SELECT COALESCE(w.text, 'unknown') || CASE WHEN r.fast = 1 THEN '-fast' ELSE '' END AS name
       FROM (SELECT model_id, fast FROM rollup GROUP BY 1, 2 HAVING SUM(turns) > SUM(calculated_turns)) r
       LEFT JOIN word w ON w.id = r.model_id
       WHERE EXISTS (SELECT 1 FROM turn t WHERE t.model_id = r.model_id AND t.fast = r.fast
         AND t.cost_calculated_nano IS NULL AND t.quality <> 'partial')
       ORDER BY 1`,
    )
    .all()
    .map((row) => row.name);
}
