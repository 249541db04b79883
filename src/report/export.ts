/** What an export holds, row by row. Field names are published: they are added to, never changed or taken away. */

import type { Database } from '../store/driver.ts';
import type { Scope } from '../store/queries/scope.ts';
import { eachTurn, type TurnFacts } from '../store/queries/turns.ts';
import { buildReport, type ReportRequest } from './build.ts';
import { usdOf } from './figures.ts';
import type { ReportJson, SessionRow } from './shape.ts';

export type ExportLevel = 'rollups' | 'sessions' | 'turns';

/** Rows of one level. `csv`: the header's names, each with the JSON field that fills its column. */
export interface ExportTable {
  readonly rows: Iterable<object>;
  readonly csv: readonly (readonly [column: string, field: string])[];
}

export type ExportRequest = Pick<ReportRequest, 'scope' | 'zone' | 'now' | 'book' | 'paths'>;

/** The rows of one level: days ascending, sessions and turns by time. Turns are read one by one while they are taken. */
export function exportTable(db: Database, level: ExportLevel, request: ExportRequest): ExportTable {
  switch (level) {
    case 'rollups':
      return { rows: dayRows(db, request), csv: dayColumns };
    case 'sessions':
      return { rows: sessionRows(db, request), csv: columnsOf(sessionFields, request.paths) };
    case 'turns':
      return { rows: turnRows(db, request.scope, request.paths), csv: columnsOf(turnFields, request.paths) };
    default:
      return level satisfies never;
  }
}

/** The original's header and column order, which scripts rely on. */
const dayColumns = [
  ['date', 'date'],
  ['sessions', 'session_count'],
  ['turns', 'turn_count'],
  ['input_tokens', 'total_input_tokens'],
  ['cache_read_tokens', 'total_cache_read_tokens'],
  ['cache_write_tokens', 'total_cache_write_tokens'],
  ['output_tokens', 'total_output_tokens'],
  ['thinking_tokens', 'total_thinking_tokens'],
  ['mcp_calls', 'total_mcp_calls'],
  ['estimated_cost_usd', 'estimated_cost_usd'],
] as const;

/** Days with anything in them, named as the original's `daily_rollup` table names its columns; ours come last. */
function dayRows(db: Database, request: ExportRequest): readonly object[] {
  const report: ReportJson = buildReport(db, { ...request, ...plainReport, by: 'day' });
  if (report.by !== 'day') return [];
  return report.rows.map((day) => ({
    date: day.key,
    total_input_tokens: day.input_tokens,
    total_cache_read_tokens: day.cache_read_tokens,
    total_cache_write_tokens: day.cache_write_tokens,
    total_output_tokens: day.output_tokens,
    total_thinking_tokens: day.reasoning_tokens,
    total_mcp_calls: day.mcp_calls,
    session_count: day.sessions,
    turn_count: day.turns,
    estimated_cost_usd: day.cost_usd,
    total_cache_write_1h_tokens: day.cache_write_1h_tokens,
    prompt_count: day.prompts,
    unpriced_turns: day.unpriced_turns,
  }));
}

function sessionRows(db: Database, request: ExportRequest): readonly object[] {
  const report = buildReport(db, { ...request, ...plainReport, by: 'session' });
  if (report.by !== 'session') return [];
  const rows = [...report.rows].sort((a, b) => compare(a.started_at ?? '', b.started_at ?? '') || compare(a.id, b.id));
  return rows.map((row) => pick(row, request.paths));
}

/** A session's row as reports have it, but for the key, which is its id. */
function pick(row: SessionRow, paths: boolean): object {
  const { id, key: _, breakdown: __, ...facts } = row;
  return { id, ...facts, ...(paths ? { project_path: row.project_path ?? null } : {}) };
}

const plainReport = {
  since: null,
  until: null,
  startOfWeek: 'monday',
  sessionLengthHours: 5,
  subagents: false,
  breakdown: false,
  mode: 'auto',
  noCost: false,
  order: undefined,
  limit: undefined,
  asOf: undefined,
} as const;

function* turnRows(db: Database, scope: Scope, paths: boolean): Iterable<object> {
  for (const turn of eachTurn(db, scope)) yield turnRow(turn, paths);
}

function turnRow(turn: TurnFacts, paths: boolean): object {
  const writes = turn.cacheCreation5mInputTokens + turn.cacheCreation1hInputTokens;
  return {
    id: turn.id,
    session_id: turn.session,
    parent_id: turn.parent,
    provider: turn.provider,
    at: new Date(turn.at).toISOString(),
    model: turn.model ?? 'unknown',
    speed: turn.fast === 1 ? 'fast' : 'standard',
    input_tokens: turn.uncachedInputTokens,
    cache_read_tokens: turn.cacheReadInputTokens,
    cache_write_tokens: writes,
    cache_write_5m_tokens: turn.cacheCreation5mInputTokens,
    cache_write_1h_tokens: turn.cacheCreation1hInputTokens,
    output_tokens: turn.outputTokens,
    reasoning_tokens: turn.reasoningOutputTokens,
    total_tokens: turn.uncachedInputTokens + turn.cacheReadInputTokens + writes + turn.outputTokens,
    cost_usd: usdOrNull(turn.costLoggedNanoUsd ?? turn.costCalculatedNanoUsd),
    cost_logged_usd: usdOrNull(turn.costLoggedNanoUsd),
    cost_calculated_usd: usdOrNull(turn.costCalculatedNanoUsd),
    branch: turn.branch,
    project: turn.project,
    is_subagent: turn.isSubagent,
    is_compaction: turn.isCompaction,
    tool_calls: turn.toolCalls,
    mcp_calls: turn.mcpCalls,
    service_tier: turn.serviceTier,
    quality: turn.quality,
    approximate: turn.approximate,
    responses: turn.responses,
    ...(paths ? { project_path: turn.projectRoot } : {}),
  };
}

const tokenFields = [
  'input_tokens',
  'cache_read_tokens',
  'cache_write_tokens',
  'cache_write_5m_tokens',
  'cache_write_1h_tokens',
  'output_tokens',
  'reasoning_tokens',
  'total_tokens',
] as const;

const turnFields = [
  ...['id', 'session_id', 'parent_id', 'provider', 'at', 'model', 'speed'],
  ...tokenFields,
  ...['cost_usd', 'cost_logged_usd', 'cost_calculated_usd', 'branch', 'project', 'is_subagent', 'is_compaction'],
  ...['tool_calls', 'mcp_calls', 'service_tier', 'quality', 'approximate', 'responses'],
];

const sessionFields = [
  ...['id', 'provider', 'provider_version', 'project', 'branch', 'started_at', 'last_turn_at', 'turns', 'prompts'],
  ...tokenFields,
  ...['cost_usd', 'cost_source', 'unpriced_turns', 'cache_hit_rate', 'cache_savings_usd', 'tool_calls', 'mcp_calls'],
  ...['context_fill_pct', 'context_window', 'compactions', 'models', 'tags', 'is_subagent', 'parent_id', 'subagents'],
];

function columnsOf(fields: readonly string[], paths: boolean): ExportTable['csv'] {
  return [...fields, ...(paths ? ['project_path'] : [])].map((field) => [field, field]);
}

function usdOrNull(nanoUsd: number | null): number | null {
  return nanoUsd === null ? null : usdOf(nanoUsd);
}

function compare(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
