import type { Database } from '../driver.ts';
import { projectNames } from './projects.ts';

/** What was used on one branch of a project. */
export interface ProjectBranch {
  readonly project: string | null;
  readonly branch: string | null;
  /** Top-level sessions with a turn on it. */
  readonly sessions: number;
  readonly compactions: number;
  readonly turns: number;
  readonly nano: number;
  readonly uncachedInputTokens: number;
  readonly cacheReadTokens: number;
}

interface PlaceRow {
  readonly projectId: number;
  readonly branchId: number;
}

/** Use by project and branch, in no order. */
export function projectBranches(db: Database): readonly ProjectBranch[] {
  const counts = (sql: string): ReadonlyMap<string, number> =>
    new Map(
      db
        .prepare<[], PlaceRow & { n: number }>(sql)
        .all()
        .map((row) => [placeOf(row), row.n]),
    );
  const sessions = counts(
    `SELECT projectId, branchId, COUNT(*) AS n FROM (
       SELECT DISTINCT s.project_id AS projectId, r.branch_id AS branchId, s.top_id
       FROM session_rollup r JOIN session s ON s.id = r.session_id WHERE r.turns > 0) GROUP BY 1, 2`,
  );
  const compactions = counts(
    'SELECT project_id AS projectId, branch_id AS branchId, SUM(compactions) AS n FROM session WHERE compactions > 0 GROUP BY 1, 2',
  );
  const projects = projectNames(db);
  return db
    .prepare<[], PlaceRow & Omit<ProjectBranch, 'project' | 'sessions' | 'compactions'>>(
      `SELECT x.*, b.text AS branch FROM (
         SELECT project_id AS projectId, branch_id AS branchId, SUM(turns) AS turns, SUM(auto_nano) AS nano,
           SUM(uncached_input_tokens) AS uncachedInputTokens, SUM(cache_read_tokens) AS cacheReadTokens
         FROM rollup GROUP BY 1, 2) x LEFT JOIN word b ON b.id = x.branchId`,
    )
    .all()
    .map(({ projectId, branchId, ...used }) => ({
      ...used,
      project: projects.get(projectId)?.name ?? null,
      sessions: sessions.get(placeOf({ projectId, branchId })) ?? 0,
      compactions: compactions.get(placeOf({ projectId, branchId })) ?? 0,
    }));
}

function placeOf({ projectId, branchId }: PlaceRow): string {
  return `${projectId}/${branchId}`;
}
