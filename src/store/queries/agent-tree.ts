import type { Database } from '../driver.ts';
import { projectNames } from './projects.ts';

/** A session below a top-level one, itself included, with its own use alone. Times UTC ms, `nano` nano-USD. */
export interface TreeNode {
  readonly rowId: number;
  readonly id: string;
  readonly parentRowId: number | null;
  readonly project: string | null;
  readonly model: string | null;
  readonly agentType: string | null;
  readonly startedAt: number | null;
  readonly turns: number;
  /** Input, cache reads and writes, and output. */
  readonly tokens: number;
  readonly nano: number;
  /** Turns of which the cost is known. */
  readonly pricedTurns: number;
  readonly lastTurnAt: number | null;
}

/** A top-level session and all below it, by when they started; at most 500. */
export function agentTree(db: Database, topRowId: number): readonly TreeNode[] {
  const rows = db
    .prepare<[number], Omit<TreeNode, 'project'> & { readonly projectId: number }>(
      `SELECT s.id AS rowId, s.sid AS id, s.parent_id AS parentRowId, s.project_id AS projectId, m.text AS model,
         s.agent_type AS agentType, s.started_at AS startedAt, COALESCE(SUM(r.turns), 0) AS turns,
         COALESCE(SUM(r.uncached_input_tokens + r.cache_read_tokens + r.cache_write_5m_tokens + r.cache_write_1h_tokens + r.output_tokens), 0) AS tokens,
         TOTAL(r.auto_nano) AS nano, COALESCE(SUM(r.auto_turns), 0) AS pricedTurns, s.last_turn_at AS lastTurnAt
       FROM session s LEFT JOIN session_rollup r ON r.session_id = s.id LEFT JOIN word m ON m.id = s.model_id
       WHERE s.top_id = ? GROUP BY s.id ORDER BY s.started_at, s.id LIMIT 500`,
    )
    .all(topRowId);
  const projects = projectNames(db);
  return rows.map(({ projectId, ...row }) => ({ ...row, project: projects.get(projectId)?.name ?? null }));
}
