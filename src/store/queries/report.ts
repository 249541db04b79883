import type { Database } from '../driver.ts';
import { dayMs } from '../rollups.ts';
import { sumColumns, sumSelect } from '../sums.ts';
import { projectNames } from './projects.ts';
import { type Scope, scopeConditions, scopedSource } from './scope.ts';

/** What a report groups by. `period`: the given stretches of time. */
export type Grouping =
  | 'period'
  | 'session'
  | 'subagent'
  | 'project'
  | 'model'
  | 'provider'
  | 'branch'
  | 'tag'
  | 'agent'
  | 'all';

export interface PeriodRange {
  readonly startMs: number;
  readonly endMs: number;
}

/** Sums of one group; all whole numbers. */
export type GroupSums = { readonly [Column in (typeof sumColumns)[number]]: number } & {
  /** Distinct top-level sessions with a turn in it. */
  readonly sessions: number;
};

export interface Group {
  /** Name of the group; null where the logs say nothing. Periods: the index as text. Sessions: the row id as text. */
  readonly key: string | null;
  readonly fast: boolean;
  readonly sums: GroupSums;
  readonly providers: readonly string[];
  /** Model names; usage in fast mode has `-fast` behind it. */
  readonly models: readonly string[];
  readonly breakdown: readonly { readonly model: string; readonly provider: string; readonly sums: GroupSums }[];
}

interface RawRow {
  readonly k: number | string | null;
  readonly fast: number;
  readonly providers: string;
  readonly models: string;
  readonly [column: string]: number | string | null;
}

const needsSessions: ReadonlySet<Grouping> = new Set(['session', 'subagent', 'tag', 'agent']);

/** Sums by group. Groups without anything are not there. */
export function groupSums(
  db: Database,
  scope: Scope,
  grouping: Grouping,
  options: {
    readonly periods?: readonly PeriodRange[];
    readonly breakdown?: boolean;
    /** False: nobody wants to know how many there were, which costs most; all are 0. */
    readonly sessions?: boolean;
  } = {},
): readonly Group[] {
  const names = nameLookup(db);
  const rows = query(db, scope, grouping, options.periods, false);
  const parts = options.breakdown === true ? query(db, scope, grouping, options.periods, true) : [];
  const counts = (byModel: boolean): ReadonlyMap<string, number> =>
    options.sessions === false ? new Map() : sessionCounts(db, scope, grouping, options.periods, byModel);
  const sessions = counts(false);
  const partSessions = options.breakdown === true ? counts(true) : new Map<string, number>();
  const breakdowns = new Map<string, RawRow[]>();
  for (const part of parts) {
    const key = groupKey(part, grouping);
    breakdowns.set(key, [...(breakdowns.get(key) ?? []), part]);
  }
  return rows.map((row) => ({
    key: names.label(grouping, row.k),
    fast: grouping === 'model' && row.fast === 1,
    sums: sumsOf(row, sessions.get(groupKey(row, grouping)) ?? 0),
    providers: [...new Set(JSON.parse(row.providers) as string[])].sort(),
    models: [...new Set((JSON.parse(row.models) as number[]).map((code) => names.model(code >> 1, code & 1)))].sort(),
    breakdown: (breakdowns.get(groupKey(row, grouping)) ?? []).map((part) => ({
      model: names.model(Number(part.model_id), Number(part.part_fast)),
      provider: String(part.provider),
      sums: sumsOf(
        part,
        partSessions.get(`${groupKey(part, grouping)}|${part.provider}|${part.model_id}|${part.part_fast}`) ?? 0,
      ),
    })),
  }));
}

/** Sums of a whole scope. */
export function totalSums(db: Database, scope: Scope): GroupSums {
  const source = scopedSource(db, scope, { byDay: true });
  const row = db
    .prepare<unknown[], RawRow>(`SELECT ${sumSelect('r')} FROM ${source.from} WHERE ${source.where}`)
    .get(...source.values);
  return sumsOf(row, sessionCounts(db, scope, 'all', undefined, false).get('all') ?? 0);
}

/** First and last quarter of an hour with anything in it; undefined for an empty scope. */
export function dataRange(db: Database, scope: Scope): PeriodRange | undefined {
  const source = scopedSource(db, scope, {});
  const row = db
    .prepare<unknown[], { first: number | null; last: number | null }>(
      `SELECT MIN(r.bucket) AS first, MAX(r.bucket) AS last FROM ${source.from} WHERE ${source.where}`,
    )
    .get(...source.values);
  return row?.first == null || row.last == null ? undefined : { startMs: row.first, endMs: row.last + 1 };
}

