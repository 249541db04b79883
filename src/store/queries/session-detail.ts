import type { Database } from '../driver.ts';
import { type SessionUse, sessionUse } from './live-sessions.ts';

/** Everything one screen shows of a top-level session. Times are UTC ms, costs nano-USD, `null` unknown. */
export interface SessionDetail extends SessionUse {
  /** Newest turn, its own or a subagent's. */
  readonly lastActivityAt: number | null;
  /** By cost, dearest first. */
  readonly models: readonly ModelUse[];
  /** By calls, most first; subagents' calls included. */
  readonly tools: readonly ToolCalls[];
  /** Newest first. */
  readonly subagents: readonly SubagentUse[];
  /** Newest first. */
  readonly compactions: readonly CompactionMark[];
  /** The session's own, newest first. */
  readonly turns: readonly TurnLine[];
}

export interface ModelUse {
  readonly model: string | null;
  readonly fast: number;
  readonly turns: number;
  readonly nano: number;
  readonly pricedTurns: number;
}

export interface ToolCalls {
  readonly name: string | null;
  /** MCP server. */
  readonly server: string | null;
  readonly calls: number;
  readonly errors: number;
}

export interface SubagentUse {
  readonly rowId: number;
  readonly agentType: string | null;
  readonly model: string | null;
  readonly lastTurnAt: number | null;
  readonly turns: number;
  readonly nano: number;
  readonly pricedTurns: number;
}

export interface CompactionMark {
  readonly at: number;
  readonly preTokens: number | null;
  readonly postTokens: number | null;
}

export interface TurnLine {
  readonly at: number;
  readonly model: string | null;
  readonly uncachedInputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
  readonly outputTokens: number;
  /** What the next request starts from. */
  readonly contextTokens: number;
  readonly toolCalls: number;
  readonly nano: number | null;
  readonly sidechain: number;
  readonly isCompaction: number;
}

/** One session with at most `turnLimit` of its last turns; undefined when there is none of this row id. */
export function sessionDetail(db: Database, rowId: number, turnLimit: number): SessionDetail | undefined {
  const use = sessionUse(db, [rowId]).get(rowId);
  if (use === undefined) return undefined;
  const newest = db
    .prepare<[number], { at: number | null }>('SELECT MAX(last_turn_at) AS at FROM session WHERE top_id = ?')
    .get(rowId);
  return {
    ...use,
    lastActivityAt: newest?.at ?? null,
    models: modelsOf(db, rowId),
    tools: toolsOf(db, rowId),
    subagents: use.facts.subagents === 0 ? [] : subagentsOf(db, rowId),
    compactions: use.facts.compactions === 0 ? [] : compactionsOf(db, rowId),
    turns: turnsOf(db, rowId, turnLimit),
  };
}

function modelsOf(db: Database, rowId: number): readonly ModelUse[] {
  return db
    .prepare<[number], ModelUse>(
      `SELECT w.text AS model, r.fast, SUM(r.turns) AS turns, TOTAL(r.auto_nano) AS nano, SUM(r.auto_turns) AS pricedTurns
       FROM session s JOIN session_rollup r ON r.session_id = s.id LEFT JOIN word w ON w.id = r.model_id
       WHERE s.top_id = ? GROUP BY r.model_id, r.fast HAVING SUM(r.turns) > 0 ORDER BY nano DESC, turns DESC`,
    )
    .all(rowId);
}

function toolsOf(db: Database, rowId: number): readonly ToolCalls[] {
  return db
    .prepare<[number, number], ToolCalls>(
      `SELECT n.text AS name, v.text AS server, c.calls, c.errors FROM (
         SELECT name_id, server_id, COUNT(*) AS calls, COALESCE(SUM(is_error), 0) AS errors FROM (
           SELECT c.name_id, c.server_id, c.is_error FROM session s JOIN turn t ON t.session_id = s.id
             JOIN tool_call c ON c.turn_id = t.id WHERE s.top_id = ? AND t.tool_calls > 0
           UNION ALL SELECT c.name_id, c.server_id, c.is_error FROM session s JOIN session_call c ON c.session_id = s.id
             WHERE s.top_id = ?) GROUP BY name_id, server_id) c
       LEFT JOIN word n ON n.id = c.name_id LEFT JOIN word v ON v.id = c.server_id ORDER BY c.calls DESC, name`,
    )
    .all(rowId, rowId);
}

function subagentsOf(db: Database, rowId: number): readonly SubagentUse[] {
  return db
    .prepare<[number, number], SubagentUse>(
      `SELECT s.id AS rowId, s.agent_type AS agentType, m.text AS model, s.last_turn_at AS lastTurnAt,
         COALESCE(SUM(r.turns), 0) AS turns, TOTAL(r.auto_nano) AS nano, COALESCE(SUM(r.auto_turns), 0) AS pricedTurns
       FROM session s LEFT JOIN session_rollup r ON r.session_id = s.id LEFT JOIN word m ON m.id = s.model_id
       WHERE s.top_id = ? AND s.id <> ? GROUP BY s.id ORDER BY s.last_turn_at DESC, s.id DESC`,
    )
    .all(rowId, rowId);
}

function compactionsOf(db: Database, rowId: number): readonly CompactionMark[] {
  return db
    .prepare<[number], CompactionMark>(
      `SELECT at, pre_tokens AS preTokens, post_tokens AS postTokens FROM event
       WHERE session_id = ? AND kind = 'compaction' ORDER BY at DESC`,
    )
    .all(rowId);
}

function turnsOf(db: Database, rowId: number, limit: number): readonly TurnLine[] {
  return db
    .prepare<[number, number], TurnLine>(
      `SELECT t.at, m.text AS model, t.uncached_input_tokens AS uncachedInputTokens, t.cache_read_tokens AS cacheReadTokens,
         t.cache_write_5m_tokens + t.cache_write_1h_tokens AS cacheWriteTokens, t.output_tokens AS outputTokens,
         t.context_tokens AS contextTokens, t.tool_calls AS toolCalls,
         COALESCE(t.cost_logged_nano, t.cost_calculated_nano) AS nano, t.sidechain, t.is_compaction AS isCompaction
       FROM turn t LEFT JOIN word m ON m.id = t.model_id WHERE t.session_id = ? ORDER BY t.at DESC, t.id DESC LIMIT ?`,
    )
    .all(rowId, limit);
}
