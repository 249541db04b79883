import type { Database } from '../driver.ts';
import { bucketMs, dayMs } from '../rollups.ts';
import { sumColumns } from '../sums.ts';
import { projectIdsNamed } from './projects.ts';

/** Which part of the store a question is about. Empty lists: everything. */
export interface Scope {
  /** UTC ms, inclusive and exclusive. */
  readonly fromMs: number | undefined;
  readonly toMs: number | undefined;
  /** Exact, case-insensitive. */
  readonly providers: readonly string[];
  /** Parts of a name, case-insensitive. */
  readonly models: readonly string[];
  /** Display names or root paths, case-insensitive. */
  readonly projects: readonly string[];
  readonly branches: readonly string[];
  readonly tags: readonly string[];
}

export const everything: Scope = {
  fromMs: undefined,
  toMs: undefined,
  providers: [],
  models: [],
  projects: [],
  branches: [],
  tags: [],
};

/** SQL for a scope's rows: a table expression named `r` with its dimensions, conditions and values for both. */
export interface ScopedSource {
  /** `rollup r`, `rollup_day r`, or `session_rollup r JOIN session s …`; in periods `r` has the period's index, `i`, too. */
  readonly from: string;
  readonly where: string;
  readonly values: readonly unknown[];
  readonly provider: string;
  readonly project: string;
  /** Do rows know their session? Needed for sessions, agents and tags. */
  readonly hasSessions: boolean;
}

/**
 * Rows of quarter hours; where an end of the scope lies within one, the rows that part of it is the sum of: both have the
 * same columns, so every question can be asked of either. `inPeriods`: once for every `period (i, s, e)` it lies in.
 * `byDay`: days UTC will do, and no branch is asked for.
 */
export function scopedSource(
  db: Database,
  scope: Scope,
  asked: { readonly needsSessions?: boolean; readonly inPeriods?: boolean; readonly byDay?: boolean },
): ScopedSource {
  const liesOn = (ms: number): boolean => (scope.fromMs ?? 0) % ms === 0 && (scope.toMs ?? 0) % ms === 0;
  const aligned = liesOn(bucketMs);
  const hasSessions = asked.needsSessions === true || scope.tags.length > 0 || !aligned;
  const days = asked.byDay === true && liesOn(dayMs) && scope.branches.length === 0 ? 'rollup_day' : 'rollup';
  const parts = !aligned ? quartersAndRest(scope) : [{ ...scope, table: hasSessions ? 'session_rollup' : days }];
  const rows = parts.map((part) => rowsOf(part, asked.inPeriods === true));
  const provider = hasSessions ? 's.provider' : 'r.provider';
  const project = hasSessions ? 's.project_id' : 'r.project_id';
  return {
    from: `(${rows.join(' UNION ALL ')}) r${hasSessions ? ' JOIN session s ON s.id = r.session_id' : ''}`,
    ...scopeConditions(db, scope, { row: 'r', time: 'r.bucket', provider, project }),
    provider,
    project,
    hasSessions,
  };
}

/** A scope as conditions over rows `row` (with model and branch) and, where it asks for them, their sessions `s`. */
export function scopeConditions(
  db: Database,
  scope: Scope,
  columns: { readonly row: string; readonly time: string; readonly provider: string; readonly project: string },
): { readonly where: string; readonly values: readonly unknown[] } {
  const conditions: string[] = ['1'];
  const values: unknown[] = [];
  const add = (condition: string, ...bound: readonly unknown[]): void => {
    conditions.push(condition);
    values.push(...bound);
  };
  const addIn = (expression: string, list: readonly unknown[]): void =>
    add(`${expression} IN (${list.map(() => '?').join(', ')})`, ...list);
  if (scope.fromMs !== undefined) add(`${columns.time} >= ?`, scope.fromMs);
  if (scope.toMs !== undefined) add(`${columns.time} < ?`, scope.toMs);
  if (scope.providers.length > 0)
    addIn(
      `LOWER(${columns.provider})`,
      scope.providers.map((name) => name.toLowerCase()),
    );
  if (scope.models.length > 0)
    addIn(
      `${columns.row}.model_id`,
      wordIds(db, scope.models, (text, wanted) => text.includes(wanted)),
    );
  if (scope.branches.length > 0)
    addIn(
      `${columns.row}.branch_id`,
      wordIds(db, scope.branches, (text, wanted) => text === wanted),
    );
  if (scope.projects.length > 0) addIn(columns.project, projectIdsNamed(db, scope.projects));
  if (scope.tags.length > 0) {
    const tags = scope.tags.map((tag) => tag.toLowerCase());
    add(`s.top_id IN (SELECT session_id FROM tag WHERE LOWER(tag) IN (${tags.map(() => '?').join(', ')}))`, ...tags);
  }
  return { where: conditions.join(' AND '), values };
}

