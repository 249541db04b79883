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

/** Calls by tool, of the turns of a scope and, where a log does not say which turn asked, of its sessions. */
export function toolUse(db: Database, scope: Scope): readonly ToolUse[] {
  const { where, values } = scopeConditions(db, scope, turnColumns);
  const own = scopeConditions(db, scope, { ...turnColumns, row: 'c', time: 'c.at' });
  const columns = 'c.name_id, c.server_id, c.is_error, c.input_size, c.output_size, s.top_id, s.provider';
  return db
    .prepare<unknown[], Omit<ToolUse, 'providers'> & { providers: string }>(
      `SELECT n.text AS name, v.text AS server, COUNT(*) AS calls, COALESCE(SUM(c.is_error), 0) AS errors, COUNT(DISTINCT c.top_id) AS sessions,
        COALESCE(SUM(c.input_size), 0) AS inputBytes, SUM(c.output_size) AS outputBytes, json_group_array(DISTINCT c.provider) AS providers
       FROM (SELECT ${columns} FROM turn t JOIN tool_call c ON c.turn_id = t.id JOIN session s ON s.id = t.session_id WHERE ${where}
         UNION ALL SELECT ${columns} FROM session_call c JOIN session s ON s.id = c.session_id WHERE ${own.where}) c
       LEFT JOIN word n ON n.id = c.name_id LEFT JOIN word v ON v.id = c.server_id GROUP BY c.name_id, c.server_id`,
    )
    .all(...values, ...own.values)
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
