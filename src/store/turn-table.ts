import type { Database } from './driver.ts';
import type { TurnRow } from './turn-row.ts';

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
  const insert = db.prepare(
    `INSERT INTO ${table} (key, ${names.join(', ')}) VALUES (?, ${names.map(() => '?').join(', ')}) ON CONFLICT (key) DO NOTHING`,
  );
  const find = db.prepare<[Buffer], TurnRow>(
    `SELECT id, ${columns.map(([column, field]) => `${column} AS ${field}`).join(', ')} FROM ${table} WHERE key = ?`,
  );
  const update = db.prepare(`UPDATE ${table} SET ${names.map((name) => `${name} = ?`).join(', ')} WHERE id = ?`);
  const idOf = db.prepare<[Buffer], { id: number }>(`SELECT id FROM ${table} WHERE key = ?`);
  const remove = db.prepare<[number]>(`DELETE FROM ${table} WHERE id = ?`);
  const word = db.prepare<[number], { text: string }>('SELECT text FROM word WHERE id = ?');
  return {
    insert(key, row) {
      const done = insert.run(
        key,
        row.sessionId,
        row.at,
        row.modelId,
        row.fast,
        row.uncached,
        row.cacheRead,
        row.write5m,
        row.write1h,
        row.output,
        row.reasoning,
        row.webSearches,
        row.promptTokens,
        row.contextTokens,
        row.serviceTier,
        row.branchId,
        row.sidechain,
        row.isCompaction,
        row.quality,
        row.approximate,
        row.suspect,
        row.costLogged,
        row.costCalculated,
        row.savings,
        row.priceId,
        row.responses,
        row.toolCalls,
        row.mcpCalls,
        row.ownerRank,
        row.ownerAt,
        row.fileId,
      );
      return done.changes === 1 ? Number(done.lastInsertRowid) : undefined;
    },
    find: (key) => find.get(key),
    update: (row) => void update.run(...columns.map(([, field]) => row[field]), row.id),
    remove: (id) => void remove.run(id),
    idOf: (key) => idOf.get(key)?.id,
    modelName: (modelId) => word.get(modelId)?.text ?? 'unknown',
  };
}
