import { readSync } from 'node:fs';
import type { Batch, Cursor, LogFile, LogReader, SkipReason } from '../provider.ts';
import { compactJson } from './compact.ts';
import { type Extent, surveyDocument } from './document-survey.ts';
import { DocumentBroken, DocumentWindow, longestValue } from './document-window.ts';
import type { PickedShape, Plan, Shape } from './fields.ts';
import { OpenBatch, type RecordContext } from './json-lines.ts';
import { recordsOf, type Scanner } from './scan.ts';
import { createScanner } from './scan-wasm.ts';

/** Larger files are passed over. */
const largestFile = 512 * 1024 * 1024; // 512 MiB
/** How much a batch covers, so that whoever reads can pause between two. */
const batchSize = 1024 * 1024; // 1 MiB

export interface WholeJsonOptions<S extends Shape, State> {
  /** Wanted fields of the document itself. */
  readonly plan: Plan<S>;
  /** Notes for one reading of the document. They are not kept: the next reading begins anew. */
  start(file: LogFile): State;
  /** Takes the document's own fields, before its elements, on whichever side of them they stand. */
  parse(document: PickedShape<S>, context: RecordContext<State>): void;
  /** Its arrays whose elements are records, in the order in which they are to come. */
  readonly lists: readonly ElementList<State>[];
  /** Called after the last element. */
  finish?(context: RecordContext<State>): void;
}

/** One array of a document. Made by {@link elements}. */
export interface ElementList<State> {
  /** Keys to it from the document, outermost first. */
  readonly path: readonly string[];
  read(file: LogFile, extent: Extent, state: State): Iterable<Batch>;
}

/**
 * The array at `path`, such as `messages` or `usageLedger.events`, each of whose elements is taken by the plan and
 * handed to `parse`. Sizes and digests in it are those of its form without white space. A broken element, or one over
 * 16 MiB, is counted and the others are read.
 */
export function elements<S extends Shape, State>(
  path: string,
  plan: Plan<S>,
  parse: (element: PickedShape<S>, context: RecordContext<State>) => void,
): ElementList<State> {
  let scanner: Scanner<S> | undefined;
  return {
    path: path.split('.'),
    read(file, extent, state) {
      scanner ??= createScanner(plan);
      return readElements(scanner, parse, file, extent, state);
    },
  };
}

/**
 * A reader of files that hold one JSON object and are written anew as a whole, so that whenever one has changed all of
 * it is read again: its records must have natural keys. The document is never held in memory. It is walked once to see
 * that it is whole and where things stand in it; then its fields and its elements are read, one at a time.
 *
 * An unfinished document gives nothing and is tried again. One that is no JSON object at all is counted as `invalid`
 * and read again once it has changed. Either way what was stored of it before stays.
 * The cursor moves to the end of the file with the last batch, and nowhere else before: half a document is none.
 */
export function wholeJson<S extends Shape, State>(options: WholeJsonOptions<S, State>): LogReader {
  let scanner: Scanner<S> | undefined;
  return (file, from) => {
    scanner ??= createScanner(options.plan);
    return readDocument(options, scanner, file, { offset: from?.offset ?? 0, state: null });
  };
}

/** `waiting`: the cursor as it stood. What lies before it is read as well, for it may have changed. */
function* readDocument<S extends Shape, State>(
  options: WholeJsonOptions<S, State>,
  scanner: Scanner<S>,
  file: LogFile,
  waiting: Cursor,
): Generator<Batch> {
  const done = { offset: file.sizeBytes, state: null };
  const refused = (reason: SkipReason, offset: number): Batch => {
    return { events: [], skipped: [{ offset, reason }], records: 0, cursor: done };
  };
  if (file.sizeBytes > largestFile) return yield refused('oversize', 0);
  const lists = options.lists.map((list) => list.path);
  let isWhole = false;
  try {
    const survey = surveyDocument(new DocumentWindow(scanner, file, 0), {
      lists,
      fields: new Set(Object.keys(options.plan.shape)),
    });
    isWhole = true;
    const state = options.start(file);
    const head = new OpenBatch(scanner, file, state);
    const size = compactJson(scanner.bytes, 0, gatherFields(scanner, file, survey.fields));
    const isRead = recordsOf(scanner, 0, size, (document) => options.parse(document, head.at(0)));
    if (!isRead) return yield refused('invalid', 0);
    yield { ...head.close(0), cursor: waiting };
    for (const [index, list] of options.lists.entries()) {
      const extent = survey.lists[index];
      if (extent !== undefined) for (const batch of list.read(file, extent, state)) yield { ...batch, cursor: waiting };
    }
    const last = new OpenBatch(scanner, file, state);
    options.finish?.(last);
    yield { ...last.close(0), cursor: done };
  } catch (error) {
    if (!(error instanceof DocumentBroken)) throw error;
    // Broken only at the second walk: somebody is writing it anew, so that it will be looked at again.
    if (!isWhole && !error.isUnfinished) yield refused('invalid', error.offset);
  }
}

/** Writes the document's own fields into the scanner's bytes, as an object without the rest; tells its size. */
function gatherFields(scanner: Scanner, file: LogFile, extents: ReadonlyMap<string, Extent>): number {
  let size = scanner.bytes.write('{', 'latin1');
  for (const [name, { start, end }] of extents) {
    const key = `${size > 1 ? ',' : ''}${JSON.stringify(name)}:`;
    const room = size + key.length + end - start + 1;
    if (room > longestValue) continue; // too large to be a field of ours
    scanner.reserve(room);
    size += scanner.bytes.write(key, size, 'latin1');
    size += readSync(file.fd, scanner.bytes, size, end - start, start);
  }
  return size + scanner.bytes.write('}', size, 'latin1');
}

const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;

function* readElements<S extends Shape, State>(
  scanner: Scanner<S>,
  parse: (element: PickedShape<S>, context: RecordContext<State>) => void,
  file: LogFile,
  extent: Extent,
  state: State,
): Generator<Batch> {
  const window = new DocumentWindow(scanner, file, extent.start);
  let batch = new OpenBatch(scanner, file, state);
  let batchEnd = extent.start + batchSize;
  window.expect(OPEN_ARRAY);
  if (window.skipIf(CLOSE_ARRAY)) return;
  do {
    window.peek();
    const start = window.offset;
    const kept = window.keep(() => window.skipValue());
    if (kept === undefined) {
      batch.skip(start, 'oversize');
    } else {
      const end = compactJson(scanner.bytes, kept.start, kept.end);
      if (!recordsOf(scanner, kept.start, end, (element) => parse(element, batch.at(start))))
        batch.skip(start, 'invalid');
    }
    if (start >= batchEnd) {
      yield batch.close(0);
      batch = new OpenBatch(scanner, file, state);
      batchEnd = start + batchSize;
    }
  } while (window.separator(CLOSE_ARRAY));
  yield batch.close(0);
}
