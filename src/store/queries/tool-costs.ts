import type { Database } from '../driver.ts';

/** What a session and its subagents called, and what that took. */
export interface ToolCost {
  /** Of a skill its own name. */
  readonly name: string | null;
  /** MCP server. */
  readonly server: string | null;
  readonly isSkill: boolean;
  readonly calls: number;
  readonly errors: number;
  /** Arguments and results as they stand in the logs; results that are not told count nothing. */
  readonly bytes: number;
  /** Nano-USD of the turns that called it, each shared evenly among its calls. Calls of which the log tells no turn have none. */
  readonly nano: number;
  /** Calls in turns that have a cost. */
  readonly pricedCalls: number;
}

/** Of a top-level session, most calls first. */
export function toolCosts(db: Database, topRowId: number): readonly ToolCost[] {
  const columns = 'type, name_id, server_id, target_id, is_error, input_size, output_size';
  return db
    .prepare<[number, number], Omit<ToolCost, 'isSkill'> & { readonly isSkill: number }>(
      `SELECT n.text AS name, v.text AS server, c.isSkill, c.calls, c.errors, c.bytes, c.nano, c.pricedCalls FROM (
         SELECT type = 'skill' AND target_id <> 0 AS isSkill, CASE WHEN type = 'skill' AND target_id <> 0 THEN target_id ELSE name_id END AS word_id,
           server_id, COUNT(*) AS calls, COALESCE(SUM(is_error), 0) AS errors, TOTAL(input_size) + TOTAL(output_size) AS bytes,
           TOTAL(nano) AS nano, COUNT(nano) AS pricedCalls
         FROM (
           SELECT ${columns.replace(/\w+/g, 'c.$&')}, COALESCE(t.cost_logged_nano, t.cost_calculated_nano) * 1.0 / t.tool_calls AS nano
             FROM session s JOIN turn t ON t.session_id = s.id JOIN tool_call c ON c.turn_id = t.id WHERE s.top_id = ? AND t.tool_calls > 0
           UNION ALL SELECT ${columns.replace(/\w+/g, 'c.$&')}, NULL FROM session s JOIN session_call c ON c.session_id = s.id WHERE s.top_id = ?)
         GROUP BY 1, 2, 3) c
       LEFT JOIN word n ON n.id = c.word_id LEFT JOIN word v ON v.id = c.server_id ORDER BY c.calls DESC, name`,
    )
    .all(topRowId, topRowId)
    .map((row) => ({ ...row, isSkill: row.isSkill === 1 }));
}
