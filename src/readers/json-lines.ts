import { readSync } from 'node:fs';
import type { LogEvent, ToolCall, ToolResult, TurnEvent } from '../events.ts';
import type { Batch, LogFile, LogReader, Skip } from '../provider.ts';
import type { PickedShape, PickedSized, Plan, Shape } from './fields.ts';
import { mergeCopies } from './merge-copies.ts';
import { recordsOf, type Scanner } from './scan.ts';
import { createScanner, type ScannerOptions } from './scan-wasm.ts';
import { beginsLikeZstd, isZstd, unzstd } from './zstd.ts';

/** Longer lines are skipped in constant memory. */
const longestLine = 16 * 1024 * 1024; // 16 MiB
/** Read at once: little enough that what is scanned is still in the processor's cache. */
const chunkSize = 512 * 1024; // 512 KiB
/** How much a batch covers, so that whoever reads can pause between two. */
const batchSize = 4 * 1024 * 1024; // 4 MiB

/** What a provider's parse is handed beside the record. */
export interface RecordContext<State> {
  /** The provider's own notes on this file; changed in place, kept with the checkpoint. */
  readonly state: State;
  readonly file: LogFile;
  /** Where the record begins in the file, in bytes: the key of records without an id. */
  readonly offset: number;
  emit(event: LogEvent): void;
  /**
   * Emits a turn; when the turn before it in this batch was a copy of the same response, on the same chain of the same
   * session, the two are made one here, since agents write a response in several lines one after another.
   */
  emitTurn(event: TurnEvent): void;
  /** Key of the turn emitted last in this batch. */
  readonly lastTurn: string | undefined;
  /** Adds what came back to a tool call of this batch. False: it is not in it, or has its answer; send an event then. */
  answer(key: string, result: ToolResult): boolean;
  /** A count that was no whole number >= 0. The record still counts. */
  bad(): void;
  /**
   * A turn with calls of these keys, all of them answered, was handed on to the file's {@link LogFile.told}: gives how many
   * events of this batch go before it.
   */
  handedOn(calls: readonly string[]): number;
  /** How many were bad in this batch so far. */
  readonly badCounts: number;
  unknownType(): void;
  /** So many records were taken without a `parse` for each. */
  took(records: number): void;
  /** Something that belongs to this record, and lies outside of it, is no JSON object. */
  invalid(): void;
  /** Keyed hash of a value of this record; undefined when it had to be parsed and its bytes are gone. */
  digest(value: PickedSized<Shape>): string | undefined;
  /**
   * An object or a list whole, for what no plan can name: counters by model, pairs of numbers. Undefined over 1 MiB. It
   * may hold content: to be picked from at once and not to be kept.
   */
  parsed(value: PickedSized<Shape>): unknown;
  /** The beginning of a text value, for matching fixed patterns only: it is content and must not be kept. */
  peek(value: PickedSized<Shape>): string;
}

/** Takes rows that are read faster without making a record of each; what they come to is the same. */
export interface RowTaker<State> {
  /**
   * Takes rows from `begin` on; the first has no newline before `search`. Gives where the row ends at which it stopped,
   * which is to be parsed, or -1 when that has no end before `have`.
   */
  take(batch: RecordContext<State>, begin: number, search: number, have: number): number;
  /** Where the row begins at which it stopped. */
  readonly begin: number;
}

/** Longest beginning of a text that is looked at. */
const peekSize = 512;
const largestParsed = 1024 * 1024; // 1 MiB

export interface JsonLinesOptions<S extends Shape, State> {
  readonly plan: Plan<S>;
  /** Notes for a file not read before. */
  start(file: LogFile): State;
  /** Notes as they were kept; undefined when they are not of this shape. */
  restore(kept: unknown): State | undefined;
  parse(record: PickedShape<S>, context: RecordContext<State>): void;
  /** Default: the fastest the host can run. */
  readonly scanner?: ScannerOptions | undefined;
  /** Undefined where the host cannot. */
  rows?(scanner: Scanner<S>): RowTaker<State> | undefined;
}

/** A reader of files with one JSON object a line, appended to while they are read; plain, or compressed by Zstandard. */
export function jsonLines<S extends Shape, State>(options: JsonLinesOptions<S, State>): LogReader {
  let scanner: Scanner<S> | undefined;
  let rows: RowTaker<State> | undefined;
  return (file, from) => {
    if (scanner === undefined) {
      scanner = createScanner(options.plan, options.scanner);
      rows = options.rows?.(scanner);
    }
    if (from === undefined) return readNew(options, scanner, rows, file);
    if (isZstd(file.fd)) return from.offset === file.sizeBytes ? [] : readCompressed(options, scanner, rows, file);
    const state = options.restore(from.state) ?? options.start(file);
    return readLines(options, scanner, rows, file, plainSource(file, from.offset), from.offset, state);
  };
}

