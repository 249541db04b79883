import type { ActivityEvent, CompactionEvent } from '../events.ts';
import type { EventSource } from './batch.ts';
import { nameOf } from './clean.ts';
import type { Database } from './driver.ts';
import type { RowKeys } from './row-key.ts';
import type { Sessions } from './sessions.ts';

/** Columns of `event` in the order of an {@link EventRow}. */
const columns = [
  'session_id',
  'at',
  'kind',
  'phase',
  'name_id',
  'hook_type',
  'status',
  'success',
  'duration_ms',
  'count',
  'pre_tokens',
  'post_tokens',
  'correlation_id',
  'parent_id',
  'agent_type',
  'execution_mode',
  'model_id',
  'input_size',
  'output_size',
  'input_digest',
  'total_tokens',
  'tool_calls',
  'file_id',
] as const;

/** What most events tell, such as hooks: a value less to hand over is time saved. */
const usual = ['session_id', 'at', 'kind', 'phase', 'name_id', 'hook_type', 'model_id', 'file_id'] as const;
const seldom = columns.filter((column) => !(usual as readonly string[]).includes(column));

type Value = string | number | Buffer | null;
type EventRow = Record<(typeof columns)[number], Value> & {
  readonly session_id: number;
  readonly at: number;
  readonly file_id: number;
};

/** What happened beside tokens. A record told again fills what was left out; copies of it in a fork belong to the smaller path. */
export interface EventTable {
  /** Times are those of the log, or the file's. Returns the sessions it changed. */
  writeCompaction(source: EventSource, event: CompactionEvent, at: number): readonly number[];
  writeActivity(source: EventSource, event: ActivityEvent, at: number): readonly number[];
  /** Returns the session it belonged to, if it was there. */
  remove(key: Buffer): readonly number[];
}

export function createEventTable(
  db: Database,
  wordId: (text: string | undefined) => number,
  sessions: Sessions,
  keys: RowKeys,
  pathOf: (fileId: number) => string,
): EventTable {
  const insertOf = (told: readonly string[]) =>
    db.prepare(`INSERT OR IGNORE INTO event (key, ${told.join(', ')}) VALUES (?, ${told.map(() => '?').join(', ')})`);
  const insertUsual = insertOf(usual);
  const insertAny = insertOf(columns);
  const insert = (key: Buffer, row: EventRow) =>
    seldom.every((column) => row[column] === null)
      ? insertUsual.run(key, ...usual.map((column) => row[column]))
      : insertAny.run(key, ...valuesOf(row));
  const find = db.prepare<[Buffer], EventRow>(`SELECT ${columns.join(', ')} FROM event WHERE key = ?`);
  const update = db.prepare(`UPDATE event SET ${columns.map((column) => `${column} = ?`).join(', ')} WHERE key = ?`);

  const remove = db.prepare<[Buffer], { session_id: number }>('DELETE FROM event WHERE key = ? RETURNING session_id');

  function write(provider: string, naturalKey: string, row: EventRow): readonly number[] {
    sessions.sawAt(row.session_id, row.at);
    const key = keys.of(provider, `event\0${naturalKey}`);
    if (insert(key, row).changes === 1) return [row.session_id];
    const stored = find.get(key);
    if (stored === undefined) throw new Error('an event refused as a duplicate is not there');
    const owns = row.file_id !== stored.file_id && pathOf(row.file_id) < pathOf(stored.file_id);
    const merged = owns ? fill(row, stored) : fill(stored, row);
    if (columns.every((column) => same(merged[column], stored[column]))) return [row.session_id];
    update.run(...valuesOf(merged), key);
    return [row.session_id, stored.session_id];
  }

  const idOf = (key: string | undefined): number | null => (key === undefined || key === '' ? null : keys.partOf(key));

  return {
    remove: (key) => remove.all(key).map((row) => row.session_id),
    writeCompaction: (source, event, at) =>
      write(source.provider, event.key, {
        session_id: sessions.idOf(source.provider, event.session),
        at,
        kind: event.micro ? 'microcompaction' : 'compaction',
        phase: 'single',
        name_id: 0,
        hook_type: null,
        status: nameOf(event.trigger),
        success: null,
        duration_ms: null,
        count: null,
        pre_tokens: event.preTokens ?? null,
        post_tokens: event.postTokens ?? null,
        correlation_id: null,
        parent_id: null,
        agent_type: null,
        execution_mode: null,
        model_id: 0,
        input_size: null,
        output_size: null,
        input_digest: null,
        total_tokens: null,
        tool_calls: null,
        file_id: source.fileId,
      }),
    writeActivity: (source, event, at) =>
      write(source.provider, event.key, {
        session_id: sessions.idOf(source.provider, event.session),
        at,
        kind: event.type,
        phase: event.phase,
        name_id: wordId(event.name),
        hook_type: nameOf(event.hookType),
        status: nameOf(event.status),
        success: event.success === undefined ? null : event.success ? 1 : 0,
        duration_ms: event.durationMs ?? null,
        count: event.count ?? null,
        pre_tokens: null,
        post_tokens: null,
        correlation_id: idOf(event.correlation),
        parent_id: idOf(event.parent),
        agent_type: nameOf(event.agentType),
        execution_mode: nameOf(event.executionMode),
        model_id: wordId(event.model),
        input_size: event.inputSizeBytes ?? null,
        output_size: event.outputSizeBytes ?? null,
        input_digest: event.inputDigest === undefined ? null : Buffer.from(event.inputDigest, 'latin1'),
        total_tokens: event.totalTokens ?? null,
        tool_calls: event.toolCalls ?? null,
        file_id: source.fileId,
      }),
  };
}

function valuesOf(row: EventRow): readonly Value[] {
  return columns.map((column) => row[column]);
}

/** `row` with what it leaves out taken from `copy`. */
function fill(row: EventRow, copy: EventRow): EventRow {
  return {
    ...row,
    ...Object.fromEntries(
      columns
        .filter((column) => row[column] === null || (column.endsWith('_id') && row[column] === 0))
        .map((column) => [column, copy[column]]),
    ),
  };
}

function same(a: Value, b: Value): boolean {
  return a === b || (Buffer.isBuffer(a) && Buffer.isBuffer(b) && a.equals(b));
}
