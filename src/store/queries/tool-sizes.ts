import type { Database } from '../driver.ts';

/** A tool a session and its subagents called. */
export interface ToolSize {
  readonly name: string | null;
  /** MCP server. */
  readonly server: string | null;
  readonly calls: number;
  /** Serialised arguments as they stand in the logs. */
  readonly inputBytes: number;
}

/** Tools of a top-level session by calls, most first. */
export function toolSizes(db: Database, topRowId: number, limit: number): readonly ToolSize[] {
  return db
    .prepare<[number, number, number], ToolSize>(
      `SELECT n.text AS name, v.text AS server, c.calls, c.inputBytes FROM (
         SELECT name_id, server_id, COUNT(*) AS calls, SUM(input_size) AS inputBytes FROM (
           SELECT c.name_id, c.server_id, c.input_size FROM session s JOIN turn t ON t.session_id = s.id
             JOIN tool_call c ON c.turn_id = t.id WHERE s.top_id = ? AND t.tool_calls > 0
           UNION ALL SELECT c.name_id, c.server_id, c.input_size FROM session s JOIN session_call c ON c.session_id = s.id
             WHERE s.top_id = ?) GROUP BY name_id, server_id ORDER BY calls DESC LIMIT ?) c
       LEFT JOIN word n ON n.id = c.name_id LEFT JOIN word v ON v.id = c.server_id ORDER BY c.calls DESC, name`,
    )
    .all(topRowId, topRowId, limit);
}