/** What it begins with is read but once, to see whether it is compressed and for what it says. */
function* readNew<S extends Shape, State>(
  options: JsonLinesOptions<S, State>,
  scanner: Scanner<S>,
  rows: RowTaker<State> | undefined,
  file: LogFile,
): Generator<Batch> {
  const source = plainSource(file, 0);
  if (chunkSize > scanner.bytes.length) scanner.reserve(2 * chunkSize);
  const ahead = source.read(scanner.bytes, 0, chunkSize);
  if (beginsLikeZstd(scanner.bytes.subarray(0, ahead))) yield* readCompressed(options, scanner, rows, file);
  else yield* readLines(options, scanner, rows, file, source, 0, options.start(file), ahead);
}

/**
 * Within a compressed file reading cannot be taken up again: what a batch before the last says of where it stopped is
 * the start, and after the last it is the end of the file, be that the end of its content or not. So it is read
 * again from its start when it has changed, which is safe, for its records have keys, and at no other time.
 */
function* readCompressed<S extends Shape, State>(
  options: JsonLinesOptions<S, State>,
  scanner: Scanner<S>,
  rows: RowTaker<State> | undefined,
  file: LogFile,
): Generator<Batch> {
  const source = zstdSource(file);
  for (const batch of readLines(options, scanner, rows, file, source, 0, options.start(file)))
    yield { ...batch, cursor: { offset: 0, state: undefined } };
  const skipped: readonly Skip[] = source.isWhole() ? [] : [{ offset: file.sizeBytes, reason: 'invalid' }];
  yield { events: [], skipped, records: 0, cursor: { offset: file.sizeBytes, state: undefined } };
}

/** Where lines come from: bytes in their order. */
interface Source {
  /** Puts at most so many of the next ones at `at`. 0: there are no more. */
  read(into: Buffer, at: number, most: number): number;
  /** Has it come to an end beyond which there can be nothing? */
  isWhole(): boolean;
}

function plainSource(file: LogFile, from: number): Source {
  let position = from;
  return {
    read(into, at, most) {
      const wanted = Math.min(most, file.sizeBytes - position);
      const got = wanted > 0 ? readSync(file.fd, into, at, wanted, position) : 0;
      position += got;
      return got;
    },
    isWhole: () => false,
  };
}

function zstdSource(file: LogFile): Source {
  const pieces = unzstd(file.fd, file.sizeBytes);
  let piece: Uint8Array = new Uint8Array(0);
  let isWhole = false;
  return {
    read(into, at, most) {
      while (piece.length === 0) {
        const next = pieces.next();
        if (next.done === true) {
          isWhole = next.value ?? isWhole; // only the first end says it
          return 0;
        }
        piece = next.value;
      }
      const part = piece.subarray(0, most);
      into.set(part, at);
      piece = piece.subarray(part.length);
      return part.length;
    },
    isWhole: () => isWhole,
  };
}

/** `ahead`: so many bytes of the source stand in the scanner's buffer already. */
function* readLines<S extends Shape, State>(
  options: JsonLinesOptions<S, State>,
  scanner: Scanner<S>,
  rows: RowTaker<State> | undefined,
  file: LogFile,
  source: Source,
  from: number,
  state: State,
  ahead = 0,
): Generator<Batch> {
  let unread = ahead;
  let lineStart = from; // in the file, of the first byte kept in the buffer
  let have = 0;
  let oversize = false;
  let lastEnd = from; // of a line
  let batch = new OpenBatch(scanner, file, state);
  let batchStart = from;
  for (;;) {
    if (have + chunkSize > scanner.bytes.length) scanner.reserve(2 * (have + chunkSize));
    const bytes = scanner.bytes;
    // Never more at once, however large a long line has made the buffer.
    const got = unread > 0 ? unread : source.read(bytes, have, chunkSize);
    unread = 0;
    if (got === 0) break;
    let begin = 0;
    const fresh = have;
    have += got;
    if (have < bytes.length) bytes[have] = 10; // ends every search
    for (let search = fresh; ; search = begin) {
      let newline: number;
      if (rows === undefined || oversize) {
        newline = bytes.indexOf(10, search);
      } else {
        newline = rows.take(batch, begin, search, have);
        begin = rows.begin;
      }
      if (newline < 0 || newline >= have) break;
      if (oversize) {
        oversize = false;
        batch.skip(lastEnd, 'oversize');
      } else {
        takeLine(options, scanner, batch, begin, newline, lineStart);
      }
      begin = newline + 1;
    }
    if (begin > 0) {
      bytes.copyWithin(0, begin, have);
      have -= begin;
      lineStart += begin;
      lastEnd = lineStart;
    }
    if (lastEnd - batchStart >= batchSize) {
      yield batch.close(lastEnd);
      batch = new OpenBatch(scanner, file, state);
      batchStart = lastEnd;
    }
    if (have > longestLine || oversize) {
      // The start of the line is forgotten; the offset still stands before it until its end is found.
      oversize = true;
      lineStart += have;
      have = 0;
    }
  }
  if (lastEnd > batchStart) yield batch.close(lastEnd);
  if ((file.takeTail || source.isWhole()) && have > 0 && !oversize) {
    const tail = new OpenBatch(scanner, file, structuredClone(state));
    if (takeLine(options, scanner, tail, 0, have, lineStart))
      yield { ...tail.close(lineStart), skipped: [], cursor: { offset: lineStart, state } };
  }
}

