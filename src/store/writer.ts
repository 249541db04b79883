import type {
  ActivityEvent,
  CompactionEvent,
  LimitEvent,
  LogEvent,
  PromptEvent,
  ToolCall,
  ToolResult,
  ToolResultEvent,
  TurnEvent,
} from '../events.ts';
import type { Database } from './driver.ts';
import { createProjects } from './projects.ts';
import { createRollupDeltas } from './rollups.ts';
import { createRowKeys, type RowKeys } from './row-key.ts';
import { createSessions, type Sessions } from './sessions.ts';
import { isEarlierOwner, mergeTurn, type TurnRow } from './turn-row.ts';
import { createTurnTable } from './turn-table.ts';
import { createWords } from './words.ts';

/** What our own price for a turn is; undefined for a model nobody lists. Handed in by ingest. */
export type PriceTurn = (turn: {
  readonly model: string;
  readonly at: number;
  readonly fast: boolean;
  readonly uncached: number;
  readonly cacheRead: number;
  readonly write5m: number;
  readonly write1h: number;
  readonly output: number;
  readonly promptTokens: number;
  readonly webSearches: number;
  readonly provider: string;
}) => { readonly priceId: number; readonly costNano: number; readonly savingsNano: number } | undefined;

/** Which project a working directory belongs to. Reads `.git`, executes nothing. */
export type FindProject = (cwd: string) => { readonly root: string; readonly isRepository: boolean };

/** The tracked file a batch of events came from. */
export interface EventSource {
  readonly fileId: number;
  readonly provider: string;
  readonly path: string;
  /** Time for records without a usable one: the file's at first reading. */
  readonly fallbackAt: number;
  /** No record may be younger: a day after both the clock and the file's time. */
  readonly latestAt: number;
}

export interface CheckpointUpdate {
  readonly fileId: number;
  readonly generation: number;
  readonly fromOffset: number;
  readonly offset: number;
  readonly tailHash: Buffer;
  readonly fp: Buffer;
  readonly fpLen: number;
  readonly size: number;
  readonly mtimeMs: number;
  readonly state: string | null;
  readonly parserVersion: number;
  readonly quarantined: boolean;
  readonly readAt: number;
  readonly counts: {
    readonly records: number;
    readonly invalid: number;
    readonly oversize: number;
    readonly bad_value: number;
    readonly unknown_type: number;
    readonly firstBadOffset: number | undefined;
  };
}

/** Somebody else moved the checkpoint meanwhile: nothing of the batch was written, read the checkpoint again. */
export class CheckpointMoved extends Error {}

interface PendingTurn {
  readonly row: TurnRow;
  readonly provider: string;
  tools: readonly ToolCall[];
  model: string;
}

type PromptRow = {
  readonly provider: string;
  readonly key: string;
} & StoredPrompt;

interface StoredPrompt {
  sessionId: number;
  at: number;
  modelId: number;
  branchId: number;
  ownerRank: number;
  ownerAt: number;
  fileId: number;
}

/**
 * Turns held in memory for their copies and answers, which follow close. More of them live long enough to be moved
 * about by the garbage collector, which costs more than the few rows that have to be changed afterwards.
 */
const mostHeldTurns = 512;

/** Turns events into rows: everything of a batch, with its checkpoints and rollups, in one transaction. */
export interface Writer {
  /** Takes an event into the open batch. */
  add(source: EventSource, event: LogEvent): void;
  /** Opens the batch's transaction, for whoever writes to other tables within it. */
  begin(): void;
  /** Has a batch been begun? */
  readonly isOpen: boolean;
  /** Turns taken since the last commit. */
  readonly pendingTurns: number;
  /** @throws CheckpointMoved when another process was faster; the batch is then rolled back whole */
  commit(checkpoints: readonly CheckpointUpdate[]): void;
  rollback(): void;
}

