import type { LogEvent, ToolCall, TurnEvent } from '../events.ts';
import { type Database, openFile } from './driver.ts';
import type { ImportedRecords } from './original.ts';
import type { RowKeys } from './row-key.ts';

/** Up to here schemas of one number may differ: before the first release these steps were edited in place. */
const lastEditedStep = 3;

/** What those edits added, and one column of each table they left alone. */
const columnsSince: readonly (readonly [table: string, column: string])[] = [
  ['meta', 'value'],
  ['lease', 'heartbeat_at'],
  ['word', 'text'],
  ['project', 'is_repository'],
  ['project_cwd', 'project_id'],
  ['source_file', 'failure'],
  ['provider', 'quiet_since'],
  ['price', 'loaded_at'],
  ['cost_before', 'price_id'],
  ['session', 'context_told'],
  ['session', 'imported'],
  ['turn', 'responses'],
  ['spare_turn', 'responses'],
  ['turn_source', 'is_best'],
  ['stretch', 'from_at'],
  ['prompt', 'file_id'],
  ['tool_call', 'call_id'],
  ['tool_call', 'parent_id'],
  ['session_call', 'ended_at'],
  ['task', 'session_id'],
  ['task', 'requested_model'],
  ['task', 'total_tokens'],
  ['event', 'model_id'],
  ['event', 'tool_calls'],
  ['fork_copy', 'turn_key'],
  ['limit_snapshot', 'entitlement'],
  ['limit_snapshot', 'session_id'],
  ['rollup', 'savings_nano'],
  ['session_rollup', 'savings_nano'],
  ['tag', 'source'],
];

/** Is this store of ours of a layout from before the first release, whatever number it bears? Changes nothing. */
export function isEarly(db: Database): boolean {
  const version = Number(db.pragma('user_version', { simple: true }));
  if (version < 1 || version > lastEditedStep) return false;
  const has = db.prepare<[string, string]>('SELECT 1 FROM pragma_table_info(?) WHERE name = ?');
  return columnsSince.some(([table, column]) => has.get(table, column) === undefined);
}

/** For a writer of what {@link readEarly} gives: the keys of rows as they were, for the store has the same seed. */
export const earlyKeys: RowKeys = {
  of: (_, key) => Buffer.from(key.slice(key.indexOf('\0') + 1), 'hex'),
  partOf: Number,
};

interface SessionRow {
  readonly id: number;
  readonly provider: string;
  readonly sid: string;
  readonly parent: string | null;
  readonly root: string | null;
  readonly branch: string | null;
  readonly version: string | null;
  readonly agentType: string | null;
  readonly contextWindow: number | null;
  readonly startedAt: number | null;
}

interface TurnRow {
  readonly id: number;
  readonly key: string;
  readonly at: number;
  readonly model: string | null;
  readonly fast: number;
  readonly uncached: number;
  readonly cacheRead: number;
  readonly write5m: number;
  readonly write1h: number;
  readonly output: number;
  readonly reasoning: number | null;
  readonly webSearches: number;
  readonly promptTokens: number;
  readonly contextTokens: number;
  readonly serviceTier: string | null;
  readonly branch: string | null;
  readonly sidechain: number;
  readonly isCompaction: number;
  readonly quality: TurnEvent['quality'];
  readonly suspect: number;
  readonly costLogged: number | null;
  readonly responses: number;
}

/** The sessions of a set-aside early store with their turns, prompts and the tools those turns asked for. */
export function* readEarly(file: string): Generator<ImportedRecords> {
  const db = openFile(file, { readonly: true });
  try {
    const sessions = db.prepare<[], SessionRow>(
      `SELECT s.id, s.provider, s.sid, p.sid AS parent, root, b.text AS branch, s.version, s.agent_type AS agentType,
         s.context_window AS contextWindow, s.started_at AS startedAt
       FROM session s LEFT JOIN session p ON p.id = s.parent_id LEFT JOIN project ON project.id = s.project_id
       LEFT JOIN word b ON b.id = s.branch_id`,
    );
    const turns = db.prepare<[number], TurnRow>(
      `SELECT turn.id, lower(hex(key)) AS key, at, m.text AS model, fast, uncached_input_tokens AS uncached,
         cache_read_tokens AS cacheRead, cache_write_5m_tokens AS write5m, cache_write_1h_tokens AS write1h,
         output_tokens AS output, reasoning_tokens AS reasoning, web_search_requests AS webSearches,
         prompt_tokens AS promptTokens, context_tokens AS contextTokens, service_tier AS serviceTier, b.text AS branch,
         sidechain, is_compaction AS isCompaction, quality, suspect, cost_logged_nano AS costLogged,
         ${has(db, 'turn', 'responses') ? 'responses' : '1'} AS responses
       FROM turn LEFT JOIN word m ON m.id = model_id LEFT JOIN word b ON b.id = branch_id WHERE session_id = ? ORDER BY at`,
    );
    const prompts = db.prepare<
      [number],
      { readonly key: string; readonly at: number; readonly model: string | null; readonly branch: string | null }
    >(
      `SELECT lower(hex(key)) AS key, at, m.text AS model, b.text AS branch FROM prompt
       LEFT JOIN word m ON m.id = model_id LEFT JOIN word b ON b.id = branch_id WHERE session_id = ?`,
    );
    const toolsOf = toolReader(db);
    for (const session of sessions.all()) {
      const { provider, sid } = session;
      yield {
        provider,
        session: sid,
        events: [
          sessionEvent(session),
          ...turns.all(session.id).map((row) => turnEvent(sid, row, toolsOf(row.id))),
          ...prompts.all(session.id).map(({ key, at, model, branch }): LogEvent => {
            const facts = { model: model ?? undefined, branch: branch ?? undefined };
            return { kind: 'prompt', key, session: sid, at, rank: 'progress', ...facts };
          }),
        ],
      };
    }
  } finally {
    db.close();
  }
}

