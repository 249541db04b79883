import { statSync } from 'node:fs';
import type { LogEvent } from '../events.ts';
import { type Batch, type Cursor, type LogFile, type LogReader, type SkipReason, UnreadableLog } from '../provider.ts';
import { type Database, openFile } from '../sqlite.ts';
import { copyDatabase, type DatabaseCopy } from './database-copy.ts';
import { TEXT_LIMIT } from './fields.ts';

/** What a column or a field of its JSON holds: undefined where it is null or absent, NaN where it is neither number nor text. */
export type Value = number | string | undefined;

/** A value that should be a number; NaN when it is none, so that it can be counted as bad. */
export function numberOf(value: Value): number | undefined {
  return typeof value === 'string' ? Number.NaN : value;
}

/** A value that should be a text, cut to what any name may be long. */
export function textOf(value: Value): string | undefined {
  return typeof value === 'string' ? value.slice(0, TEXT_LIMIT) : undefined;
}

/** What a provider's parse is handed beside the row. */
export interface RowContext<State> {
  /** What the provider noted down during this reading; nothing of it is kept. */
  readonly state: State;
  readonly file: LogFile;
  emit(event: LogEvent): void;
  /** A count that was no whole number >= 0. The row still counts. */
  bad(): void;
  /** How many were bad in this batch so far. */
  readonly badCounts: number;
  unknownType(): void;
}

/**
 * One question to the database. Only what it names is ever selected; JSON is taken apart inside SQLite, so that what is
 * not named never becomes text of ours. A table that is not there has no rows, a column that is not there no values:
 * versions of an agent differ.
 */
export interface RowsOptions<Column extends string, Field extends string, State> {
  readonly table: string;
  /** Rows of another table to go with each row: its name and when one belongs. */
  readonly join?: { readonly table: string; readonly on: string };
  /** By the name in the row: `column` of the table, or `table.column`. Undefined in versions without it. */
  readonly columns: Readonly<Record<Column, string>>;
  /**
   * Per column with JSON in it (named as above), the fields to take, by the name in the row. Names differ from those of
   * the columns. A value that is no JSON is counted as `invalid`, one of over 16 MiB as `oversize`; the row is left out.
   */
  readonly json?: Readonly<Record<string, Readonly<Partial<Record<Field, JsonField>>>>>;
  /** Which rows, and in which order, as SQL over columns every version has. Default: all, in any order. */
  readonly where?: string;
  readonly orderBy?: string;
  /** How rows seen before can be told from new ones; absent: all rows are read again. */
  readonly changes?: 'appended' | Changes;
  parse(row: Readonly<Record<NoInfer<Column | Field>, Value>>, context: RowContext<State>): void;
  /** Called after the last row. */
  finish?(context: RowContext<State>): void;
}

/** Rows are added and changed; `appended` says that they are only ever added. */
export interface Changes {
  /** The table's column with the time of a row's last change, in UTC ms. */
  readonly updated: string;
  /** A column of the table: with each changed row all others of the same value are read as well. */
  readonly group?: string;
}

/** A path such as `$.tokens.input`; or how many bytes of JSON lie there; or the keyed hash of them. */
export type JsonField = string | { readonly sizeOf: string } | { readonly digestOf: string };

export interface SqliteRowsOptions<State> {
  /** What is noted down during one reading, for rows that need others. */
  start(file: LogFile): State;
  /** Asked in their order. */
  readonly queries: readonly RowsOptions<string, string, State>[];
}

/** Identity; carries the types. */
export function rows<const Column extends string, State, const Field extends string = never>(
  options: RowsOptions<Column, Field, State>,
): RowsOptions<string, string, State> {
  return options;
}

