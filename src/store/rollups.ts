import type { Database, Statement } from './driver.ts';
import { type Sums, sumColumnList, sumColumns, sumSelect } from './sums.ts';
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
  readonly sums: Sums;
}

interface PlaceBucket {
  readonly bucket: number;
  readonly provider: string;
  readonly modelId: number;
  readonly fast: number;
  readonly projectId: number;
  readonly branchId: number;
  readonly sums: Sums;
}

/** What a session's buckets add to in `rollup`. */
export interface SessionPlace {
  readonly provider: string;
  readonly projectId: number;
}

/** Collects the differences of one batch and writes each touched row once. In a first fill `rollup` is left for its end. */
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

/** `fillsNew`: the store is new, and its `rollup` is filled by {@link fillRollup} when all else is written. */
export function createRollupDeltas(db: Database, { fillsNew }: { readonly fillsNew: boolean }): RollupDeltas {
  let buckets = new Map<string, SessionBucket>();
  let last: SessionBucket | undefined;
  const moved: { row: SessionBucket; from: SessionPlace; to: SessionPlace }[] = [];
  const writeSession = upsert(db, 'session_rollup', [
    'bucket',
    'session_id',
    'model_id',
    'fast',
    'branch_id',
    'sidechain',
  ]);
  const writeRollup = upsert(db, 'rollup', ['bucket', 'provider', 'model_id', 'fast', 'project_id', 'branch_id']);
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
  ): Sums {
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
      found = { bucket, sessionId, modelId, fast, branchId, sidechain, sums: none() };
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
      bucketFor(row.at, row.sessionId, row.modelId, 0, row.branchId, 0)[1] += sign;
    },
    addCall(row, sign) {
      const sums = bucketFor(row.at, row.sessionId, row.modelId, 0, row.branchId, row.sidechain);
      sums[2] += sign;
      if (row.type === 'mcp') sums[3] += sign;
    },
    moveSession(sessionId, from, to) {
      for (const raw of selectSession.raw().iterate(sessionId) as Iterable<number[]>) {
        const [bucket = 0, id = 0, modelId = 0, fast = 0, branchId = 0, sidechain = 0, ...sums] = raw;
        const figures = sums as Sums; // as many as were selected
        const row = { bucket, sessionId: id, modelId, fast, branchId, sidechain, sums: figures };
        moved.push({ row, from, to });
      }
    },
    flush(placeOf) {
      const totals = new Map<string, PlaceBucket>();
      for (const move of moved) {
        addTo(totals, move.row, move.from, -1);
        addTo(totals, move.row, move.to, 1);
      }
      for (const row of buckets.values()) {
        const { bucket, sessionId, modelId, fast, branchId, sidechain, sums } = row;
        if (isZero(sums)) continue;
        writeSession.run(bucket, sessionId, modelId, fast, branchId, sidechain, ...sums);
        if (mayBeEmpty(sums)) dropSession.run(bucket, sessionId, modelId, fast, branchId, sidechain);
        if (!fillsNew) addTo(totals, row, placeOf(sessionId), 1);
      }
      for (const { bucket, provider, modelId, fast, projectId, branchId, sums } of totals.values()) {
        if (isZero(sums)) continue;
        writeRollup.run(bucket, provider, modelId, fast, projectId, branchId, ...sums);
        if (mayBeEmpty(sums)) dropRollup.run(bucket, provider, modelId, fast, projectId, branchId);
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

/** Sums the buckets of all sessions up by their places, which are known for sure when everything was read. */
export function fillRollup(db: Database): void {
  db.exec(
    `INSERT INTO rollup (bucket, provider, model_id, fast, project_id, branch_id, ${sumColumnList})
     SELECT r.bucket, s.provider, r.model_id, r.fast, s.project_id, r.branch_id, ${sumSelect('r')}
     FROM session_rollup r JOIN session s ON s.id = r.session_id GROUP BY 1, 2, 3, 4, 5, 6`,
  );
}

/** Adds a session's bucket to that of its place. */
function addTo(
  totals: Map<string, PlaceBucket>,
  { bucket, modelId, fast, branchId, sums }: SessionBucket,
  { provider, projectId }: SessionPlace,
  sign: 1 | -1,
): void {
  const key = `${bucket}/${provider}/${modelId}/${fast}/${projectId}/${branchId}`;
  let total = totals.get(key);
  if (total === undefined) {
    total = { bucket, provider, modelId, fast, projectId, branchId, sums: none() };
    totals.set(key, total);
  }
  const into: number[] = total.sums;
  for (let i = 0; i < into.length; i++) into[i] = (into[i] ?? 0) + sign * (sums[i] ?? 0);
}

/** Of fractions at first, so that V8 keeps room for such in every copy. */
const zeros = sumColumns.map(() => 0.5).fill(0);

function none(): Sums {
  return zeros.slice() as Sums; // one for each column
}

function isZero(sums: Sums): boolean {
  return sums.every((sum) => sum === 0);
}

/** Adds one turn's part in the order of the sum columns. */
function addTurnSums(sums: Sums, row: TurnRow, sign: 1 | -1): void {
  const auto = row.costLogged ?? row.costCalculated;
  const turns = sign * row.responses;
  sums[0] += turns;
  sums[2] += sign * row.toolCalls;
  sums[3] += sign * row.mcpCalls;
  sums[4] += sign * row.uncached;
  sums[5] += sign * row.cacheRead;
  sums[6] += sign * row.write5m;
  sums[7] += sign * row.write1h;
  sums[8] += sign * row.output;
  if (row.reasoning !== null) {
    sums[9] += sign * row.reasoning;
    sums[10] += turns;
  }
  if (row.costLogged !== null) {
    sums[11] += sign * row.costLogged;
    sums[12] += turns;
  }
  if (row.costCalculated !== null) {
    sums[13] += sign * row.costCalculated;
    sums[14] += turns;
  }
  if (auto !== null) {
    sums[15] += sign * auto;
    sums[16] += turns;
  }
  sums[17] += sign * (row.savings ?? 0);
}

function upsert(db: Database, table: string, keys: readonly string[]): Statement {
  const additions = sumColumns.map((column) => `${column} = ${column} + excluded.${column}`).join(', ');
  const columns = [...keys, ...sumColumns];
  return db.prepare(
    `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})
     ON CONFLICT (${keys.join(', ')}) DO UPDATE SET ${additions}`,
  );
}

/** Did turns, prompts or calls leave? Then what stays may be nothing, and an empty bucket has no row. */
function mayBeEmpty(sums: Sums): boolean {
  return sums[0] < 0 || sums[1] < 0 || sums[2] < 0;
}

function dropEmpty(db: Database, table: string, keys: readonly string[]): Statement {
  const match = keys.map((key) => `${key} = ?`).join(' AND ');
  return db.prepare(`DELETE FROM ${table} WHERE ${match} AND turns = 0 AND prompts = 0 AND tool_calls = 0`);
}