/** Quarters of an hour with turns, ascending: what usage blocks are cut from. */
export function activeBuckets(db: Database, scope: Scope): readonly { readonly bucketStartMs: number }[] {
  const source = scopedSource(db, scope, {});
  return db
    .prepare<unknown[], { bucketStartMs: number }>(
      `SELECT DISTINCT r.bucket AS bucketStartMs FROM ${source.from} WHERE ${source.where} AND r.turns > 0 ORDER BY 1`,
    )
    .all(...source.values);
}

/** Models of which turns have no calculated cost, by name. */
export function unpricedModels(db: Database, scope: Scope, cost: 'auto' | 'calculated'): readonly string[] {
  const source = scopedSource(db, scope, { byDay: true });
  const names = nameLookup(db);
  return db
    .prepare<unknown[], { model_id: number; fast: number }>(
      `SELECT r.model_id, r.fast FROM ${source.from} WHERE ${source.where} GROUP BY 1, 2 HAVING SUM(r.turns) > SUM(r.${cost}_turns)`,
    )
    .all(...source.values)
    .map((row) => names.model(row.model_id, row.fast))
    .sort();
}

function query(
  db: Database,
  scope: Scope,
  grouping: Grouping,
  periods: readonly PeriodRange[] | undefined,
  byModel: boolean,
): readonly RawRow[] {
  const inPeriods = periods !== undefined;
  const byDay = grouping !== 'branch' && (periods?.every(isOfDays) ?? true);
  const source = scopedSource(db, scope, { needsSessions: needsSessions.has(grouping), inPeriods, byDay });
  const key = keyExpression(grouping, source.provider, source.project);
  const part = byModel ? `, ${source.provider} AS provider, r.model_id AS model_id, r.fast AS part_fast` : '';
  const by = byModel ? ', 3, 4, 5' : '';
  const statement = db.prepare<unknown[], RawRow>(`
    ${inPeriods ? withPeriods : ''}
    SELECT ${key} AS k, ${grouping === 'model' ? 'r.fast' : '0'} AS fast${part},
      json_group_array(DISTINCT ${source.provider}) AS providers,
      COALESCE(json_group_array(DISTINCT r.model_id * 2 + r.fast) FILTER (WHERE r.turns > 0), '[]') AS models, ${sumSelect('r')}
    FROM ${source.from}${grouping === 'tag' ? " LEFT JOIN tag g ON g.session_id = s.top_id AND g.tag <> ''" : ''}
    WHERE ${source.where}
    GROUP BY 1, 2${by}${having(grouping)}`);
  return statement.all(...(inPeriods ? [periodsJson(periods)] : []), ...source.values);
}

/** A model that was asked and never answered was not used. */
function having(grouping: Grouping): string {
  if (grouping === 'model') return ' HAVING SUM(r.turns) > 0';
  return grouping === 'all' ? ' HAVING COUNT(*) > 0' : '';
}

/** Distinct sessions of each group: the one figure that does not add up over quarters of an hour. */
function sessionCounts(
  db: Database,
  scope: Scope,
  grouping: Grouping,
  periods: readonly PeriodRange[] | undefined,
  byModel: boolean,
): ReadonlyMap<string, number> {
  if (!byModel && isOfSessions(scope, grouping)) return countSessions(db, scope, grouping);
  const inPeriods = periods !== undefined;
  const source = scopedSource(db, scope, { needsSessions: true, inPeriods });
  const key = keyExpression(grouping, source.provider, source.project);
  const part = byModel ? `, ${source.provider} AS provider, r.model_id AS model_id, r.fast AS part_fast` : '';
  const rows = db
    .prepare<unknown[], RawRow & { n: number }>(`
      ${inPeriods ? withPeriods : ''}
      SELECT ${key} AS k, ${grouping === 'model' ? 'r.fast' : '0'} AS fast${part}, COUNT(DISTINCT s.top_id) AS n
      FROM ${source.from}${grouping === 'tag' ? " LEFT JOIN tag g ON g.session_id = s.top_id AND g.tag <> ''" : ''}
      WHERE r.turns > 0 AND ${source.where}
      GROUP BY 1, 2${byModel ? ', 3, 4, 5' : ''}`)
    .all(...(inPeriods ? [periodsJson(periods)] : []), ...source.values);
  return new Map(
    rows.map((row) => [
      byModel ? `${groupKey(row, grouping)}|${row.provider}|${row.model_id}|${row.part_fast}` : groupKey(row, grouping),
      row.n,
    ]),
  );
}

