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

/** A top-level session and one of the files its turns lie in, its subagents' included. */
export interface SessionFile {
  readonly path: string;
  readonly sessionRowId: number;
  readonly sessionId: string;
}

/** Which files a provider's sessions lie in, as far as they have turns. Looks at every turn. */
export function sessionFiles(db: Database, provider: string): readonly SessionFile[] {
  return db
    .prepare<[string], SessionFile>(
      `SELECT DISTINCT f.path, p.id AS sessionRowId, p.sid AS sessionId
       FROM (SELECT DISTINCT file_id, session_id FROM turn) t JOIN source_file f ON f.id = t.file_id
       JOIN session s ON s.id = t.session_id JOIN session p ON p.id = s.top_id WHERE f.provider = ?`,
    )
    .all(provider);
}
