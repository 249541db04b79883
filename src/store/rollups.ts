import type { Database, Statement } from './driver.ts';
import { type SumVector, sumColumnList, sumColumns, sumWidth } from './sums.ts';
import type { TurnRow } from './turn-row.ts';

/** Rollups are sums over a quarter of an hour: every zone's offset is a multiple of it, so any calendar is a sum of them. */
export const bucketMs = 15 * 60 * 1000;

/** What `rollup_day` sums up. */
export const dayMs = 24 * 60 * 60 * 1000;

export function bucketOf(atMs: number): number {
  return Math.floor(atMs / bucketMs) * bucketMs;
}

interface SessionBucket {
  readonly bucket: number;
  readonly sessionId: number;
  readonly modelId: number;
  readonly fast: number;
  readonly branchId: number;
  readonly sidechain: number;
  readonly sums: SumVector;
}

/** What a session's buckets add to in `rollup`. */
export interface SessionPlace {
  readonly provider: string;
  readonly projectId: number;
}

/** Collects the differences of one batch and writes each touched row once. */
export interface RollupDeltas {
  addTurn(row: TurnRow, sign: 1 | -1): void;
  addPrompt(
    row: { readonly at: number; readonly sessionId: number; readonly modelId: number; readonly branchId: number },
    sign: 1 | -1,
  ): void;
  /** A tool call that no turn counts. */
  addCall(
    row: {
      readonly at: number;
      readonly sessionId: number;
      readonly modelId: number;
      readonly branchId: number;
      readonly sidechain: number;
      readonly type: string;
    },
    sign: 1 | -1,
  ): void;
  /** Takes what a session has in the store out of one project and into another. */
  moveSession(sessionId: number, from: SessionPlace, to: SessionPlace): void;
  flush(placeOf: (sessionId: number) => SessionPlace): void;
  clear(): void;
}

/** `fillsNew`: nothing is in the store yet, and one flush at the end writes all of it. */
export function createRollupDeltas(db: Database, { fillsNew }: { readonly fillsNew: boolean }): RollupDeltas {
  const add = fillsNew ? insert : upsert;
  let buckets = new Map<string, SessionBucket>();
  let last: SessionBucket | undefined;
  const moved: { row: SessionBucket; from: SessionPlace; to: SessionPlace }[] = [];
  const writeSession = add(db, 'session_rollup', [
    'bucket',
    'session_id',
    'model_id',
    'fast',
    'branch_id',
    'sidechain',
  ]);
  const writeRollup = add(db, 'rollup', ['bucket', 'provider', 'model_id', 'fast', 'project_id', 'branch_id']);
  const dropSession = dropEmpty(db, 'session_rollup', [
    'bucket',
    'session_id',
    'model_id',
    'fast',
    'branch_id',
    'sidechain',
  ]);
  const dropRollup = dropEmpty(db, 'rollup', ['bucket', 'provider', 'model_id', 'fast', 'project_id', 'branch_id']);
  const selectSession = db.prepare(
    `SELECT bucket, session_id, model_id, fast, branch_id, sidechain, ${sumColumnList} FROM session_rollup WHERE session_id = ?`,
  );

  function bucketFor(
    at: number,
    sessionId: number,
    modelId: number,
    fast: number,
    branchId: number,
    sidechain: number,
  ): SumVector {
    const bucket = bucketOf(at);
    if (
      last?.bucket === bucket &&
      last.sessionId === sessionId &&
      last.modelId === modelId &&
      last.fast === fast &&
      last.branchId === branchId &&
      last.sidechain === sidechain
    )
      return last.sums; // turns come in runs
    const key = `${bucket}/${sessionId}/${modelId}/${fast}/${branchId}/${sidechain}`;
    let found = buckets.get(key);
    if (found === undefined) {
      found = { bucket, sessionId, modelId, fast, branchId, sidechain, sums: new Float64Array(sumWidth) };
      buckets.set(key, found);
    }
    last = found;
    return found.sums;
  }

  return {
    addTurn(row, sign) {
      addTurnSums(bucketFor(row.at, row.sessionId, row.modelId, row.fast, row.branchId, row.sidechain), row, sign);
    },
    addPrompt(row, sign) {
      bump(bucketFor(row.at, row.sessionId, row.modelId, 0, row.branchId, 0), 1, sign);
    },
    addCall(row, sign) {
      const sums = bucketFor(row.at, row.sessionId, row.modelId, 0, row.branchId, row.sidechain);
      bump(sums, 2, sign);
      if (row.type === 'mcp') bump(sums, 3, sign);
    },
    moveSession(sessionId, from, to) {
      for (const raw of selectSession.raw().iterate(sessionId) as Iterable<number[]>) {
        const [bucket = 0, id = 0, modelId = 0, fast = 0, branchId = 0, sidechain = 0, ...sums] = raw;
        const row = { bucket, sessionId: id, modelId, fast, branchId, sidechain, sums: Float64Array.from(sums) };
        moved.push({ row, from, to });
      }
    },
    flush(placeOf) {
      const totals = new Map<string, { keys: readonly (number | string)[]; sums: SumVector }>();
      const addTotal = (
        { bucket, modelId, fast, branchId, sums }: SessionBucket,
        place: SessionPlace,
        sign: 1 | -1,
      ) => {
        const key = `${bucket}/${place.provider}/${modelId}/${fast}/${place.projectId}/${branchId}`;
        let total = totals.get(key);
        if (total === undefined) {
          total = {
            keys: [bucket, place.provider, modelId, fast, place.projectId, branchId],
            sums: new Float64Array(sumWidth),
          };
          totals.set(key, total);
        }
        for (let i = 0; i < sumWidth; i++) bump(total.sums, i, sign * (sums[i] ?? 0));
      };
      for (const move of moved) {
        addTotal(move.row, move.from, -1);
        addTotal(move.row, move.to, 1);
      }
      for (const row of buckets.values()) {
        if (isZero(row.sums)) continue;
        const keys = [row.bucket, row.sessionId, row.modelId, row.fast, row.branchId, row.sidechain];
        writeSession.run(rowOf(keys, row.sums));
        if (mayBeEmpty(row.sums)) dropSession.run(...keys);
        addTotal(row, placeOf(row.sessionId), 1);
      }
      for (const total of totals.values()) {
        if (isZero(total.sums)) continue;
        writeRollup.run(rowOf(total.keys, total.sums));
        if (mayBeEmpty(total.sums)) dropRollup.run(...total.keys);
      }
      this.clear();
    },
    clear() {
      buckets = new Map();
      last = undefined;
      moved.length = 0;
    },
  };
}