export function createWriter(
  db: Database,
  options: { readonly price: PriceTurn; readonly findProject: FindProject; readonly deriveSessions: boolean },
): Writer {
  const words = createWords(db);
  const sessions = createSessions(db, words);
  const projects = createProjects(db, options.findProject);
  const deltas = createRollupDeltas(db);
  const turnTable = createTurnTable(db);
  const pathOf = createPathLookup(db);
  const keys = createRowKeys(db);
  const side = createSideTables(db, words.idOf, sessions, keys);

  let turns = new Map<string, Map<string, PendingTurn>>();
  let prompts = new Map<string, PromptRow>();
  /** Turns taken since the last commit, and those of them no row holds yet. */
  let pendingTurns = 0;
  let heldTurns = 0;

  const touched = new Set<number>();
  let open = false;

  function begin(): void {
    if (open) return;
    db.exec('BEGIN IMMEDIATE');
    open = true;
  }

  function timeOf(source: EventSource, at: number | undefined): { at: number; approximate: number } {
    // 2015-01-01: before any coding agent; later than a day ahead: a broken clock.
    if (at === undefined || !(at >= 1_420_070_400_000 && at <= source.latestAt))
      return { at: source.fallbackAt, approximate: 1 };
    return { at, approximate: 0 };
  }

  function turnsOf(provider: string): Map<string, PendingTurn> {
    let ofProvider = turns.get(provider);
    if (ofProvider === undefined) turns.set(provider, (ofProvider = new Map()));
    return ofProvider;
  }

  function addTurn(source: EventSource, event: TurnEvent): void {
    const { at, approximate } = timeOf(source, event.at);
    const sessionId = sessions.idOf(source.provider, event.session);
    sessions.sawAt(sessionId, at);
    const ofProvider = turnsOf(source.provider);
    const pending = ofProvider.get(event.key);
    const row: TurnRow = {
      id: 0,
      sessionId,
      at,
      modelId: words.idOf(event.model),
      fast: event.fast ? 1 : 0,
      uncached: event.usage.uncachedInputTokens,
      cacheRead: event.usage.cacheReadInputTokens,
      write5m: event.usage.cacheCreation5mInputTokens,
      write1h: event.usage.cacheCreation1hInputTokens,
      output: event.usage.outputTokens,
      reasoning: event.usage.reasoningOutputTokens ?? null,
      webSearches: event.webSearchRequests,
      promptTokens: event.promptTokens,
      contextTokens: event.contextTokens,
      serviceTier: event.serviceTier ?? null,
      branchId: words.idOf(event.branch),
      sidechain: event.sidechain ? 1 : 0,
      isCompaction: event.compaction === true ? 1 : 0,
      quality: event.quality,
      approximate,
      suspect: event.suspect === true ? 1 : 0,
      costLogged: event.costNanoUsd ?? null,
      costCalculated: null,
      savings: null,
      priceId: null,
      toolCalls: 0,
      mcpCalls: 0,
      ownerRank: (event.sidechain ? 2 : 0) + (event.rank === 'own' ? 0 : 1),
      ownerAt: at,
      fileId: source.fileId,
    };
    if (pending === undefined) {
      ofProvider.set(event.key, { row, provider: source.provider, tools: event.tools, model: event.model });
      pendingTurns++;
      if (++heldTurns >= mostHeldTurns) writeTurns();
      return;
    }
    touched.add(pending.row.sessionId);
    if (event.tools.length > 0) pending.tools = joinTools(pending.tools, event.tools);
    mergeTurn(pending.row, row, pathOf);
    if (pending.row.modelId === row.modelId) pending.model = event.model;
  }

  function addResult(source: EventSource, event: ToolResultEvent): void {
    const call = turnsOf(source.provider)
      .get(event.turn)
      ?.tools.find((each) => each.key === event.key);
    if (call === undefined) side.writeResult(event, turnTable.idOf(keys.of(source.provider, event.turn)));
    else call.result = event.result;
  }

  function addPrompt(source: EventSource, event: PromptEvent): void {
    const { at } = timeOf(source, event.at);
    const sessionId = sessions.idOf(source.provider, event.session);
    sessions.sawAt(sessionId, at);
    const mapKey = `${source.provider}\0${event.key}`;
    const row: PromptRow = {
      provider: source.provider,
      key: `prompt\0${event.key}`,
      sessionId,
      at,
      modelId: words.idOf(event.model),
      branchId: words.idOf(event.branch),
      ownerRank: event.rank === 'own' ? 0 : 1,
      ownerAt: at,
      fileId: source.fileId,
    };
    const pending = prompts.get(mapKey);
    if (pending === undefined) prompts.set(mapKey, row);
    else mergePrompt(pending, row, pathOf);
  }

  function writeTurn(naturalKey: string, pending: PendingTurn): void {
    const { row, tools } = pending;
    row.toolCalls = tools.length;
    for (const call of tools) if (call.type === 'mcp') row.mcpCalls++;
    price(row, pending);
    const key = keys.of(pending.provider, naturalKey);
    const inserted = turnTable.insert(key, row);
    if (inserted === undefined) return mergeStored(key, pending);
    row.id = inserted;
    touched.add(row.sessionId);
    deltas.addTurn(row, 1);
    for (const call of tools) side.writeTool(call, row.id);
  }

  function mergeStored(key: Buffer, pending: PendingTurn): void {
    const stored = turnTable.find(key);
    if (stored === undefined) throw new Error('a turn refused as a duplicate is not there');
    const before = { ...stored };
    mergeTurn(stored, pending.row, pathOf);
    stored.id = before.id;
    for (const call of pending.tools) {
      if (!side.writeTool(call, stored.id)) continue;
      stored.toolCalls++;
      if (call.type === 'mcp') stored.mcpCalls++;
    }
    if (sameRow(before, stored)) return;
    if (numbersDiffer(before, stored))
      price(stored, {
        ...pending,
        model: stored.modelId === pending.row.modelId ? pending.model : turnTable.modelName(stored.modelId),
      });
    turnTable.update(stored);
    touched.add(before.sessionId);
    touched.add(stored.sessionId);
    deltas.addTurn(before, -1);
    deltas.addTurn(stored, 1);
  }

  function price(row: TurnRow, pending: { readonly model: string; readonly provider: string }): void {
    const found = options.price({
      model: pending.model,
      at: row.at,
      fast: row.fast === 1,
      uncached: row.uncached,
      cacheRead: row.cacheRead,
      write5m: row.write5m,
      write1h: row.write1h,
      output: row.output,
      promptTokens: row.promptTokens,
      webSearches: row.webSearches,
      provider: pending.provider,
    });
    row.costCalculated = found?.costNano ?? null;
    row.savings = found?.savingsNano ?? null;
    row.priceId = found?.priceId ?? null;
  }

  function writePrompt(row: PromptRow): void {
    const key = keys.of(row.provider, row.key);
    const before = side.insertPrompt(key, row);
    if (before === undefined) return deltas.addPrompt(row, 1);
    const stored = { ...before };
    mergePrompt(stored, row, pathOf);
    if ((Object.keys(stored) as (keyof StoredPrompt)[]).every((name) => before[name] === stored[name])) return;
    side.updatePrompt(key, stored);
    deltas.addPrompt(before, -1);
    deltas.addPrompt(stored, 1);
  }

  function writeTurns(): void {
    for (const ofProvider of turns.values()) {
      for (const [key, pending] of ofProvider) writeTurn(key, pending);
      ofProvider.clear();
    }
    heldTurns = 0;
  }

  function flush(): void {
    writeTurns();
    for (const prompt of prompts.values()) writePrompt(prompt);
    deltas.flush(sessions.placeOf);
    for (const id of side.touchedSessions()) touched.add(id);
    sessions.flush(options.deriveSessions ? touched : new Set());
  }

  function reset(): void {
    turns = new Map();
    pendingTurns = 0;
    heldTurns = 0;
    prompts = new Map();
    touched.clear();
    deltas.clear();
    open = false;
  }

  return {
    begin,
    get isOpen() {
      return open;
    },
    get pendingTurns() {
      return pendingTurns;
    },
    add(source, event) {
      begin();
      switch (event.kind) {
        case 'turn':
          return addTurn(source, event);
        case 'tool_result':
          return addResult(source, event);
        case 'prompt':
          return addPrompt(source, event);
        case 'session': {
          const projectId = projects.idOf(event.cwd ?? event.projectHint, event.cwd !== undefined);
          const moved = sessions.learn(source.provider, event, source.path, projectId);
          if (moved !== undefined) deltas.moveSession(moved.id, moved.from, sessions.placeOf(moved.id));
          if (event.at !== undefined)
            sessions.sawAt(sessions.idOf(source.provider, event.session), timeOf(source, event.at).at);
          return;
        }
        case 'compaction':
          return side.writeCompaction(source, event, timeOf(source, event.at).at, pathOf);
        case 'activity':
          return side.writeActivity(source, event, timeOf(source, event.at).at, pathOf);
        case 'limit':
          return side.writeLimit(source, event, timeOf(source, event.at).at);
        default:
          event satisfies never;
      }
    },
    commit(checkpoints) {
      begin();
      try {
        flush();
        for (const checkpoint of checkpoints) side.writeCheckpoint(checkpoint);
        db.exec('COMMIT');
        reset();
      } catch (error) {
        this.rollback();
        throw error;
      }
    },
    rollback() {
      if (db.inTransaction) db.exec('ROLLBACK');
      reset();
      words.forget();
      sessions.forget();
      projects.forget();
      side.forget();
    },
  };
}

