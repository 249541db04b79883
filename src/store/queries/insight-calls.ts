import type { Database } from '../driver.ts';

/** A tool call of a session. */
export interface CallRow {
  /** Key in hex of the turn that asked; null where the log does not say. */
  readonly turnId: string | null;
  readonly name: string | null;
  readonly server: string | null;
  readonly type: string;
  readonly digest: string | null;
  readonly inputSize: number;
  readonly at: number | null;
}

/** The newest `limit` calls of a session itself, its subagents' left out, oldest first. */
export function sessionCalls(db: Database, sessionRowId: number, limit: number): readonly CallRow[] {
  const columns = 'c.type, c.name_id, c.server_id, c.input_digest, c.input_size, c.call_id';
  return db
    .prepare<[number, number, number], CallRow>(
      `SELECT c.turnId, n.text AS name, v.text AS server, c.type, HEX(c.input_digest) AS digest, c.input_size AS inputSize, c.at FROM (
         SELECT LOWER(HEX(t.key)) AS turnId, COALESCE(c.at, t.at) AS at, ${columns} FROM turn t JOIN tool_call c ON c.turn_id = t.id
           WHERE t.session_id = ? AND t.tool_calls > 0
         UNION ALL SELECT NULL, c.at, ${columns} FROM session_call c WHERE c.session_id = ?
         ORDER BY 2 DESC, c.call_id DESC LIMIT ?) c
       LEFT JOIN word n ON n.id = c.name_id LEFT JOIN word v ON v.id = c.server_id`,
    )
    .all(sessionRowId, sessionRowId, limit)
    .reverse();
}

/** A call that started a subagent. */
export interface TaskRow {
  readonly turnId: string | null;
  readonly totalTokens: number | null;
  readonly toolCalls: number | null;
  /** Bytes of the serialised arguments of the call: its prompt and little else. */
  readonly promptSize: number | null;
}

/** Calls of a session that started a subagent. */
export function sessionTasks(db: Database, sessionRowId: number): readonly TaskRow[] {
  return db
    .prepare<[number, number], TaskRow>(
      `SELECT LOWER(HEX(t.key)) AS turnId, k.total_tokens AS totalTokens, k.tool_calls AS toolCalls, c.input_size AS promptSize
         FROM turn t JOIN task k ON k.turn_id = t.id AND k.session_id = 0
         LEFT JOIN tool_call c ON c.turn_id = t.id AND c.call_id = k.call_id WHERE t.session_id = ? AND t.tool_calls > 0
       UNION ALL SELECT NULL, k.total_tokens, k.tool_calls, c.input_size FROM task k
         LEFT JOIN session_call c ON c.session_id = k.session_id AND c.call_id = k.call_id
         WHERE k.turn_id = 0 AND k.session_id = ?`,
    )
    .all(sessionRowId, sessionRowId);
}

/** How often skills were used and hooks ran in a session. */
export interface SessionActs {
  readonly skills: number;
  readonly hooks: number;
  /** Hooks that ended without success. */
  readonly blocked: number;
}

export function sessionActs(db: Database, sessionRowId: number): SessionActs {
  const called = db
    .prepare<[number], number>(
      `SELECT COUNT(*) FROM turn t JOIN tool_call c ON c.turn_id = t.id
       WHERE t.session_id = ? AND t.tool_calls > 0 AND c.type = 'skill'`,
    )
    .pluck()
    .get(sessionRowId);
  // The end of a hook that was seen to start is not another one.
  const told = db
    .prepare<[number], SessionActs>(
      `SELECT COALESCE(SUM(kind = 'skill' AND phase = 'invoked'), 0) AS skills,
         COALESCE(SUM(kind = 'hook' AND (phase <> 'complete' OR correlation_id IS NULL)), 0) AS hooks,
         COALESCE(SUM(kind = 'hook' AND success = 0), 0) AS blocked FROM event WHERE session_id = ?`,
    )
    .get(sessionRowId);
  return { skills: (called ?? 0) + (told?.skills ?? 0), hooks: told?.hooks ?? 0, blocked: told?.blocked ?? 0 };
}