function isZero(sums: SumVector): boolean {
  for (let i = 0; i < sumWidth; i++) if (sums[i] !== 0) return false;
  return true;
}

/** The values of a row, to be bound before the next one is made: a first fill writes ten thousand at once. */
function rowOf(keys: readonly (number | string)[], sums: SumVector): readonly (number | string)[] {
  for (let i = 0; i < keyWidth; i++) values[i] = keys[i] as number | string; // as many as the table has
  for (let i = 0; i < sumWidth; i++) values[keyWidth + i] = sums[i] as number;
  return values;
}

/** Columns of either table's key. */
const keyWidth = 6;
const values: (number | string)[] = Array.from({ length: keyWidth + sumWidth }, () => 0);

function bump(sums: SumVector, index: number, by: number): void {
  sums[index] = (sums[index] ?? 0) + by;
}

/** Adds one turn's part in the order of the sum columns. */
function addTurnSums(sums: SumVector, row: TurnRow, sign: 1 | -1): void {
  const auto = row.costLogged ?? row.costCalculated;
  const turns = sign * row.responses;
  bump(sums, 0, turns);
  bump(sums, 2, sign * row.toolCalls);
  bump(sums, 3, sign * row.mcpCalls);
  bump(sums, 4, sign * row.uncached);
  bump(sums, 5, sign * row.cacheRead);
  bump(sums, 6, sign * row.write5m);
  bump(sums, 7, sign * row.write1h);
  bump(sums, 8, sign * row.output);
  if (row.reasoning !== null) {
    bump(sums, 9, sign * row.reasoning);
    bump(sums, 10, turns);
  }
  if (row.costLogged !== null) {
    bump(sums, 11, sign * row.costLogged);
    bump(sums, 12, turns);
  }
  if (row.costCalculated !== null) {
    bump(sums, 13, sign * row.costCalculated);
    bump(sums, 14, turns);
  }
  if (auto !== null) {
    bump(sums, 15, sign * auto);
    bump(sums, 16, turns);
  }
  bump(sums, 17, sign * (row.savings ?? 0));
}

function insert(db: Database, table: string, keys: readonly string[]): Statement {
  return db.prepare(insertSql(table, keys));
}

function upsert(db: Database, table: string, keys: readonly string[]): Statement {
  const additions = sumColumns.map((column) => `${column} = ${column} + excluded.${column}`).join(', ');
  return db.prepare(`${insertSql(table, keys)} ON CONFLICT (${keys.join(', ')}) DO UPDATE SET ${additions}`);
}

function insertSql(table: string, keys: readonly string[]): string {
  const columns = [...keys, ...sumColumns];
  return `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`;
}

/** Did turns, prompts or calls leave? Then what stays may be nothing, and an empty bucket has no row. */
function mayBeEmpty(sums: SumVector): boolean {
  return (sums[0] ?? 0) < 0 || (sums[1] ?? 0) < 0 || (sums[2] ?? 0) < 0;
}

function dropEmpty(db: Database, table: string, keys: readonly string[]): Statement {
  const match = keys.map((key) => `${key} = ?`).join(' AND ');
  return db.prepare(`DELETE FROM ${table} WHERE ${match} AND turns = 0 AND prompts = 0 AND tool_calls = 0`);
}
