import type { Database } from '../driver.ts';

/** One response as far as its cost goes. Tokens, nano-USD, UTC ms. */
export interface ExplainedTurn {
  readonly at: number;
  readonly uncachedInput: number;
  readonly cacheRead: number;
  readonly cacheWrite5m: number;
  readonly cacheWrite1h: number;
  readonly output: number;
  readonly promptTokens: number;
  readonly webSearches: number;
  readonly logged: number | null;
  readonly calculated: number | null;
  readonly responses: number;
  /** The price it was reckoned at, JSON of the ledger; null: none. */
  readonly price: string | null;
  readonly file: string;
}

/** The turn of this key in hex, as exports name it. */
export function explainedTurn(db: Database, key: string): ExplainedTurn | undefined {
  return db
    .prepare<[Buffer], ExplainedTurn>(
      `SELECT t.at, t.uncached_input_tokens AS uncachedInput, t.cache_read_tokens AS cacheRead,
         t.cache_write_5m_tokens AS cacheWrite5m, t.cache_write_1h_tokens AS cacheWrite1h, t.output_tokens AS output,
         t.prompt_tokens AS promptTokens, t.web_search_requests AS webSearches, t.cost_logged_nano AS logged,
         t.cost_calculated_nano AS calculated, t.responses, p.row AS price, f.path AS file
       FROM turn t JOIN source_file f ON f.id = t.file_id LEFT JOIN price p ON p.id = t.price_id WHERE t.key = ?`,
    )
    .get(Buffer.from(key, 'hex'));
}

/** Sums of some quarter hours. */
export interface ExplainedSum {
  readonly turns: number;
  /** Nano-USD and the turns it is of. */
  readonly nano: number;
  readonly pricedTurns: number;
  readonly loggedTurns: number;
}

const sums = `COALESCE(SUM(r.turns), 0) AS turns, COALESCE(SUM(r.auto_nano), 0) AS nano,
  COALESCE(SUM(r.auto_turns), 0) AS pricedTurns, COALESCE(SUM(r.logged_turns), 0) AS loggedTurns`;
const none: ExplainedSum = { turns: 0, nano: 0, pricedTurns: 0, loggedTurns: 0 };

/** A top-level session and its subagents. */
export function sessionSum(db: Database, rowId: number): ExplainedSum {
  const select = `SELECT ${sums} FROM session_rollup r JOIN session s ON s.id = r.session_id WHERE s.top_id = ?`;
  return db.prepare<[number], ExplainedSum>(select).get(rowId) ?? none;
}

/** A stretch of time whose ends lie on quarter hours. */
export function rangeSum(db: Database, startMs: number, endMs: number): ExplainedSum {
  const select = `SELECT ${sums} FROM rollup r WHERE r.bucket >= ? AND r.bucket < ?`;
  return db.prepare<[number, number], ExplainedSum>(select).get(startMs, endMs) ?? none;
}

/** Everything one model answered, by its name as the log writes it. */
export function modelSum(db: Database, model: string): ExplainedSum {
  const select = `SELECT ${sums} FROM rollup r WHERE r.model_id = (SELECT id FROM word WHERE text = ?)`;
  return db.prepare<[string], ExplainedSum>(select).get(model) ?? none;
}

/** Paths of the files a session's turns lie in, its subagents' included. */
export function filesOfSession(db: Database, rowId: number): readonly string[] {
  return paths(db, 'SELECT id AS session_id FROM session WHERE top_id = ?', [rowId]);
}

/** Paths of files of sessions with turns in this stretch, of the newest sessions. */
export function filesOfRange(db: Database, startMs: number, endMs: number): readonly string[] {
  const sessions = `SELECT session_id FROM session_rollup WHERE bucket >= ? AND bucket < ?
    GROUP BY session_id ORDER BY MAX(bucket) DESC LIMIT 200`;
  return paths(db, sessions, [startMs, endMs]);
}

/** Paths of files of sessions this model answered in, of the newest sessions. */
export function filesOfModel(db: Database, model: string): readonly string[] {
  const sessions = `SELECT session_id FROM session_rollup WHERE model_id = (SELECT id FROM word WHERE text = ?)
    GROUP BY session_id ORDER BY MAX(bucket) DESC LIMIT 200`;
  return paths(db, sessions, [model]);
}

/** A session's turns mostly lie in one file: its newest turns tell which. */
function paths(db: Database, sessions: string, values: readonly unknown[]): readonly string[] {
  return db
    .prepare<unknown[], string>(
      `SELECT DISTINCT f.path FROM (${sessions}) s
       JOIN turn t ON t.id = (SELECT id FROM turn WHERE session_id = s.session_id ORDER BY at DESC LIMIT 1)
       JOIN source_file f ON f.id = t.file_id`,
    )
    .pluck()
    .all(...values);
}
