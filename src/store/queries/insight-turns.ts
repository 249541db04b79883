import type { Database } from '../driver.ts';

/** A turn of a session as insight needs it, before it is priced. Tokens whole, `nano` in nano-USD, `at` UTC ms. */
export interface InsightTurnRow {
  readonly rowId: number;
  /** The row's key in hex. */
  readonly id: string;
  /** Row id of the session it belongs to; a subagent's is another than the one asked for. */
  readonly sessionRowId: number;
  readonly at: number;
  readonly model: string | null;
  readonly fast: number;
  readonly sidechain: number;
  readonly uncachedInputTokens: number;
  readonly cacheReadInputTokens: number;
  readonly cacheCreation5mInputTokens: number;
  readonly cacheCreation1hInputTokens: number;
  readonly outputTokens: number;
  readonly reasoningOutputTokens: number | null;
  readonly promptTokens: number;
  readonly contextTokens: number;
  readonly nano: number | null;
  readonly toolCalls: number;
  readonly mcpCalls: number;
  readonly isCompaction: number;
}

const columns = `t.id AS rowId, LOWER(HEX(t.key)) AS id, t.session_id AS sessionRowId, t.at, m.text AS model, t.fast, t.sidechain,
  t.uncached_input_tokens AS uncachedInputTokens, t.cache_read_tokens AS cacheReadInputTokens,
  t.cache_write_5m_tokens AS cacheCreation5mInputTokens, t.cache_write_1h_tokens AS cacheCreation1hInputTokens,
  t.output_tokens AS outputTokens, t.reasoning_tokens AS reasoningOutputTokens, t.prompt_tokens AS promptTokens,
  t.context_tokens AS contextTokens, COALESCE(t.cost_logged_nano, t.cost_calculated_nano) AS nano,
  t.tool_calls AS toolCalls, t.mcp_calls AS mcpCalls, t.is_compaction AS isCompaction`;

/** The newest `limit` turns of a top-level session and its subagents, or of those from a time on or before one, oldest first. */
export function sessionTurns(
  db: Database,
  topRowId: number,
  limit: number,
  {
    fromMs = Number.MIN_SAFE_INTEGER,
    beforeMs = Number.MAX_SAFE_INTEGER,
  }: { readonly fromMs?: number | undefined; readonly beforeMs?: number | undefined } = {},
): readonly InsightTurnRow[] {
  return db
    .prepare<[number, number, number, number], InsightTurnRow>(
      `SELECT ${columns} FROM session s JOIN turn t ON t.session_id = s.id LEFT JOIN word m ON m.id = t.model_id
       WHERE s.top_id = ? AND t.at >= ? AND t.at < ? ORDER BY t.at DESC, t.id DESC LIMIT ?`,
    )
    .all(topRowId, fromMs, beforeMs, limit)
    .reverse();
}

/** How many turns a top-level session and its subagents have, or had before a time. */
export function countTurns(db: Database, topRowId: number, beforeMs = Number.MAX_SAFE_INTEGER): number {
  return (
    db
      .prepare<[number, number], number>(
        'SELECT COUNT(*) FROM session s JOIN turn t ON t.session_id = s.id WHERE s.top_id = ? AND t.at < ?',
      )
      .pluck()
      .get(topRowId, beforeMs) ?? 0
  );
}

/** The newest `limit` turns of a session's own chain, subagents' left out, oldest first. */
export function mainTurns(db: Database, rowId: number, limit: number): readonly InsightTurnRow[] {
  return db
    .prepare<[number, number], InsightTurnRow>(
      `SELECT ${columns} FROM turn t JOIN session s ON s.id = t.session_id LEFT JOIN word m ON m.id = t.model_id
       WHERE t.session_id = ? AND t.sidechain = 0 ORDER BY t.at DESC, t.id DESC LIMIT ?`,
    )
    .all(rowId, limit)
    .reverse();
}

/** What tells a compaction on a session's own chain: newest first, all of it, as it is asked for. */
export function mainPrompts(
  db: Database,
  rowId: number,
): Iterable<Pick<InsightTurnRow, 'at' | 'model' | 'promptTokens' | 'contextTokens'>> {
  return db
    .prepare<[number], Pick<InsightTurnRow, 'at' | 'model' | 'promptTokens' | 'contextTokens'>>(
      `SELECT t.at, m.text AS model, t.prompt_tokens AS promptTokens, t.context_tokens AS contextTokens
       FROM turn t LEFT JOIN word m ON m.id = t.model_id
       WHERE t.session_id = ? AND t.sidechain = 0 ORDER BY t.at DESC, t.id DESC`,
    )
    .iterate(rowId);
}

/** The newest `limit` turns within a stretch of time, of whatever session, oldest first. */
export function turnsWithin(db: Database, fromMs: number, toMs: number, limit: number): readonly InsightTurnRow[] {
  return db
    .prepare<[number, number, number], InsightTurnRow>(
      `SELECT ${columns} FROM turn t LEFT JOIN word m ON m.id = t.model_id
       WHERE t.at >= ? AND t.at < ? ORDER BY t.at DESC, t.id DESC LIMIT ?`,
    )
    .all(fromMs, toMs, limit)
    .reverse();
}

/** Marks of full compactions of these sessions, by time. */
export function compactionMarks(
  db: Database,
  sessionRowIds: readonly number[],
): readonly { readonly sessionRowId: number; readonly at: number }[] {
  return db
    .prepare<[string], { sessionRowId: number; at: number }>(
      `SELECT session_id AS sessionRowId, at FROM event WHERE session_id IN (SELECT value FROM json_each(?))
       AND kind = 'compaction' ORDER BY at`,
    )
    .all(JSON.stringify(sessionRowIds));
}

/** What the context was after neighbouring main-chain turns of one session. */
export interface ContextStep {
  readonly sessionRowId: number;
  readonly contextTokens: number;
  readonly promptTokens: number;
}

/**
 * Main-chain turns of a model since a time, newest first, looked for among the last `scanned` turns of the store only: the
 * cost of asking does not grow with it.
 */
export function contextSteps(db: Database, model: string, sinceMs: number, scanned: number): readonly ContextStep[] {
  return db
    .prepare<[number, number, string], ContextStep>(
      `SELECT session_id AS sessionRowId, context_tokens AS contextTokens, prompt_tokens AS promptTokens FROM (
         SELECT session_id, context_tokens, prompt_tokens, model_id, sidechain FROM turn WHERE at >= ? ORDER BY at DESC LIMIT ?)
       WHERE sidechain = 0 AND context_tokens > 0 AND model_id = (SELECT id FROM word WHERE text = ?)`,
    )
    .all(sinceMs, scanned, model);
}
