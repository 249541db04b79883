import type { ToolCall } from '../events.ts';
import type { Database } from './driver.ts';
import type { RowKeys } from './row-key.ts';
import type { TaskTable } from './task-table.ts';

/** Where and when a call of no turn counts. */
export interface CallPlace {
  readonly sessionId: number;
  readonly at: number;
  readonly modelId: number;
  readonly branchId: number;
  readonly sidechain: number;
  readonly type: ToolCall['type'];
  readonly nameId: number;
}

/** A row of `session_call` while it is being worked on; columns as in `schema.md`. */
interface CallRow extends CallPlace {
  callId: number;
  at: number;
  approximate: number;
  modelId: number;
  branchId: number;
  sidechain: number;
  type: ToolCall['type'];
  nameId: number;
  serverId: number;
  targetId: number;
  inputSize: number;
  inputDigest: Buffer | null;
  outputSize: number | null;
  isError: number | null;
  durationMs: number | null;
  endedAt: number | null;
  parentId: number | null;
}

const fields: readonly (readonly [column: string, field: keyof CallRow])[] = [
  ['session_id', 'sessionId'],
  ['call_id', 'callId'],
  ['at', 'at'],
  ['approximate', 'approximate'],
  ['model_id', 'modelId'],
  ['branch_id', 'branchId'],
  ['sidechain', 'sidechain'],
  ['type', 'type'],
  ['name_id', 'nameId'],
  ['server_id', 'serverId'],
  ['target_id', 'targetId'],
  ['input_size', 'inputSize'],
  ['input_digest', 'inputDigest'],
  ['output_size', 'outputSize'],
  ['is_error', 'isError'],
  ['duration_ms', 'durationMs'],
  ['ended_at', 'endedAt'],
  ['parent_id', 'parentId'],
];

/** Tool calls of which no turn is known, one row each however often and in whatever order they are told. */
export interface SessionCalls {
  /** Returns where the call counted before, if it did, and where it counts now. */
  write(
    call: ToolCall,
    place: Omit<CallPlace, 'type' | 'nameId'> & { readonly approximate: number },
  ): { readonly before: CallPlace | undefined; readonly after: CallPlace };
}

export function createSessionCalls(
  db: Database,
  wordId: (text: string | undefined) => number,
  keys: RowKeys,
  tasks: TaskTable,
): SessionCalls {
  const columns = fields.map(([column]) => column);
  const insert = db.prepare(
    `INSERT OR IGNORE INTO session_call (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`,
  );
  const find = db.prepare<[number, number], CallRow>(
    `SELECT ${fields.map(([column, field]) => `${column} AS ${field}`).join(', ')} FROM session_call WHERE session_id = ? AND call_id = ?`,
  );
  const update = db.prepare(
    `UPDATE session_call SET ${columns.map((column) => `${column} = ?`).join(', ')} WHERE session_id = ? AND call_id = ?`,
  );

  function rowOf(
    call: ToolCall,
    place: Omit<CallPlace, 'type' | 'nameId'> & { readonly approximate: number },
  ): CallRow {
    const { result } = call;
    return {
      ...place,
      callId: keys.partOf(call.key),
      type: call.type,
      nameId: wordId(call.mcpTool ?? call.name),
      serverId: wordId(call.mcpServer),
      targetId: wordId(call.target),
      inputSize: call.inputSizeBytes,
      inputDigest: call.inputDigest === undefined ? null : Buffer.from(call.inputDigest, 'latin1'),
      outputSize: result?.outputSizeBytes ?? null,
      isError: result === undefined ? null : result.isError ? 1 : 0,
      durationMs: result?.durationMs ?? null,
      endedAt: result?.at ?? null,
      parentId: call.parent === undefined ? null : keys.partOf(call.parent),
    };
  }

  return {
    write(call, place) {
      const row = rowOf(call, place);
      let before: CallRow | undefined;
      let after = row;
      if (insert.run(...valuesOf(row)).changes === 0) {
        before = find.get(row.sessionId, row.callId);
        if (before === undefined) throw new Error('a call refused as a duplicate is not there');
        after = merge(before, row);
        update.run(...valuesOf(after), row.sessionId, row.callId);
      }
      if (after.type === 'subagent' || call.result?.childSession !== undefined)
        tasks.write({ turnId: 0, sessionId: row.sessionId, callId: row.callId }, call, call.result);
      return { before, after };
    },
  };
}

function valuesOf(row: CallRow): readonly unknown[] {
  return fields.map(([, field]) => row[field]);
}

/** The same in whatever order the reports come, as long as they do not contradict each other. */
function merge(stored: CallRow, told: CallRow): CallRow {
  // A time the log states beats one taken from elsewhere; among equals the earlier.
  const earlier =
    told.approximate < stored.approximate || (told.approximate === stored.approximate && told.at < stored.at);
  return {
    ...stored,
    at: earlier ? told.at : stored.at,
    approximate: earlier ? told.approximate : stored.approximate,
    modelId: stored.modelId || told.modelId,
    branchId: stored.branchId || told.branchId,
    sidechain: Math.min(stored.sidechain, told.sidechain),
    type: stored.type === 'tool' ? told.type : stored.type,
    nameId: stored.nameId || told.nameId,
    serverId: stored.serverId || told.serverId,
    targetId: stored.targetId || told.targetId,
    inputSize: Math.max(stored.inputSize, told.inputSize),
    inputDigest: stored.inputDigest ?? told.inputDigest,
    outputSize: larger(stored.outputSize, told.outputSize),
    isError: larger(stored.isError, told.isError),
    durationMs: larger(stored.durationMs, told.durationMs),
    endedAt: larger(stored.endedAt, told.endedAt),
    parentId: stored.parentId ?? told.parentId,
  };
}

function larger(a: number | null, b: number | null): number | null {
  if (a === null) return b;
  return b === null ? a : Math.max(a, b);
}