/** Without an end: from ever, or for ever. */
type TimeRange = Partial<Pick<Scope, 'fromMs' | 'toMs'>>;

const endOfTime = Number.MAX_SAFE_INTEGER;

/** What a range is made of. */
interface Part extends TimeRange {
  readonly table: string;
}

/** The sums of the whole quarters of an hour within a range, and what lies before and after them row by row. */
function quartersAndRest({ fromMs = -endOfTime, toMs = endOfTime }: TimeRange): readonly Part[] {
  const first = Math.ceil(fromMs / bucketMs) * bucketMs;
  const end = Math.floor(toMs / bucketMs) * bucketMs;
  if (first >= end) return [{ table: `(${rowsToSum([{ fromMs, toMs }])})` }];
  const rest = [
    { fromMs, toMs: first },
    { fromMs: end, toMs },
  ];
  const columns = ['bucket', 'session_id', 'model_id', 'fast', 'branch_id', 'sidechain', ...sumColumns].join(', ');
  return [
    { table: `(SELECT ${columns} FROM session_rollup)`, fromMs: first, toMs: end },
    { table: `(${rowsToSum(rest)})` },
  ];
}

/** A part of a range, or what of it lies in each period. Numbers are ours, never text. */
function rowsOf({ table, fromMs = -endOfTime, toMs = endOfTime }: Part, inPeriods: boolean): string {
  return inPeriods
    ? `SELECT p.i, r.* FROM period p CROSS JOIN ${table} r WHERE r.bucket >= MAX(p.s, ${fromMs}) AND r.bucket < MIN(p.e, ${toMs})`
    : `SELECT r.* FROM ${table} r WHERE r.bucket >= ${fromMs} AND r.bucket < ${toMs}`;
}

/** Turns, prompts and calls of no turn in the shape of `session_rollup`, each at its own time. */
export function rowsToSum(ranges: readonly TimeRange[]): string {
  const range = ranges
    .map(({ fromMs = -endOfTime, toMs = endOfTime }) => `(at >= ${fromMs} AND at < ${toMs})`) // numbers of ours, never text
    .join(' OR ');
  const turn: Record<(typeof sumColumns)[number], string> = {
    turns: 'responses',
    prompts: '0',
    tool_calls: 'tool_calls',
    mcp_calls: 'mcp_calls',
    uncached_input_tokens: 'uncached_input_tokens',
    cache_read_tokens: 'cache_read_tokens',
    cache_write_5m_tokens: 'cache_write_5m_tokens',
    cache_write_1h_tokens: 'cache_write_1h_tokens',
    output_tokens: 'output_tokens',
    reasoning_tokens: 'COALESCE(reasoning_tokens, 0)',
    reasoning_turns: '(reasoning_tokens IS NOT NULL) * responses',
    logged_nano: 'COALESCE(cost_logged_nano, 0)',
    logged_turns: '(cost_logged_nano IS NOT NULL) * responses',
    calculated_nano: 'COALESCE(cost_calculated_nano, 0)',
    calculated_turns: '(cost_calculated_nano IS NOT NULL) * responses',
    auto_nano: 'COALESCE(cost_logged_nano, cost_calculated_nano, 0)',
    auto_turns: '(COALESCE(cost_logged_nano, cost_calculated_nano) IS NOT NULL) * responses',
    savings_nano: 'COALESCE(savings_nano, 0)',
  };
  const columns = sumColumns.map((column) => `${turn[column]} AS ${column}`).join(', ');
  const only = (counts: Partial<Record<(typeof sumColumns)[number], string>>): string =>
    sumColumns.map((column) => counts[column] ?? '0').join(', ');
  // `+at`: SQLite would look for the outer conditions by the index, and read all that lies between the ranges.
  return `SELECT +at AS bucket, session_id, model_id, fast, branch_id, sidechain, ${columns} FROM turn WHERE ${range}
    UNION ALL SELECT +at, session_id, model_id, 0, branch_id, 0, ${only({ prompts: '1' })} FROM prompt WHERE ${range}
    UNION ALL SELECT +at, session_id, model_id, 0, branch_id, sidechain, ${only({ tool_calls: '1', mcp_calls: "type = 'mcp'" })} FROM session_call WHERE ${range}`;
}

function wordIds(
  db: Database,
  wanted: readonly string[],
  matches: (text: string, wanted: string) => boolean,
): readonly number[] {
  const lower = wanted.map((word) => word.toLowerCase());
  return db
    .prepare<[], { id: number; text: string }>('SELECT id, text FROM word')
    .all()
    .filter((word) => lower.some((part) => matches(word.text.toLowerCase(), part)))
    .map((word) => word.id);
}
