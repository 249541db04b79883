import type { Database } from '../driver.ts';
import { type sumColumns, sumSelect } from '../sums.ts';
import { projectNames } from './projects.ts';
import type { GroupSums } from './report.ts';

/** What was used on one branch of a project. */
export interface ProjectBranch {
  readonly project: string | null;
  readonly branch: string | null;
  readonly compactions: number;
  readonly sums: GroupSums;
}

/** Use by project and branch, in no order. */
export function projectBranches(db: Database): readonly ProjectBranch[] {
  const rows = db
    .prepare<
      [],
      { projectId: number; branch: string | null; compactions: number; sessions: number } & Record<
        (typeof sumColumns)[number],
        number
      >
    >(
      `WITH c AS MATERIALIZED (SELECT project_id, branch_id, SUM(compactions) AS n FROM session GROUP BY 1, 2)
       SELECT s.project_id AS projectId, b.text AS branch, COUNT(DISTINCT CASE WHEN r.turns > 0 THEN s.top_id END) AS sessions,
         COALESCE(MAX(c.n), 0) AS compactions,
         ${sumSelect('r')}
       FROM session_rollup r JOIN session s ON s.id = r.session_id LEFT JOIN word b ON b.id = r.branch_id
         LEFT JOIN c ON c.project_id = s.project_id AND c.branch_id = r.branch_id
       GROUP BY s.project_id, r.branch_id`,
    )
    .all();
  const projects = projectNames(db);
  return rows.map(({ projectId, branch, compactions, ...sums }) => ({
    project: projects.get(projectId)?.name ?? null,
    branch,
    compactions,
    sums,
  }));
}