/** Is it asked of whole sessions? Then they are counted themselves: a session is in one project and of one provider. */
function isOfSessions(scope: Scope, grouping: Grouping): boolean {
  const isWhole = scope.fromMs === undefined && scope.toMs === undefined;
  const ofTurns = scope.models.length + scope.branches.length + scope.tags.length > 0;
  return isWhole && !ofTurns && (grouping === 'all' || grouping === 'provider' || grouping === 'project');
}

function countSessions(db: Database, scope: Scope, grouping: Grouping): ReadonlyMap<string, number> {
  const columns = { row: 's', time: 's.last_turn_at', provider: 's.provider', project: 's.project_id' };
  const { where, values } = scopeConditions(db, scope, columns);
  const counted = `COUNT(DISTINCT s.top_id) AS n FROM session s WHERE s.last_turn_at IS NOT NULL AND ${where}`;
  if (grouping === 'all') {
    // Without a group there is nothing to sort, which costs the most of it.
    const n =
      db
        .prepare<unknown[], number>(`SELECT ${counted}`)
        .pluck()
        .get(...values) ?? 0;
    return new Map([['all', n]]);
  }
  const key = keyExpression(grouping, columns.provider, columns.project);
  return new Map(
    db
      .prepare<unknown[], { k: string | number; n: number }>(`SELECT ${key} AS k, ${counted} GROUP BY 1`)
      .all(...values)
      .map(({ k, n }) => [String(k), n]),
  );
}

/** Whole days UTC. */
export function isOfDays({ startMs, endMs }: PeriodRange): boolean {
  return startMs % dayMs === 0 && endMs % dayMs === 0;
}

const withPeriods = `WITH period (i, s, e) AS MATERIALIZED (
  SELECT key, json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(?))`;

function periodsJson(periods: readonly PeriodRange[]): string {
  return JSON.stringify(periods.map((period) => [period.startMs, period.endMs]));
}

function keyExpression(grouping: Grouping, provider: string, project: string): string {
  switch (grouping) {
    case 'period':
      return 'r.i';
    case 'session':
      return 's.top_id';
    case 'subagent':
      return 's.id';
    case 'project':
      return project;
    case 'model':
      return 'r.model_id';
    case 'provider':
      return provider;
    case 'branch':
      return 'r.branch_id';
    case 'tag':
      return 'g.tag';
    case 'agent':
      return "CASE WHEN s.parent_id IS NULL AND r.sidechain = 0 THEN 'main' ELSE s.agent_type END";
    case 'all':
      return "'all'";
    default:
      return grouping satisfies never;
  }
}

function groupKey(row: RawRow, grouping: Grouping): string {
  return grouping === 'model' ? `${row.k}/${row.fast}` : String(row.k);
}

function sumsOf(row: RawRow | undefined, sessions: number): GroupSums {
  const sums = Object.fromEntries(sumColumns.map((column) => [column, Number(row?.[column] ?? 0)]));
  return { ...(sums as Omit<GroupSums, 'sessions'>), sessions }; // built from the very list the type is made of
}

function nameLookup(db: Database) {
  const word = db.prepare<[number], { text: string }>('SELECT text FROM word WHERE id = ?');
  const projects = projectNames(db);
  const known = new Map<number, string | null>([[0, null]]);
  const textOf = (id: number): string | null => {
    let text = known.get(id);
    if (text === undefined) known.set(id, (text = word.get(id)?.text ?? null));
    return text;
  };
  const model = (id: number, fast: number): string => `${textOf(id) ?? 'unknown'}${fast === 1 ? '-fast' : ''}`;
  return {
    model,
    label(grouping: Grouping, key: number | string | null): string | null {
      if (key === null) return null;
      if (grouping === 'model') return textOf(Number(key)) ?? 'unknown';
      if (grouping === 'branch') return textOf(Number(key));
      if (grouping === 'project') return projects.get(Number(key))?.name ?? null;
      return String(key);
    },
  };
}
