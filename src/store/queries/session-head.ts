import type { Database } from '../driver.ts';

/** Which session a question is about, and who wrote it. */
export interface SessionHead {
  readonly rowId: number;
  readonly id: string;
  readonly provider: string;
  /** The agent's version and the model of its last turn; null: the log does not say. */
  readonly version: string | null;
  readonly model: string | null;
}

/** The session of this id (the one with the newest turn, should two agents use the same), or the newest of all; undefined: there is none. */
export function sessionHead(db: Database, id: string | undefined): SessionHead | undefined {
  const select =
    'SELECT s.id AS rowId, s.sid AS id, s.provider, s.version, m.text AS model FROM session s LEFT JOIN word m ON m.id = s.model_id';
  if (id !== undefined)
    return db.prepare<[string], SessionHead>(`${select} WHERE s.sid = ? ORDER BY s.last_turn_at DESC LIMIT 1`).get(id);
  return db
    .prepare<[], SessionHead>(
      `${select} WHERE s.id = (SELECT top_id FROM session WHERE last_turn_at IS NOT NULL ORDER BY last_turn_at DESC LIMIT 1)`,
    )
    .get();
}

/** Row ids of a provider's top-level sessions by their ids; unknown ones are not there. */
export function topSessionsNamed(db: Database, provider: string, ids: readonly string[]): ReadonlyMap<string, number> {
  const rows = db
    .prepare<[string, string], { id: string; rowId: number }>(
      `SELECT sid AS id, id AS rowId FROM session
       WHERE provider = ? AND parent_id IS NULL AND sid IN (SELECT value FROM json_each(?))`,
    )
    .all(provider, JSON.stringify(ids));
  return new Map(rows.map((row) => [row.id, row.rowId]));
}
