import type { Database } from './driver.ts';
import { emptyRow, type TurnRow } from './turn-row.ts';

/** Columns in the order of {@link valuesOf}, each with the field that fills it. */
const columns: readonly (readonly [column: string, field: keyof TurnRow])[] = [
  ['session_id', 'sessionId'],
  ['at', 'at'],
  ['model_id', 'modelId'],
  ['fast', 'fast'],
  ['uncached_input_tokens', 'uncached'],
  ['cache_read_tokens', 'cacheRead'],
  ['cache_write_5m_tokens', 'write5m'],
  ['cache_write_1h_tokens', 'write1h'],
  ['output_tokens', 'output'],
  ['reasoning_tokens', 'reasoning'],
  ['web_search_requests', 'webSearches'],
  ['prompt_tokens', 'promptTokens'],
  ['context_tokens', 'contextTokens'],
  ['service_tier', 'serviceTier'],
  ['branch_id', 'branchId'],
  ['sidechain', 'sidechain'],
  ['is_compaction', 'isCompaction'],
  ['quality', 'quality'],
  ['approximate', 'approximate'],
  ['suspect', 'suspect'],
  ['cost_logged_nano', 'costLogged'],
  ['cost_calculated_nano', 'costCalculated'],
  ['savings_nano', 'savings'],
  ['price_id', 'priceId'],
  ['responses', 'responses'],
  ['tool_calls', 'toolCalls'],
  ['mcp_calls', 'mcpCalls'],
  ['owner_rank', 'ownerRank'],
  ['owner_at', 'ownerAt'],
  ['file_id', 'fileId'],
];

/** What nearly every row says alike. A value that stands in the statement need not be handed over, which is most of an insert. */
const usual = {
  fast: 0,
  reasoning: null,
  webSearches: 0,
  isCompaction: 0,
  quality: 'measured',
  approximate: 0,
  suspect: 0,
  costLogged: null,
  responses: 1,
  mcpCalls: 0,
} as const satisfies Partial<TurnRow>;

/** A table of turns by key. `turn` holds those that count, `spare_turn` those that something better tells. */
export interface TurnTable {
  /** New row id, or undefined when the key is there already. */
  insert(key: Buffer, row: TurnRow): number | undefined;
  find(key: Buffer): TurnRow | undefined;
  update(row: TurnRow): void;
  remove(id: number): void;
  idOf(key: Buffer): number | undefined;
  modelName(modelId: number): string;
}

export function createTurnTable(db: Database, table: 'turn' | 'spare_turn'): TurnTable {
  const names = columns.map(([column]) => column);
  const insertWith = (placeOf: (field: keyof TurnRow) => string) =>
    db.prepare(
      `INSERT INTO ${table} (key, ${names.join(', ')}) VALUES (?, ${columns.map(([, field]) => placeOf(field)).join(', ')})
       ON CONFLICT (key) DO NOTHING`,
    );
  const insertUsual = insertWith((field) => (field in usual ? literal(usual[field as keyof typeof usual]) : '?'));
  const insertAny = insertWith(() => '?');
  const find = db.prepare<[Buffer], Value[]>(`SELECT id, ${names.join(', ')} FROM ${table} WHERE key = ?`).raw();
  const update = db.prepare(`UPDATE ${table} SET ${names.map((name) => `${name} = ?`).join(', ')} WHERE id = ?`);
  const idOf = db.prepare<[Buffer], { id: number }>(`SELECT id FROM ${table} WHERE key = ?`);
  const remove = db.prepare<[number]>(`DELETE FROM ${table} WHERE id = ?`);
  const word = db.prepare<[number], { text: string }>('SELECT text FROM word WHERE id = ?');
  return {
    insert(key, row) {
      const done = isUsual(row)
        ? insertUsual.run(
            key,
            row.sessionId,
            row.at,
            row.modelId,
            row.uncached,
            row.cacheRead,
            row.write5m,
            row.write1h,
            row.output,
            row.promptTokens,
            row.contextTokens,
            row.serviceTier,
            row.branchId,
            row.sidechain,
            row.costCalculated,
            row.savings,
            row.priceId,
            row.toolCalls,
            row.ownerRank,
            row.ownerAt,
            row.fileId,
          )
        : insertAny.run(key, ...columns.map(([, field]) => row[field]));
      return done.changes === 1 ? Number(done.lastInsertRowid) : undefined;
    },
    find(key) {
      const values = find.get(key);
      return values === undefined ? undefined : rowOf(values);
    },
    update: (row) => void update.run(...columns.map(([, field]) => row[field]), row.id),
    remove: (id) => void remove.run(id),
    idOf: (key) => idOf.get(key)?.id,
    modelName: (modelId) => word.get(modelId)?.text ?? 'unknown',
  };
}

type Value = TurnRow[keyof TurnRow];

/** An object like those the writer makes of events: V8 makes code by shapes, and theirs is the usual one. */
function rowOf(values: readonly Value[]): TurnRow {
  const row: Record<keyof TurnRow, Value> = emptyRow();
  row.id = values[0] as number;
  for (let i = 0; i < columns.length; i++) row[(columns[i] as (typeof columns)[number])[1]] = values[i + 1] as Value;
  return row as TurnRow; // of the table's own columns
}

function isUsual(row: TurnRow): boolean {
  return (
    row.fast === usual.fast &&
    row.reasoning === usual.reasoning &&
    row.webSearches === usual.webSearches &&
    row.isCompaction === usual.isCompaction &&
    row.quality === usual.quality &&
    row.approximate === usual.approximate &&
    row.suspect === usual.suspect &&
    row.costLogged === usual.costLogged &&
    row.responses === usual.responses &&
    row.mcpCalls === usual.mcpCalls
  );
}

function literal(value: string | number | null): string {
  return typeof value === 'string' ? `'${value}'` : String(value);
}