/** Collects a batch and is, at the same time, what the provider is handed with each of its records. */
export class OpenBatch<S extends Shape, State> implements RecordContext<State> {
  readonly state: State;
  readonly file: LogFile;
  offset = 0;
  #scanner: Scanner<S>;
  #events: LogEvent[] = [];
  #skipped: Skip[] = [];
  #records = 0;
  #lastTurn: TurnEvent | undefined;
  #calls = new Map<string, ToolCall>();
  badCounts = 0;

  constructor(scanner: Scanner<S>, file: LogFile, state: State) {
    this.#scanner = scanner;
    this.file = file;
    this.state = state;
  }

  /** Another record begins here. */
  at(offset: number): this {
    this.offset = offset;
    this.#records++;
    return this;
  }

  emit(event: LogEvent): void {
    this.#events.push(event);
  }

  emitTurn(event: TurnEvent): void {
    const last = this.#lastTurn;
    const merged = last !== undefined && mergeCopies(last, event);
    if (!merged) {
      this.#events.push(event);
      this.#lastTurn = event;
    }
    for (const call of event.tools) if (!merged || last.tools.includes(call)) this.#calls.set(call.key, call);
  }

  handedOn(calls: readonly string[]): number {
    this.#lastTurn = undefined; // what comes next does not follow it
    for (const key of calls) this.#calls.delete(key); // an answer to an earlier call of that key finds it no more
    return this.#events.length;
  }

  get lastTurn(): string | undefined {
    return this.#lastTurn?.key;
  }

  answer(key: string, result: ToolResult): boolean {
    const call = this.#calls.get(key);
    if (call === undefined || call.result !== undefined) return false;
    call.result = result;
    return true;
  }

  took(records: number): void {
    this.#records += records;
  }

  skip(offset: number, reason: Skip['reason']): void {
    this.#skipped.push({ offset, reason });
  }

  bad(): void {
    this.badCounts++;
    this.skip(this.offset, 'bad_value');
  }

  unknownType(): void {
    this.skip(this.offset, 'unknown_type');
  }

  invalid(): void {
    this.skip(this.offset, 'invalid');
  }

  peek(value: PickedSized<Shape>): string {
    if (!value.isText || value.start === undefined || value.end === undefined) return '';
    return this.#scanner.bytes.toString('utf8', value.start + 1, Math.min(value.end - 1, value.start + peekSize));
  }

  parsed(value: PickedSized<Shape>): unknown {
    if (value.whole !== undefined) return value.whole;
    if (value.isText || value.start === undefined || value.end === undefined || value.sizeBytes > largestParsed)
      return undefined;
    return JSON.parse(this.#scanner.bytes.toString('utf8', value.start, value.end)); // the scanner has checked it
  }

  digest(value: PickedSized<Shape>): string | undefined {
    if (value.start === undefined || value.end === undefined) return undefined;
    return this.#scanner.digest(value.start, value.end, this.file.digest);
  }

  close(offset: number): Batch {
    return {
      events: this.#events,
      skipped: this.#skipped,
      records: this.#records,
      cursor: { offset, state: this.state },
    };
  }
}

/** Hands every record of a line to the provider. False: there was something on it that is no record. */
function takeLine<S extends Shape, State>(
  options: JsonLinesOptions<S, State>,
  scanner: Scanner<S>,
  batch: OpenBatch<S, State>,
  begin: number,
  end: number,
  base: number,
): boolean {
  const whole = recordsOf(scanner, begin, end, (record, at) => options.parse(record, batch.at(base + at)));
  if (!whole) batch.skip(base + begin, 'invalid');
  return whole;
}
