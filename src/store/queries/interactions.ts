import type { Database } from '../driver.ts';

/** A tool call of a session, of a turn or not. Sizes in bytes as serialised in the log, times UTC ms, null unknown. */
export interface CallRow {
  /** The same for the same call in every row that refers to it. */
  readonly callId: number;
  /** Key of the turn that asked, in hex. */
  readonly turn: string | null;
  readonly at: number;
  readonly type: 'tool' | 'mcp' | 'skill' | 'subagent' | 'server_tool';
  readonly name: string | null;
  /** MCP server. */
  readonly server: string | null;
  /** Agent type asked for, or skill. */
  readonly target: string | null;
  readonly inputSize: number;
  /** Keyed hash of the arguments, in hex. */
  readonly inputDigest: string | null;
  readonly outputSize: number | null;
  readonly isError: number | null;
  readonly durationMs: number | null;
  /** The call within which it ran. */
  readonly parentId: number | null;
  /** Of the turn, or as the log says of the call. */
  readonly model: string | null;
}

/** What happened beside the calls. Units as in {@link CallRow}. */
export interface EventRow {
  /** In hex; the same for the same record in every store. */
  readonly key: string;
  readonly at: number;
  readonly kind: string;
  readonly phase: string;
  readonly name: string | null;
  readonly hookType: string | null;
  readonly status: string | null;
  readonly success: number | null;
  readonly durationMs: number | null;
  /** A `callId`, or another number that the records of one act share. */
  readonly correlationId: number | null;
  readonly parentId: number | null;
  readonly agentType: string | null;
  readonly executionMode: string | null;
  readonly model: string | null;
  readonly inputSize: number | null;
  readonly outputSize: number | null;
  readonly inputDigest: string | null;
  readonly totalTokens: number | null;
  readonly toolCalls: number | null;
}

/** A call that started a subagent, and what the log says became of it. */
export interface TaskRow extends CallRow {
  readonly agentType: string | null;
  readonly executionMode: string | null;
  readonly requestedModel: string | null;
  readonly actualModel: string | null;
  readonly status: string | null;
  readonly completedAt: number | null;
  readonly toolCalls: number | null;
  /** The log's own total. */
  readonly totalTokens: number | null;
  /** Row id of the subagent's session, when its log was read. */
  readonly childRowId: number | null;
  /** All tokens of the turns of that session. */
  readonly childTokens: number | null;
}

/** Calls of one session, without those of its subagents: the newest `limit`, newest first. */
export function sessionCalls(db: Database, sessionRowId: number, limit: number): readonly CallRow[] {
  return db
    .prepare<[number, number, number], CallRow>(`${callsOf('')} ORDER BY c.at DESC, c.callId LIMIT ?`)
    .all(sessionRowId, sessionRowId, limit);
}

/** Everything else that happened in it: the newest `limit`, newest first. */
export function sessionEvents(db: Database, sessionRowId: number, limit: number): readonly EventRow[] {
  return db
    .prepare<[number, number], EventRow>(
      `SELECT LOWER(HEX(e.key)) AS key, e.at, e.kind, e.phase, n.text AS name, e.hook_type AS hookType, e.status, e.success,
         e.duration_ms AS durationMs, e.correlation_id AS correlationId, e.parent_id AS parentId, e.agent_type AS agentType,
         e.execution_mode AS executionMode, m.text AS model, e.input_size AS inputSize, e.output_size AS outputSize,
         NULLIF(LOWER(HEX(e.input_digest)), '') AS inputDigest, e.total_tokens AS totalTokens, e.tool_calls AS toolCalls
       FROM event e LEFT JOIN word n ON n.id = e.name_id LEFT JOIN word m ON m.id = e.model_id
       WHERE e.session_id = ? ORDER BY e.at DESC, e.id DESC LIMIT ?`,
    )
    .all(sessionRowId, limit);
}

