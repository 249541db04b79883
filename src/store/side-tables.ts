import type { LimitEvent, ToolCall, ToolResult, ToolResultEvent } from '../events.ts';
import type { CheckpointUpdate, EventSource } from './batch.ts';
import { CheckpointMoved } from './batch.ts';
import { cleanName, nameOf } from './clean.ts';
import type { Database } from './driver.ts';
import { textWriter } from './quick-write.ts';
import type { RowKeys } from './row-key.ts';
import type { TaskTable } from './task-table.ts';

/** A row of `prompt` while it is being worked on. */
export interface StoredPrompt {
  sessionId: number;
  at: number;
  modelId: number;
  branchId: number;
  ownerRank: number;
  ownerAt: number;
  fileId: number;
}

/** What a batch says of tool calls, prompts, limits and files: one statement each, written as it comes. */
export function createSideTables(
  db: Database,
  wordId: (text: string | undefined) => number,
  keys: RowKeys,
  tasks: TaskTable,
) {
  const insertTool = db.prepare(
    `INSERT OR IGNORE INTO tool_call (turn_id, call_id, at, type, name_id, server_id, target_id, input_size, input_digest,
      output_size, is_error, duration_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const updateResult = db.prepare(
    `UPDATE tool_call SET output_size = ?, is_error = ?, duration_ms = COALESCE(?, CASE WHEN ? >= at THEN ? - at END, duration_ms)
     WHERE turn_id = ? AND call_id = ?`,
  );
  const namesOf = db.prepare<[number], number>('SELECT name_id FROM tool_call WHERE turn_id = ?').pluck();
  const removeTools = db.prepare('DELETE FROM tool_call WHERE turn_id = ?');
  // A row's number is given out again: what it cost before belongs to it alone.
  const forgetCost = db.prepare('DELETE FROM cost_before WHERE turn_id = ?');
  const setParent = db.prepare('UPDATE tool_call SET parent_id = ? WHERE turn_id = ? AND call_id = ?');
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
  const removePrompt = db.prepare('DELETE FROM prompt WHERE key = ?');
  const insertLimit = db.prepare(
    `INSERT OR IGNORE INTO limit_snapshot (key, provider, at, window, window_minutes, used_pct, resets_at, reached, plan, used, entitlement, session_id)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const saveCheckpoint = db.prepare(
    `UPDATE source_file SET offset = ?, tail_hash = ?, fp = ?, fp_len = ?, size = ?, mtime_ms = ?, state = ?, parser_version = ?,
      quarantined = ?, failure = ?, last_read_at = ?, missing_since = NULL, records = records + ?, invalid = invalid + ?, oversize = oversize + ?,
      bad_value = bad_value + ?, unknown_type = unknown_type + ?, first_bad_offset = COALESCE(first_bad_offset, ?)
     WHERE id = ? AND generation = ? AND offset = ?`,
  );

  function writeResult(result: ToolResult, turnId: number, callId: number): void {
    const at = result.at ?? null;
    const place = { turnId, sessionId: 0, callId };
    if (result.childSession !== undefined) tasks.write(place, undefined, result);
    // No subagent's name in it: the end of a task all the same when the call before, perhaps in another batch, made one.
    else tasks.end(place, result);
    updateResult.run(result.outputSizeBytes, result.isError ? 1 : 0, result.durationMs ?? null, at, at, turnId, callId);
  }

  const digest = Buffer.alloc(16);
  const writeDigest = textWriter(digest, 'latin1');
  function digestBytes(text: string): Buffer {
    writeDigest(text);
    return digest; // the driver copies it before the next one comes
  }

  return {
    /** Returns the id of its name; undefined when the turn has this call already. A result that is new is taken over all the same. */
    writeTool(call: ToolCall, turnId: number): number | undefined {
      const { result } = call;
      const callId = keys.partOf(call.key);
      const nameId = wordId(call.mcpTool ?? call.name);
      if (call.type === 'subagent' || result?.childSession !== undefined)
        tasks.write({ turnId, sessionId: 0, callId }, call, result);
      const done = insertTool.run(
        turnId,
        callId,
        call.at ?? null,
        call.type,
        nameId,
        wordId(call.mcpServer),
        wordId(call.target),
        call.inputSizeBytes,
        call.inputDigest === undefined ? null : digestBytes(call.inputDigest),
        result?.outputSizeBytes ?? null,
        result === undefined ? null : result.isError ? 1 : 0,
        durationOf(call, result),
      );
      if (call.parent !== undefined) setParent.run(keys.partOf(call.parent), turnId, callId);
      if (done.changes === 0 && result !== undefined) writeResult(result, turnId, callId);
      return done.changes === 1 ? nameId : undefined;
    },
    /** What a turn's calls are called, once for each. */
    namesOf: (turnId: number): readonly number[] => namesOf.all(turnId),
    writeResult(event: ToolResultEvent, turnId: number | undefined): void {
      if (turnId !== undefined) writeResult(event.result, turnId, keys.partOf(event.key));
    },
    /** What belongs to a turn that is no more. */
    removePartsOf(turnId: number): void {
      removeTools.run(turnId);
      tasks.remove(turnId);
      forgetCost.run(turnId);
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
    /** What was there. */
    removePrompt(key: Buffer): StoredPrompt | undefined {
      const row = findPrompt.get(key);
      if (row !== undefined) removePrompt.run(key);
      return row;
    },
    writeLimit(source: EventSource, event: LimitEvent, at: number, sessionId: number): void {
      insertLimit.run(
        keys.of(source.provider, `limit\0${event.key}`),
        source.provider,
        at,
        cleanName(event.window),
        wholeOrNull(event.windowMinutes),
        event.usedPct !== undefined && event.usedPct >= 0 ? Math.min(100, event.usedPct) : null,
        timeOrNull(event.resetsAt, at),
        event.reached ? 1 : 0,
        nameOf(event.plan),
        amountOrNull(event.used),
        amountOrNull(event.entitlement),
        sessionId,
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
        c.failure,
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

/** A reset time that can be one: no window is longer than a year. */
function timeOrNull(value: number | undefined, at: number): number | null {
  return value !== undefined && Math.abs(value - at) <= 366 * 86_400_000 ? Math.round(value) : null;
}

function wholeOrNull(value: number | undefined): number | null {
  return value !== undefined && Number.isSafeInteger(value) && value > 0 ? value : null;
}

function amountOrNull(value: number | undefined): number | null {
  return value !== undefined && value >= 0 && value <= 1e12 ? value : null;
}
