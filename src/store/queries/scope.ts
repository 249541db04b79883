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
  /** `rollup r`, `rollup_day r`, or `session_rollup r JOIN session s …`. */
  readonly from: string;
  readonly where: string;
  readonly values: readonly unknown[];
  readonly provider: string;
  readonly project: string;
  /** Do rows know their session? Needed for sessions, agents and tags. */
  readonly hasSessions: boolean;
}

/**
 * Rows of quarter hours where the scope's ends lie on one, else the rows they are the sums of: both have the same
 * columns, so every question can be asked of either. `byDay`: days UTC will do, and no branch is asked for.
 */
export function scopedSource(db: Database, scope: Scope, needsSessions: boolean, byDay = false): ScopedSource {
  const liesOn = (ms: number): boolean => (scope.fromMs ?? 0) % ms === 0 && (scope.toMs ?? 0) % ms === 0;
  const aligned = liesOn(bucketMs);
  const hasSessions = needsSessions || scope.tags.length > 0 || !aligned;
  const days = byDay && liesOn(dayMs) && scope.branches.length === 0 ? 'rollup_day' : 'rollup';
  const table = !aligned ? rowsToSum(scope) : hasSessions ? 'session_rollup' : days;
  const provider = hasSessions ? 's.provider' : 'r.provider';
  const project = hasSessions ? 's.project_id' : 'r.project_id';
  return {
    from: hasSessions ? `${table} r JOIN session s ON s.id = r.session_id` : `${table} r`,
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

/** Turns, prompts and calls of no turn in the shape of `session_rollup`, for ranges that begin or end within a quarter of an hour. */
export function rowsToSum(scope: Scope): string {
  const range = `at >= ${scope.fromMs ?? 0} AND at < ${scope.toMs ?? Number.MAX_SAFE_INTEGER}`; // numbers of ours, never text
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
  return `(SELECT at AS bucket, session_id, model_id, fast, branch_id, sidechain, ${columns} FROM turn WHERE ${range}
    UNION ALL SELECT at, session_id, model_id, 0, branch_id, 0, ${only({ prompts: '1' })} FROM prompt WHERE ${range}
    UNION ALL SELECT at, session_id, model_id, 0, branch_id, sidechain, ${only({ tool_calls: '1', mcp_calls: "type = 'mcp'" })} FROM session_call WHERE ${range})`;
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