function mergePrompt(row: StoredPrompt, copy: StoredPrompt, pathOf: (fileId: number) => string): void {
  if (isEarlierOwner(copy, row, pathOf)) {
    row.ownerRank = copy.ownerRank;
    row.ownerAt = copy.ownerAt;
    row.fileId = copy.fileId;
    row.sessionId = copy.sessionId;
    row.branchId = copy.branchId;
    row.at = copy.at;
    if (copy.modelId !== 0) row.modelId = copy.modelId;
  } else if (
    copy.modelId !== 0 &&
    (row.modelId === 0 || (copy.fileId === row.fileId && copy.ownerAt === row.ownerAt))
  ) {
    row.modelId = copy.modelId;
  }
}

/** The calls of two copies of a response, each once; the answer heard last counts. */
function joinTools(mine: readonly ToolCall[], theirs: readonly ToolCall[]): readonly ToolCall[] {
  if (mine.length === 0) return theirs;
  const joined = [...mine];
  for (const call of theirs) {
    const known = joined.find((each) => each.key === call.key);
    if (known === undefined) joined.push(call);
    else known.result = call.result ?? known.result;
  }
  return joined;
}

function sameRow(a: TurnRow, b: TurnRow): boolean {
  return (Object.keys(a) as (keyof TurnRow)[]).every((key) => a[key] === b[key]);
}

