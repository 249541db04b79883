import type { Database } from '../driver.ts';
import { type Scope, scopeConditions } from './scope.ts';

const turnColumns = { row: 't', time: 't.at', provider: 's.provider', project: 's.project_id' };

export interface ToolUse {
  readonly name: string | null;
  readonly server: string | null;
  readonly calls: number;
  readonly errors: number;
  readonly sessions: number;
  readonly inputBytes: number;
  readonly outputBytes: number | null;
  readonly providers: readonly string[];
}

/** Calls by tool, over the turns of a scope. Calls that belong to no billed response are left out. */
export function toolUse(db: Database, scope: Scope): readonly ToolUse[] {
  const { where, values } = scopeConditions(db, scope, turnColumns);
  return db
    .prepare<unknown[], Omit<ToolUse, 'providers'> & { providers: string }>(
      `SELECT n.text AS name, v.text AS server, COUNT(*) AS calls, COALESCE(SUM(c.is_error), 0) AS errors, COUNT(DISTINCT s.top_id) AS sessions,
        COALESCE(SUM(c.input_size), 0) AS inputBytes, SUM(c.output_size) AS outputBytes, json_group_array(DISTINCT s.provider) AS providers
       FROM turn t JOIN tool_call c ON c.turn_id = t.id JOIN session s ON s.id = t.session_id
       LEFT JOIN word n ON n.id = c.name_id LEFT JOIN word v ON v.id = c.server_id
       WHERE ${where} GROUP BY c.name_id, c.server_id`,
    )
    .all(...values)
    .map((row) => ({ ...row, providers: JSON.parse(row.providers) }));
}

/** First and last turn within a stretch of time, UTC ms; undefined when there is none. */
export function turnSpan(
  db: Database,
  scope: Scope,
): { readonly firstMs: number; readonly lastMs: number } | undefined {
  const { where, values } = scopeConditions(db, scope, turnColumns);
  const row = db
    .prepare<unknown[], { firstMs: number | null; lastMs: number | null }>(
      `SELECT MIN(t.at) AS firstMs, MAX(t.at) AS lastMs FROM turn t JOIN session s ON s.id = t.session_id WHERE ${where}`,
    )
    .get(...values);
  return row?.firstMs == null || row.lastMs == null ? undefined : { firstMs: row.firstMs, lastMs: row.lastMs };
}