/** Longer values are passed over without being loaded. */
const longestJson = 16 * 1024 * 1024; // 16 MiB
const longestColumn = 64 * 1024; // 64 KiB
/** Rows of a batch, so that whoever reads can pause between two. */
const rowsPerBatch = 500;
/** Times are written down before their rows are, clocks are set back: rows this much older are looked at again. */
const overlapMs = 60 * 60 * 1000;
/** Numbers of rows taken away at the end are given out again: so many before the last are looked at again. */
const overlapRows = 500;
/** What these two miss is found when all is read again, so long after the last time. */
const wholeEveryMs = 24 * 60 * 60 * 1000;

/**
 * A reader of another program's database: of a private copy, removed afterwards, so that its owner never notices. Rows
 * come more than once; their keys must make that harmless.
 */
export function sqliteRows<State>(options: SqliteRowsOptions<State>): LogReader {
  return function* read(file, from) {
    const nothingYet = { events: [], skipped: [], records: 0, cursor: waitingAt(from) };
    const copy = yield* copyDatabase<Batch>(file, nothingYet);
    try {
      yield* readCopy(options, file, copy, from);
    } finally {
      copy.remove();
    }
  };
}

/** Until all is read nothing counts as read: another reading begins with the first table again. */
function waitingAt(from: Cursor | undefined): Cursor {
  return { offset: from?.offset ?? 0, state: from?.state };
}

/** How far a database has been read. With another `schema` than this all is read again. */
interface Marks {
  readonly schema: number;
  /** When its owner had last written to it as all was read, in UTC ms. */
  readonly wholeAt: number;
  readonly tables: Readonly<Record<string, Mark>>;
}

interface Mark {
  readonly rowid: number;
  readonly updated: number;
}

function* readCopy<State>(
  options: SqliteRowsOptions<State>,
  file: LogFile,
  copy: DatabaseCopy,
  from: Cursor | undefined,
): Generator<Batch> {
  const state = options.start(file);
  let batch = new OpenBatch(file, state);
  let db: Database | undefined;
  /** What was read is true; all of it is looked at again when the file changes. */
  const damaged = (): Batch => {
    batch.skip(0, 'invalid');
    return batch.close({ offset: file.sizeBytes, state: from?.state });
  };
  try {
    db = openFile(copy.path, { readonly: true });
    if (isCut(db, copy.path)) return yield damaged();
    for (const pragma of ['query_only = ON', 'trusted_schema = OFF', 'cell_size_check = ON']) db.pragma(pragma);
    db.function('scopeon_digest', { deterministic: true }, (text: unknown) =>
      typeof text === 'string' ? file.digest(Buffer.from(text)) : null,
    );
    const schema = Number(db.pragma('schema_version', { simple: true }));
    const before = marksOf(from, schema, copy.changedAt);
    const marks: Record<string, Mark> = {};
    for (const query of options.queries) {
      const plan = planOf(db, query, before?.tables[query.table]);
      if (plan === undefined) continue;
      let updated = Math.max(plan.since.updated, marks[query.table]?.updated ?? 0);
      for (const row of db.prepare<number[], RawRow>(plan.sql).iterate(...plan.parameters)) {
        updated = Math.max(updated, Number(row[updatedName]) || 0);
        take(query, row, batch);
        if (batch.records < rowsPerBatch) continue;
        yield batch.close(waitingAt(from));
        batch = new OpenBatch(file, state);
      }
      query.finish?.(batch);
      // A clock that was wrong once must not hide what is changed afterwards.
      marks[query.table] = { rowid: plan.lastRowid, updated: Math.min(updated, copy.changedAt) };
    }
    const wholeAt = before?.wholeAt ?? copy.changedAt;
    yield batch.close({ offset: file.sizeBytes, state: { schema, wholeAt, tables: marks } satisfies Marks });
  } catch (error) {
    const code = (error as { readonly code?: unknown }).code;
    if (typeof code !== 'string' || !code.startsWith('SQLITE_')) throw error;
    if (/^SQLITE_(FULL|IOERR|NOMEM)/.test(code)) throw new UnreadableLog(code, { cause: error });
    yield damaged();
  } finally {
    db?.close();
  }
}

