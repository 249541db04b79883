import type { Database } from './driver.ts';
import { everything, rowsToSum } from './queries/scope.ts';
import { bucketMs, dayMs } from './rollups.ts';
import { sumColumnList, sumColumns } from './sums.ts';

/** How many sums there are, and how many are not what their rows add up to, are missing, or stand for nothing. */
export function countWrongSums(db: Database): { readonly buckets: number; readonly wrong: number } {
  const count = (sql: string): number => db.prepare<[], number>(`SELECT COUNT(*) FROM (${sql})`).pluck().get() ?? 0;
  const wrong = ({ table, keys, rows }: Sums): number => {
    const stored = `SELECT ${keys}, ${sumColumnList} FROM ${table}`;
    // A wrong sum is in both differences: it is one of theirs and one of ours.
    const ours = count(`SELECT ${keys} FROM (${stored} EXCEPT ${rows})`);
    const theirs = count(`SELECT ${keys} FROM (${rows} EXCEPT ${stored})`);
    const both =
      ours === 0 || theirs === 0
        ? 0
        : count(
            `SELECT ${keys} FROM (${stored} EXCEPT ${rows}) INTERSECT SELECT ${keys} FROM (${rows} EXCEPT ${stored})`,
          );
    return ours + theirs - both;
  };
  return {
    buckets: count('SELECT 1 FROM session_rollup') + count('SELECT 1 FROM rollup'),
    wrong: wrong(bySession) + wrong(byPlace) + wrong(byDay),
  };
}

/** Works every sum out again from the rows, in one transaction. */
export function rebuildSums(db: Database): void {
  db.transaction(() => {
    for (const { table, keys, rows } of [bySession, byPlace, byDay])
      db.exec(`DELETE FROM ${table}; INSERT INTO ${table} (${keys}, ${sumColumnList}) ${rows}`);
  }).immediate();
}

interface Sums {
  readonly table: string;
  readonly keys: string;
  /** What ought to be in it. */
  readonly rows: string;
}

const totals = sumColumns.map((column) => `CAST(TOTAL(f.${column}) AS INTEGER) AS ${column}`).join(', ');
const bucket = `f.bucket / ${bucketMs} * ${bucketMs} AS bucket`;

const bySession: Sums = {
  table: 'session_rollup',
  keys: 'bucket, session_id, model_id, fast, branch_id, sidechain',
  rows: `SELECT ${bucket}, f.session_id, f.model_id, f.fast, f.branch_id, f.sidechain, ${totals}
    FROM (${rowsToSum([everything])}) f GROUP BY 1, 2, 3, 4, 5, 6`,
};

const byPlace: Sums = {
  table: 'rollup',
  keys: 'bucket, provider, model_id, fast, project_id, branch_id',
  rows: `SELECT ${bucket}, s.provider, f.model_id, f.fast, s.project_id, f.branch_id, ${totals}
    FROM (${rowsToSum([everything])}) f JOIN session s ON s.id = f.session_id GROUP BY 1, 2, 3, 4, 5, 6`,
};

/** Of `rollup` it is a sum as it stands; where that one is wrong this is told once. */
const byDay: Sums = {
  table: 'rollup_day',
  keys: 'bucket, provider, model_id, fast, project_id',
  rows: `SELECT f.bucket / ${dayMs} * ${dayMs} AS bucket, f.provider, f.model_id, f.fast, f.project_id, ${totals} FROM rollup f GROUP BY 1, 2, 3, 4, 5`,
};