function has(db: Database, table: string, column: string): boolean {
  return db.prepare('SELECT 1 FROM pragma_table_info(?) WHERE name = ?').get(table, column) !== undefined;
}

interface ToolRow {
  readonly callId: number;
  readonly at: number | null;
  readonly type: ToolCall['type'];
  readonly name: string | null;
  readonly server: string | null;
  readonly target: string | null;
  readonly inputSize: number;
  readonly digest: Buffer | null;
  readonly outputSize: number | null;
  readonly isError: number | null;
  readonly durationMs: number | null;
}

/** The very first layout counted calls otherwise; those it does not give. */
function toolReader(db: Database): (turnId: number) => readonly ToolCall[] {
  if (!has(db, 'tool_call', 'call_id')) return () => [];
  const tools = db.prepare<[number], ToolRow>(
    `SELECT call_id AS callId, at, type, n.text AS name, s.text AS server, t.text AS target, input_size AS inputSize,
       input_digest AS digest, output_size AS outputSize, is_error AS isError, duration_ms AS durationMs
     FROM tool_call LEFT JOIN word n ON n.id = name_id LEFT JOIN word s ON s.id = server_id
     LEFT JOIN word t ON t.id = target_id WHERE turn_id = ?`,
  );
  return (turnId) => tools.all(turnId).map(toolCall);
}

function toolCall(row: ToolRow): ToolCall {
  return {
    key: String(row.callId),
    at: row.at ?? undefined,
    name: row.name ?? '',
    mcpServer: row.server ?? undefined,
    target: row.target ?? undefined,
    type: row.type,
    inputSizeBytes: row.inputSize,
    inputDigest: row.digest?.toString('latin1'),
    ...(row.outputSize === null
      ? {}
      : {
          result: {
            at: undefined,
            isError: row.isError === 1,
            outputSizeBytes: row.outputSize,
            durationMs: row.durationMs ?? undefined,
          },
        }),
  };
}

function sessionEvent(session: SessionRow): LogEvent {
  return {
    kind: 'session',
    session: session.sid,
    parent: session.parent ?? undefined,
    cwd: session.root ?? undefined,
    branch: session.branch ?? undefined,
    version: session.version ?? undefined,
    agentType: session.agentType ?? undefined,
    contextWindow: session.contextWindow ?? undefined,
    at: session.startedAt ?? undefined,
    rank: 'progress',
  };
}

function turnEvent(session: string, row: TurnRow, tools: readonly ToolCall[]): LogEvent {
  return {
    kind: 'turn',
    key: row.key,
    session,
    at: row.at,
    model: row.model ?? 'unknown',
    usage: {
      uncachedInputTokens: row.uncached,
      cacheReadInputTokens: row.cacheRead,
      cacheCreation5mInputTokens: row.write5m,
      cacheCreation1hInputTokens: row.write1h,
      outputTokens: row.output,
      reasoningOutputTokens: row.reasoning ?? undefined,
    },
    fast: row.fast === 1,
    serviceTier: row.serviceTier ?? undefined,
    costNanoUsd: row.costLogged ?? undefined,
    webSearchRequests: row.webSearches,
    promptTokens: row.promptTokens,
    contextTokens: row.contextTokens,
    sidechain: row.sidechain === 1,
    rank: 'progress',
    branch: row.branch ?? undefined,
    compaction: row.isCompaction === 1,
    suspect: row.suspect === 1,
    quality: row.quality,
    responses: row.responses,
    tools,
  };
}