/** SQLite reads a last page of which a part is missing as if zeros followed. With a log beside it, the log has that page. */
function isCut(db: Database, path: string): boolean {
  const log = statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0;
  return log === 0 && statSync(path).size % Number(db.pragma('page_size', { simple: true })) !== 0;
}

/** Undefined: all has to be read. */
function marksOf(from: Cursor | undefined, schema: number, changedAt: number): Marks | undefined {
  const marks = from?.state as Partial<Marks> | null | undefined; // our own JSON, from our own table
  if (marks?.schema !== schema || typeof marks.wholeAt !== 'number' || typeof marks.tables !== 'object')
    return undefined;
  return Math.abs(changedAt - marks.wholeAt) < wholeEveryMs ? (marks as Marks) : undefined;
}

/** Begin with what no column may be called. */
const rowidName = '#rowid';
const updatedName = '#updated';
const jsonName = '#json';

type RawRow = Readonly<Record<string, unknown>>;

interface Plan {
  readonly sql: string;
  readonly parameters: readonly number[];
  readonly since: Mark;
  readonly lastRowid: number;
}

/** The SQL of a query for this version of the database; undefined when a table of it is not there. */
function planOf<State>(
  db: Database,
  query: RowsOptions<string, string, State>,
  mark: Mark | undefined,
): Plan | undefined {
  const tables = [query.table, ...(query.join === undefined ? [] : [query.join.table])];
  const known = new Map(tables.map((table) => [table, columnsOf(db, table)]));
  if ([...known.values()].some((columns) => columns === undefined)) return undefined;
  /** The column as SQL; `NULL` in a version without it. */
  const column = (name: string): string => {
    const [table, own] = name.includes('.') ? (name.split('.', 2) as [string, string]) : [query.table, name];
    return known.get(table)?.has(own) === true ? `${quoted(table)}.${quoted(own)}` : 'NULL';
  };
  const changes = query.changes === 'appended' ? undefined : query.changes;
  const updated = changes === undefined ? 'NULL' : column(changes.updated);
  const selected = [
    `${quoted(query.table)}.rowid AS ${quoted(rowidName)}`,
    `${updated} AS ${quoted(updatedName)}`,
    ...Object.entries(query.columns).map(([name, source]) => `${shortOnly(column(source))} AS ${quoted(name)}`),
    ...Object.entries(query.json ?? {}).map(([source, fields], i) => {
      const there = fields as Readonly<Record<string, JsonField>>; // one column has not the fields of another
      return `${fieldsSql(column(source), there)} AS ${quoted(jsonName + i)}`;
    }),
  ];
  const from = query.join === undefined ? '' : ` JOIN ${quoted(query.join.table)} ON ${query.join.on}`;
  const conditions = query.where === undefined ? [] : [`(${query.where})`];
  const lastRowid = lastRowidOf(db, query.table);
  const since = query.changes !== undefined && mark !== undefined && lastRowid >= mark.rowid ? mark : undefined;
  if (since !== undefined) {
    const isNew = `(${quoted(query.table)}.rowid > ?${updated === 'NULL' ? '' : ` OR ${updated} >= ?`})`;
    const group = changes?.group === undefined ? undefined : column(changes.group);
    conditions.push(
      group === undefined ? isNew : `${group} IN (SELECT ${group} FROM ${quoted(query.table)} WHERE ${isNew})`,
    );
  }
  const where = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
  const order = query.orderBy === undefined ? '' : ` ORDER BY ${query.orderBy}`;
  return {
    sql: `SELECT ${selected.join(', ')} FROM ${quoted(query.table)}${from}${where}${order}`,
    parameters:
      since === undefined
        ? []
        : [since.rowid - overlapRows, ...(updated === 'NULL' ? [] : [since.updated - overlapMs])],
    since: since ?? { rowid: 0, updated: 0 },
    lastRowid,
  };
}