/** Calls of it that started a subagent: the newest `limit`, newest first. */
export function sessionTasks(db: Database, sessionRowId: number, limit: number): readonly TaskRow[] {
  const columns = `, k.agent_type AS agentType, k.execution_mode AS executionMode, k.requested_model AS requestedModel,
    k.model AS actualModel, k.status, k.completed_at AS completedAt, k.tool_calls AS toolCalls, k.total_tokens AS totalTokens,
    k.duration_ms AS ownDurationMs, ch.id AS childRowId, (
      SELECT SUM(r.uncached_input_tokens + r.cache_read_tokens + r.cache_write_5m_tokens + r.cache_write_1h_tokens + r.output_tokens)
      FROM session_rollup r WHERE r.session_id = ch.id) AS childTokens`;
  const joins = `JOIN task k ON k.turn_id = c.turnId AND k.session_id = c.sessionId AND k.call_id = c.callId
    LEFT JOIN session ch ON ch.sid = k.child_sid AND ch.provider = (SELECT provider FROM session WHERE id = ?)`;
  return db
    .prepare<[number, number, number, number], TaskRow & { readonly ownDurationMs: number | null }>(
      `${callsOf(columns, joins)} ORDER BY c.at DESC, c.callId LIMIT ?`,
    )
    .all(sessionRowId, sessionRowId, sessionRowId, limit)
    .map(({ ownDurationMs, ...row }) => ({ ...row, durationMs: ownDurationMs ?? row.durationMs }));
}

/** Hashes of what the given calls of a session were given, by call; calls that are not there are left out. */
export function callDigests(
  db: Database,
  sessionRowId: number,
  callIds: readonly number[],
): ReadonlyMap<number, { readonly inputDigest: string | null }> {
  const rows = db
    .prepare<[number, string, number, string], { callId: number; inputDigest: string }>(
      `SELECT c.call_id AS callId, LOWER(HEX(c.input_digest)) AS inputDigest FROM turn t JOIN tool_call c ON c.turn_id = t.id
       WHERE t.session_id = ? AND t.tool_calls > 0 AND c.call_id IN (SELECT value FROM json_each(?))
       UNION ALL SELECT call_id, LOWER(HEX(input_digest)) FROM session_call
       WHERE session_id = ? AND call_id IN (SELECT value FROM json_each(?))`,
    )
    .all(sessionRowId, JSON.stringify(callIds), sessionRowId, JSON.stringify(callIds));
  return new Map(rows.map((row) => [row.callId, { inputDigest: row.inputDigest || null }]));
}

/** Both kinds of calls of a session (its row id is bound twice), as `c`, with further columns and joins of the caller. */
function callsOf(columns: string, joins = ''): string {
  return `SELECT c.callId, c.turn, c.at, c.type, n.text AS name, v.text AS server, g.text AS target, c.inputSize,
      NULLIF(LOWER(HEX(c.digest)), '') AS inputDigest, c.outputSize, c.isError, c.durationMs, c.parentId, m.text AS model${columns}
    FROM (
      SELECT c.call_id AS callId, LOWER(HEX(t.key)) AS turn, COALESCE(c.at, t.at) AS at, c.type, c.name_id, c.server_id, c.target_id,
        c.input_size AS inputSize, c.input_digest AS digest, c.output_size AS outputSize, c.is_error AS isError,
        c.duration_ms AS durationMs, c.parent_id AS parentId, t.model_id, t.id AS turnId, 0 AS sessionId
      FROM turn t JOIN tool_call c ON c.turn_id = t.id WHERE t.session_id = ? AND t.tool_calls > 0
      UNION ALL SELECT call_id, NULL, at, type, name_id, server_id, target_id, input_size, input_digest, output_size, is_error,
        COALESCE(duration_ms, CASE WHEN approximate = 0 AND ended_at >= at THEN ended_at - at END), parent_id, model_id, 0, session_id
      FROM session_call WHERE session_id = ?) c
    ${joins} LEFT JOIN word n ON n.id = c.name_id LEFT JOIN word v ON v.id = c.server_id LEFT JOIN word g ON g.id = c.target_id
    LEFT JOIN word m ON m.id = c.model_id`;
}
