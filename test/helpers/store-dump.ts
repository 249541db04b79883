import type { Database } from '../../src/store/driver.ts';

type Row = Readonly<Record<string, unknown>>;

/**
 * What a store says, without what differs from store to store: row ids, hashed keys and file numbers. Rows are sorted;
 * columns that are null or empty, or 0 where 0 is the rule, are left out. Times are ISO texts, paths are relative to the home directory.
 */
export interface StoreDump {
  readonly turns: readonly Row[];
  readonly sessions: readonly Row[];
  readonly prompts: readonly Row[];
  readonly tools: readonly Row[];
  readonly events: readonly Row[];
  readonly tasks: readonly Row[];
  readonly limits: readonly Row[];
}

export function dumpStore(db: Database | undefined, home: string): StoreDump {
  const rows = (sql: string): readonly Row[] =>
    db === undefined
      ? []
      : db
          .prepare<[], Row>(sql)
          .all()
          .map((row) => tidy(row, home))
          .sort(compare);
  return {
    turns:
      rows(`SELECT s.sid AS session, t.at, m.text AS model, t.fast, t.uncached_input_tokens AS input, t.cache_read_tokens AS cache_read,
      t.cache_write_5m_tokens AS write_5m, t.cache_write_1h_tokens AS write_1h, t.output_tokens AS output, t.reasoning_tokens AS reasoning,
      t.web_search_requests AS web_searches, t.prompt_tokens AS prompt, t.context_tokens AS context, t.service_tier AS tier, b.text AS branch,
      t.sidechain, t.is_compaction AS compaction, NULLIF(t.quality, 'measured') AS quality, t.approximate, t.suspect,
      t.cost_logged_nano AS logged_nano, NULLIF(t.responses, 1) AS responses, t.tool_calls, t.mcp_calls
      FROM turn t JOIN session s ON s.id = t.session_id LEFT JOIN word m ON m.id = t.model_id LEFT JOIN word b ON b.id = t.branch_id`),
    sessions:
      rows(`SELECT s.sid AS session, p.sid AS parent, o.sid AS top, s.provider, j.root AS project, j.is_repository AS repository, b.text AS branch, m.text AS model,
      s.version, s.agent_type, s.started_at, s.last_turn_at, s.context_tokens AS context, s.max_prompt_tokens AS max_prompt, s.compactions, s.imported
      FROM session s JOIN session o ON o.id = s.top_id LEFT JOIN session p ON p.id = s.parent_id LEFT JOIN project j ON j.id = s.project_id
      LEFT JOIN word b ON b.id = s.branch_id LEFT JOIN word m ON m.id = s.model_id`),
    prompts:
      rows(`SELECT s.sid AS session, p.at, m.text AS model, b.text AS branch FROM prompt p JOIN session s ON s.id = p.session_id
      LEFT JOIN word m ON m.id = p.model_id LEFT JOIN word b ON b.id = p.branch_id`),
    tools:
      rows(`SELECT s.sid AS session, t.at AS turn_at, c.at, c.type, n.text AS name, v.text AS server, g.text AS target, c.input_size, LENGTH(c.input_digest) AS digest_size,
      c.output_size, c.is_error, c.duration_ms, c.ended_at, c.approximate, m.text AS model, b.text AS branch, c.sidechain FROM (
        SELECT turn_id, 0 AS session_id, at, type, name_id, server_id, target_id, input_size, input_digest, output_size, is_error, duration_ms,
          NULL AS ended_at, 0 AS approximate, 0 AS model_id, 0 AS branch_id, 0 AS sidechain FROM tool_call
        UNION ALL SELECT 0, session_id, at, type, name_id, server_id, target_id, input_size, input_digest, output_size, is_error, duration_ms,
          ended_at, approximate, model_id, branch_id, sidechain FROM session_call) c
      LEFT JOIN turn t ON t.id = c.turn_id JOIN session s ON s.id = COALESCE(t.session_id, c.session_id)
      LEFT JOIN word n ON n.id = c.name_id LEFT JOIN word v ON v.id = c.server_id LEFT JOIN word g ON g.id = c.target_id
      LEFT JOIN word m ON m.id = c.model_id LEFT JOIN word b ON b.id = c.branch_id`),
    events:
      rows(`SELECT s.sid AS session, e.at, e.kind, NULLIF(e.phase, 'single') AS phase, n.text AS name, e.hook_type, e.status, e.success, e.duration_ms, e.count, e.pre_tokens, e.post_tokens,
      e.agent_type, e.execution_mode, m.text AS model, e.input_size, e.output_size, LENGTH(e.input_digest) AS digest_size, e.total_tokens, e.tool_calls,
      e.correlation_id IS NOT NULL AS correlated, e.parent_id IS NOT NULL AS within
      FROM event e JOIN session s ON s.id = e.session_id LEFT JOIN word n ON n.id = e.name_id LEFT JOIN word m ON m.id = e.model_id`),
    tasks:
      rows(`SELECT s.sid AS session, t.at AS turn_at, k.child_sid AS child, k.agent_type, k.model, k.status, k.completed_at, k.duration_ms, k.tool_calls,
      k.execution_mode AS mode, k.requested_model, k.total_tokens
      FROM task k LEFT JOIN turn t ON t.id = k.turn_id JOIN session s ON s.id = COALESCE(t.session_id, k.session_id)`),
    limits:
      rows(`SELECT l.provider, s.sid AS session, l.at, l.window, l.window_minutes, l.used_pct, l.used, l.entitlement, l.resets_at, l.reached, l.plan
      FROM limit_snapshot l LEFT JOIN session s ON s.id = l.session_id`),
  };
}

/** How many records were passed over, by file and reason. */
export function dumpSkips(db: Database, home: string): readonly Row[] {
  return db
    .prepare<[], Row>('SELECT path, records, invalid, oversize, bad_value, unknown_type, quarantined FROM source_file')
    .all()
    .map((row) => tidy(row, home))
    .sort(compare);
}

/** Here 0 and "the log does not say" are two things. */
const mayBeNull = new Set([
  'reasoning',
  'logged_nano',
  'is_error',
  'success',
  'output_size',
  'duration_ms',
  'count',
  'pre_tokens',
  'post_tokens',
  'used_pct',
]);

function tidy(row: Row, home: string): Row {
  const kept = Object.entries(row).filter(
    ([name, value]) => value !== null && value !== '' && (value !== 0 || mayBeNull.has(name)),
  );
  return Object.fromEntries(kept.map(([name, value]) => [name, shown(name, value, home)]));
}

function shown(name: string, value: unknown, home: string): unknown {
  if (typeof value === 'number' && (name === 'at' || name.endsWith('_at'))) return new Date(value).toISOString();
  if (typeof value === 'string' && value.startsWith(`${home}/`)) return value.slice(home.length + 1);
  return value;
}

function compare(a: Row, b: Row): number {
  const [left, right] = [JSON.stringify(a), JSON.stringify(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

/** JSON with a line per row: what `expected.json` of a case holds. */
export function dumpText(dump: Readonly<Record<string, readonly Row[]>>): string {
  const parts = Object.entries(dump).map(
    ([name, rows]) =>
      `  ${JSON.stringify(name)}: [${rows.map((row) => `\n    ${JSON.stringify(row)}`).join(',')}${rows.length > 0 ? '\n  ' : ''}]`,
  );
  return `{\n${parts.join(',\n')}\n}\n`;
}