/** Names of a table's columns; undefined when there is no such table. A view is none: it may hold anything. */
function columnsOf(db: Database, table: string): ReadonlySet<string> | undefined {
  const kind = db
    .prepare<[string], { type: string; wr: number }>(
      "SELECT type, wr FROM pragma_table_list WHERE schema = 'main' AND name = ?",
    )
    .get(table);
  if (kind?.type !== 'table' || kind.wr === 1) return undefined;
  const names = db.prepare<[string], { name: string }>('SELECT name FROM pragma_table_info(?)').all(table);
  return new Set(names.map(({ name }) => name));
}

function lastRowidOf(db: Database, table: string): number {
  const row = db.prepare<[], { last: unknown }>(`SELECT MAX(rowid) AS last FROM ${quoted(table)}`).get();
  return numberOfRow(row?.last);
}

/** A column may bear the name of the row's number and hold anything. */
function numberOfRow(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}

function shortOnly(column: string): string {
  return column === 'NULL' ? column : `CASE WHEN octet_length(${column}) <= ${longestColumn} THEN ${column} END`;
}

/** One JSON array with the wanted fields; 0 when the value is too long, 1 when it is no JSON. */
function fieldsSql(column: string, fields: Readonly<Record<string, JsonField>>): string {
  const text = `CAST(${column} AS TEXT)`;
  const values = Object.values(fields).map((field) => {
    if (typeof field === 'string') return `json_extract(${text}, ${literal(field)})`;
    if ('sizeOf' in field) return `octet_length(${text} -> ${literal(field.sizeOf)})`;
    return `scopeon_digest(${text} -> ${literal(field.digestOf)})`;
  });
  return `CASE WHEN octet_length(${column}) > ${longestJson} THEN 0 WHEN NOT json_valid(${text}) THEN 1
    ELSE json_array(${values.join(', ')}) END`;
}

function take<State>(query: RowsOptions<string, string, State>, raw: RawRow, batch: OpenBatch<State>): void {
  const row: Record<string, Value> = Object.create(null);
  batch.at(numberOfRow(raw[rowidName]));
  for (const name of Object.keys(query.columns)) row[name] = scalarOf(raw[name]);
  for (const [i, fields] of Object.values(query.json ?? {}).entries()) {
    const found = raw[jsonName + i];
    if (typeof found !== 'string') return batch.skip(batch.offset, found === 0 ? 'oversize' : 'invalid');
    const values: unknown[] = JSON.parse(found); // made by SQLite
    for (const [k, name] of Object.keys(fields).entries()) row[name] = scalarOf(values[k]);
  }
  query.parse(row, batch);
}

function scalarOf(value: unknown): Value {
  if (value === null || value === undefined) return undefined;
  return typeof value === 'number' || typeof value === 'string' ? value : Number.NaN;
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

class OpenBatch<State> implements RowContext<State> {
  readonly state: State;
  readonly file: LogFile;
  /** Number of the row: what stands for the place of a bad one. */
  offset = 0;
  badCounts = 0;
  #events: LogEvent[] = [];
  #skipped: { offset: number; reason: SkipReason }[] = [];
  #records = 0;

  constructor(file: LogFile, state: State) {
    this.file = file;
    this.state = state;
  }

  get records(): number {
    return this.#records;
  }

  at(offset: number): void {
    this.offset = offset;
    this.#records++;
  }

  emit(event: LogEvent): void {
    this.#events.push(event);
  }

  skip(offset: number, reason: SkipReason): void {
    this.#skipped.push({ offset, reason });
  }

  bad(): void {
    this.badCounts++;
    this.skip(this.offset, 'bad_value');
  }

  unknownType(): void {
    this.skip(this.offset, 'unknown_type');
  }

  close(cursor: Cursor): Batch {
    return { events: this.#events, skipped: this.#skipped, records: this.#records, cursor };
  }
}