function numbersDiffer(a: TurnRow, b: TurnRow): boolean {
  return (
    [
      'at',
      'modelId',
      'fast',
      'uncached',
      'cacheRead',
      'write5m',
      'write1h',
      'output',
      'webSearches',
      'promptTokens',
    ] as const
  ).some((key) => a[key] !== b[key]);
}

function createPathLookup(db: Database): (fileId: number) => string {
  const find = db.prepare<[number], { path: string }>('SELECT path FROM source_file WHERE id = ?');
  const known = new Map<number, string>();
  return (fileId) => {
    let path = known.get(fileId);
    if (path === undefined) known.set(fileId, (path = find.get(fileId)?.path ?? ''));
    return path;
  };
}

/** Everything of a batch that is not a turn: one statement each, written as it comes. */
function createSideTables(
  db: Database,
  wordId: (text: string | undefined) => number,
  sessions: Sessions,
  keys: RowKeys,
) {
  const touched = new Set<number>();
  const insertTool = db.prepare(
    `INSERT OR IGNORE INTO tool_call (turn_id, call_id, at, type, name_id, server_id, target_id, input_size, input_digest,
      output_size, is_error, duration_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const updateResult = db.prepare(
    `UPDATE tool_call SET output_size = ?, is_error = ?, duration_ms = COALESCE(?, CASE WHEN ? >= at THEN ? - at END, duration_ms)
     WHERE turn_id = ? AND call_id = ?`,
  );
  const upsertTask = db.prepare(
    `INSERT INTO task (turn_id, call_id, child_sid, agent_type, model, status, completed_at, duration_ms, tool_calls) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (turn_id, call_id) DO UPDATE SET child_sid = COALESCE(excluded.child_sid, child_sid), agent_type = COALESCE(excluded.agent_type, agent_type),
       model = COALESCE(excluded.model, model), status = COALESCE(excluded.status, status), completed_at = COALESCE(excluded.completed_at, completed_at),
       duration_ms = COALESCE(excluded.duration_ms, duration_ms), tool_calls = COALESCE(excluded.tool_calls, tool_calls)`,
  );
  const endTask = db.prepare(
    `UPDATE task SET model = COALESCE(?, model), completed_at = COALESCE(?, completed_at), duration_ms = COALESCE(?, duration_ms),
       tool_calls = COALESCE(?, tool_calls) WHERE turn_id = ? AND call_id = ?`,
  );
  const insertPrompt = db.prepare(
    'INSERT OR IGNORE INTO prompt (key, session_id, at, model_id, branch_id, owner_rank, owner_at, file_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
  );
  const findPrompt = db.prepare<[Buffer], StoredPrompt>(
    `SELECT session_id AS sessionId, at, model_id AS modelId, branch_id AS branchId, owner_rank AS ownerRank,
      owner_at AS ownerAt, file_id AS fileId FROM prompt WHERE key = ?`,
  );
  const updatePrompt = db.prepare(
    'UPDATE prompt SET session_id = ?, at = ?, model_id = ?, branch_id = ?, owner_rank = ?, owner_at = ?, file_id = ? WHERE key = ?',
  );
  const insertEvent = db.prepare(
    `INSERT OR IGNORE INTO event (key, session_id, at, kind, phase, name_id, hook_type, status, success, duration_ms, count,
      pre_tokens, post_tokens, file_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const findEvent = db.prepare<[Buffer], { session_id: number; file_id: number }>(
    'SELECT session_id, file_id FROM event WHERE key = ?',
  );
  const moveEvent = db.prepare('UPDATE event SET session_id = ?, at = ?, file_id = ? WHERE key = ?');
  const insertLimit = db.prepare(
    `INSERT OR IGNORE INTO limit_snapshot (key, provider, at, window, window_minutes, used_pct, resets_at, reached, plan)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const saveCheckpoint = db.prepare(
    `UPDATE source_file SET offset = ?, tail_hash = ?, fp = ?, fp_len = ?, size = ?, mtime_ms = ?, state = ?, parser_version = ?,
      quarantined = ?, last_read_at = ?, missing_since = NULL, records = records + ?, invalid = invalid + ?, oversize = oversize + ?,
      bad_value = bad_value + ?, unknown_type = unknown_type + ?, first_bad_offset = COALESCE(first_bad_offset, ?)
     WHERE id = ? AND generation = ? AND offset = ?`,
  );

  function writeEvent(
    source: EventSource,
    sid: string,
    key: string,
    at: number,
    values: readonly unknown[],
    pathOf: (id: number) => string,
  ): void {
    const sessionId = sessions.idOf(source.provider, sid);
    const hashed = keys.of(source.provider, key);
    sessions.sawAt(sessionId, at);
    touched.add(sessionId);
    if (insertEvent.run(hashed, sessionId, at, ...values, source.fileId).changes === 1) return;
    // A fork repeats its ancestor's records: the smaller path keeps it, whichever was read first.
    const stored = findEvent.get(hashed);
    if (stored === undefined || stored.file_id === source.fileId || pathOf(stored.file_id) <= source.path) return;
    touched.add(stored.session_id);
    moveEvent.run(sessionId, at, source.fileId, hashed);
  }

  function writeTask(turnId: number, callId: number, call: ToolCall | undefined, result: ToolResult | undefined): void {
    if (call?.type !== 'subagent' && result?.childSession === undefined) return;
    upsertTask.run(
      turnId,
      callId,
      result?.childSession ?? null,
      result?.childAgentType ?? call?.target ?? null,
      result?.resolvedModel ?? null,
      result?.status ?? null,
      result?.at ?? null,
      result?.durationMs ?? null,
      result?.toolCalls ?? null,
    );
  }

  function writeResult(result: ToolResult, turnId: number, callId: number): void {
    const at = result.at ?? null;
    const duration = result.durationMs ?? null;
    if (result.childSession !== undefined) writeTask(turnId, callId, undefined, result);
    // No subagent's name in it: the end of a task all the same when the call before, perhaps in another batch, made one.
    else endTask.run(result.resolvedModel ?? null, at, duration, result.toolCalls ?? null, turnId, callId);
    updateResult.run(result.outputSizeBytes, result.isError ? 1 : 0, duration, at, at, turnId, callId);
  }

  const digest = Buffer.alloc(16);
  function digestBytes(text: string): Buffer {
    digest.write(text, 'latin1');
    return digest; // the driver copies it before the next one comes
  }

  return {
    touchedSessions(): number[] {
      const ids = [...touched];
      touched.clear();
      return ids;
    },
    forget(): void {
      touched.clear();
    },
    /** False when the turn has this call already; a result that is new is taken over all the same. */
    writeTool(call: ToolCall, turnId: number): boolean {
      const { result } = call;
      const callId = keys.partOf(call.key);
      writeTask(turnId, callId, call, result);
      const done = insertTool.run(
        turnId,
        callId,
        call.at ?? null,
        call.type,
        wordId(call.mcpTool ?? call.name),
        wordId(call.mcpServer),
        wordId(call.target),
        call.inputSizeBytes,
        call.inputDigest === undefined ? null : digestBytes(call.inputDigest),
        result?.outputSizeBytes ?? null,
        result === undefined ? null : result.isError ? 1 : 0,
        durationOf(call, result),
      );
      if (done.changes === 0 && result !== undefined) writeResult(result, turnId, callId);
      return done.changes === 1;
    },
    writeResult(event: ToolResultEvent, turnId: number | undefined): void {
      if (turnId !== undefined) writeResult(event.result, turnId, keys.partOf(event.key));
    },
    insertPrompt(key: Buffer, row: StoredPrompt): StoredPrompt | undefined {
      const done = insertPrompt.run(
        key,
        row.sessionId,
        row.at,
        row.modelId,
        row.branchId,
        row.ownerRank,
        row.ownerAt,
        row.fileId,
      );
      return done.changes === 1 ? undefined : findPrompt.get(key);
    },
    updatePrompt(key: Buffer, row: StoredPrompt): void {
      updatePrompt.run(row.sessionId, row.at, row.modelId, row.branchId, row.ownerRank, row.ownerAt, row.fileId, key);
    },
    writeCompaction(source: EventSource, event: CompactionEvent, at: number, pathOf: (id: number) => string): void {
      const kind = event.micro ? 'microcompaction' : 'compaction';
      writeEvent(
        source,
        event.session,
        `event\0${event.key}`,
        at,
        [
          kind,
          'single',
          0,
          null,
          event.trigger ?? null,
          null,
          null,
          null,
          event.preTokens ?? null,
          event.postTokens ?? null,
        ],
        pathOf,
      );
    },
    writeActivity(source: EventSource, event: ActivityEvent, at: number, pathOf: (id: number) => string): void {
      const success = event.success === undefined ? null : event.success ? 1 : 0;
      writeEvent(
        source,
        event.session,
        `event\0${event.key}`,
        at,
        [
          event.type,
          event.phase,
          wordId(event.name),
          event.hookType ?? null,
          event.status ?? null,
          success,
          event.durationMs ?? null,
          event.count ?? null,
          null,
          null,
        ],
        pathOf,
      );
    },
    writeLimit(source: EventSource, event: LimitEvent, at: number): void {
      insertLimit.run(
        keys.of(source.provider, `limit\0${event.key}`),
        source.provider,
        at,
        event.window,
        event.windowMinutes ?? null,
        event.usedPct ?? null,
        event.resetsAt ?? null,
        event.reached ? 1 : 0,
        event.plan ?? null,
      );
    },
    writeCheckpoint(c: CheckpointUpdate): void {
      const done = saveCheckpoint.run(
        c.offset,
        c.tailHash,
        c.fp,
        c.fpLen,
        c.size,
        c.mtimeMs,
        c.state,
        c.parserVersion,
        c.quarantined ? 1 : 0,
        c.readAt,
        c.counts.records,
        c.counts.invalid,
        c.counts.oversize,
        c.counts.bad_value,
        c.counts.unknown_type,
        c.counts.firstBadOffset ?? null,
        c.fileId,
        c.generation,
        c.fromOffset,
      );
      if (done.changes === 0) throw new CheckpointMoved();
    },
  };
}

function durationOf(call: ToolCall, result: ToolResult | undefined): number | null {
  if (result === undefined) return null;
  if (result.durationMs !== undefined) return result.durationMs;
  if (call.at === undefined || result.at === undefined || result.at < call.at) return null;
  return result.at - call.at;
}
