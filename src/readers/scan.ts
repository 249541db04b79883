import type { KeyedHash } from '../keyed-hash.ts';
import { kinds, type PickedShape, type Plan, type PlanField, type PlanNode, type Shape } from './fields.ts';
import { pick, type RecordMaker, recordMaker, tags } from './pick.ts';

/**
 * Finds the wanted fields of JSON objects in bytes without parsing the rest. It accepts what JSON.parse accepts, and
 * hands whatever is unusual to JSON.parse. Not shared between threads.
 */
export interface Scanner<S extends Shape = Shape> {
  readonly plan: Plan<S>;
  /** Read the file straight into this. `reserve` replaces it: never keep it across a `reserve`. */
  readonly bytes: Buffer;
  /** Makes room for this many bytes and keeps what is there. */
  reserve(sizeBytes: number): void;
  /**
   * Scans one object that begins at `from`, or after white space. Gives the offset behind it, and `record` then holds it.
   * -1: no object, a damaged one, or one that only JSON.parse can tell.
   */
  scan(from: number, to: number): number;
  /** What the last `scan` found; nothing but absent fields when that was -1. To be called before the bytes change. */
  record(): PickedShape<S>;
  /** `hash` of the bytes there. */
  digest(from: number, to: number, hash: KeyedHash): string;
  /** Where it runs in WebAssembly. */
  readonly twin?: Twin | undefined;
}

/** A module of WebAssembly, for who knows more of it than the scanner. */
export interface Twin {
  readonly exports: object;
  /** How many words it tells apart. */
  readonly words: number;
  /** From here on it hashes as this one does. */
  hashAs(hash: KeyedHash): void;
}

/**
 * Hands on each record of a line, with the offset at which it begins; a line holds several where a newline was lost.
 * White space, NULs and a byte order mark around them are no matter; a blank line has no records.
 * False: the line, or what follows its last whole record, is not JSON or no object.
 */
export function recordsOf<S extends Shape>(
  scanner: Scanner<S>,
  from: number,
  to: number,
  onRecord: (record: PickedShape<S>, start: number) => void,
): boolean {
  const bytes = scanner.bytes;
  let end = to;
  while (end > from && isPadding(bytes[end - 1] as number)) end--;
  let at = from;
  while (at < end && isPadding(bytes[at] as number)) at++;
  if (bytes[at] === 0xef && bytes[at + 1] === 0xbb && bytes[at + 2] === 0xbf) at += 3;
  for (;;) {
    while (at < end && isPadding(bytes[at] as number)) at++;
    if (at >= end) return true;
    let next = scanner.scan(at, end);
    if (next >= 0) {
      onRecord(scanner.record(), at);
    } else {
      next = endOfObject(bytes, at, end);
      const record = next < 0 ? undefined : parsed(bytes, at, next, scanner.plan);
      if (record === undefined) return false;
      onRecord(record, at);
    }
    at = next;
  }
}

/** JSON's white space, and the NULs a crash leaves behind. */
function isPadding(byte: number): boolean {
  return byte === 0x20 || byte === 0x0d || byte === 0x09 || byte === 0x0a || byte === 0;
}

/** Parsing and picking throw SyntaxError and RangeError on input alone: either way there is no record. */
function parsed<S extends Shape>(bytes: Buffer, from: number, to: number, plan: Plan<S>): PickedShape<S> | undefined {
  try {
    return pick(JSON.parse(bytes.toString('utf8', from, to)), plan);
  } catch {
    return undefined;
  }
}

/** Behind the bracket that closes the one at `from`, whatever lies between; -1 when there is none. */
function endOfObject(bytes: Buffer, from: number, to: number): number {
  if (bytes[from] !== OPEN_OBJECT) return -1;
  let depth = 0;
  let inString = false;
  for (let at = from; at < to; at++) {
    const byte = bytes[at];
    if (inString) {
      if (byte === BACKSLASH) at++;
      else if (byte === QUOTE) inString = false;
    } else if (byte === QUOTE) inString = true;
    else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) depth++;
    else if ((byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) && --depth === 0) return at + 1;
  }
  return -1;
}

const QUOTE = 0x22;
const MINUS = 0x2d;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;

/** Room behind the bytes: for the NUL that ends a scan and for reads of whole words beyond it. */
export const PADDING = 64;
/** Nesting of values that are stepped over; deeper ones go to JSON.parse. */
export const DEPTH_LIMIT = 512;
/** Integers on the tape, four to an entry; a record with more goes to JSON.parse. */
export const TAPE_LIMIT = 256 * 1024;
/** Longest text that is remembered as a word, in bytes, and how many words each field remembers. */
export const WORD_LIMIT = 64;
export const WORDS_PER_FIELD = 16;

/** The scanner in TypeScript: the reference, and the one for hosts without WebAssembly SIMD. */
export class PlainScanner<S extends Shape> implements Scanner<S> {
  readonly plan: Plan<S>;
  bytes: Buffer;
  #padded: Buffer;
  /** The same memory, to read four bytes at once. */
  #view: DataView;
  #make: RecordMaker<S>;
  #made: PickedShape<S> | undefined;
  #tape = new Int32Array(1024);
  #length = 0;
  /** Per node: field ids by key hash, in groups of equal hash. */
  #keys: readonly KeyTable[];
  /** Per field: number of the object in which it was last met. */
  #seen: Int32Array;
  #objects = 0;
  #escaped = false;
  #nesting = new Uint8Array(DEPTH_LIMIT);
  #wordBytes: Uint8Array;
  #wordSizes: Int32Array;

  constructor(plan: Plan<S>) {
    this.plan = plan;
    this.#padded = Buffer.from(new ArrayBuffer(64 * 1024 + PADDING)); // 64 KiB
    this.#view = new DataView(this.#padded.buffer);
    this.bytes = this.#padded.subarray(0, -PADDING);
    this.#make = recordMaker(plan);
    this.#keys = plan.nodes.map(keyTable);
    this.#seen = new Int32Array(plan.fields.length);
    this.#wordSizes = new Int32Array(plan.fields.length * WORDS_PER_FIELD);
    this.#wordBytes = new Uint8Array(this.#wordSizes.length * WORD_LIMIT);
  }

  digest(from: number, to: number, hash: KeyedHash): string {
    return hash(this.bytes.subarray(from, to));
  }

  reserve(sizeBytes: number): void {
    if (sizeBytes <= this.bytes.length) return;
    const grown = Buffer.from(new ArrayBuffer(sizeBytes + PADDING));
    this.#padded.copy(grown);
    this.#padded = grown;
    this.#view = new DataView(grown.buffer);
    this.bytes = grown.subarray(0, -PADDING);
  }

  record(): PickedShape<S> {
    return (this.#made ??= this.#make(this.bytes, this.#tape, this.#length));
  }

  /** A NUL behind the line ends every loop, since it stands nowhere in JSON. */
  scan(from: number, to: number): number {
    // words noted for a record that was never made have no text
    if (this.#made === undefined) this.#wordSizes.fill(0);
    this.#made = undefined;
    const bytes = this.#padded;
    const behind = bytes[to] as number;
    bytes[to] = 0;
    this.#length = 0;
    const start = skipSpace(bytes, from);
    const end = bytes[start] === OPEN_OBJECT ? this.#object(bytes, 0, start + 1) : -1;
    bytes[to] = behind;
    if (end < 0) this.#length = 0;
    return end;
  }

  /** Notes the wanted fields of an object; `from` is behind its bracket. As deep as the plan, never as the log. */
  #object(bytes: Buffer, node: number, from: number): number {
    const keys = this.#keys[node] as KeyTable;
    const object = (this.#objects = (this.#objects + 1) | 0);
    let at = skipSpace(bytes, from);
    if (bytes[at] === CLOSE_OBJECT) return at + 1;
    for (;;) {
      if (bytes[at] !== QUOTE) return -1;
      const key = at + 1;
      let byte = bytes[key] as number;
      at = key;
      while (byte !== QUOTE) {
        if (byte === BACKSLASH || byte < 0x20) return -1;
        byte = bytes[++at] as number;
      }
      const field = findKey(keys, bytes, key, at);
      at = skipSpace(bytes, at + 1);
      if (bytes[at] !== COLON) return -1;
      at = skipSpace(bytes, at + 1);
      if (field === undefined) {
        at = this.#skip(bytes, at);
      } else {
        if (this.#seen[field.id] === object) return -1;
        this.#seen[field.id] = object;
        at = this.#field(bytes, field, at);
      }
      if (at < 0) return -1;
      at = skipSpace(bytes, at);
      if (bytes[at] === CLOSE_OBJECT) return at + 1;
      if (bytes[at] !== COMMA) return -1;
      at = skipSpace(bytes, at + 1);
    }
  }

  #field(bytes: Buffer, field: PlanField, from: number): number {
    const first = bytes[from] as number;
    if (first === 0x6e) return this.#skip(bytes, from); // null
    switch (field.kind) {
      case kinds.text:
        return first === QUOTE ? this.#text(bytes, field, from) : this.#skip(bytes, from);
      case kinds.number:
        return this.#number(bytes, field, from, first);
      case kinds.scalar:
        if (first === QUOTE) return this.#text(bytes, field, from);
        return first === MINUS || isDigit(first) ? this.#number(bytes, field, from, first) : this.#skip(bytes, from);
      case kinds.flag: {
        const end = this.#skip(bytes, from);
        if (
          end > 0 &&
          (first === 0x74 || first === 0x66) &&
          !this.#note(field.id, first === 0x74 ? tags.true : tags.false, 0, 0)
        )
          return -1;
        return end;
      }
      case kinds.object:
        return first === OPEN_OBJECT ? this.#inside(bytes, field, tags.object, from) : this.#skip(bytes, from);
      case kinds.textOr:
        if (first === QUOTE) return this.#text(bytes, field, from);
        return first === OPEN_OBJECT ? this.#inside(bytes, field, tags.object, from) : this.#skip(bytes, from);
      case kinds.list:
        return first === OPEN_ARRAY
          ? this.#inside(bytes, field, tags.array, from)
          : this.#inside(bytes, field, first === QUOTE ? tags.sizedText : tags.sizedOther, from);
      case kinds.sized: {
        if (first === QUOTE) return this.#inside(bytes, field, tags.sizedText, from);
        if (first === OPEN_ARRAY) return this.#inside(bytes, field, tags.sizedArray, from);
        const named = first === OPEN_OBJECT && (this.plan.nodes[field.node] as PlanNode).fields.length > 0; // a plan's own index
        return this.#inside(bytes, field, named ? tags.sizedObject : tags.sizedOther, from);
      }
      default:
        return field.kind satisfies never;
    }
  }

  /** A container, or a value of which only the extent is noted. */
  #inside(bytes: Buffer, field: PlanField, tag: number, from: number): number {
    const entry = this.#length;
    if (!this.#note(field.id, tag, from, 0)) return -1;
    let end: number;
    if (tag === tags.object || tag === tags.sizedObject) end = this.#object(bytes, field.node, from + 1);
    else if (tag === tags.array) end = this.#elements(bytes, field, from + 1);
    else end = this.#skip(bytes, from);
    this.#tape[entry + 2] = end;
    this.#tape[entry + 3] = this.#length;
    return end;
  }

  #elements(bytes: Buffer, field: PlanField, from: number): number {
    let at = skipSpace(bytes, from);
    if (bytes[at] === CLOSE_ARRAY) return at + 1;
    for (;;) {
      const entry = this.#length;
      if (!this.#note(field.id, tags.element, 0, 0)) return -1;
      at = bytes[at] === OPEN_OBJECT ? this.#object(bytes, field.node, at + 1) : this.#skip(bytes, at);
      if (at < 0) return -1;
      this.#tape[entry + 3] = this.#length;
      at = skipSpace(bytes, at);
      if (bytes[at] === CLOSE_ARRAY) return at + 1;
      if (bytes[at] !== COMMA) return -1;
      at = skipSpace(bytes, at + 1);
    }
  }

  #text(bytes: Buffer, field: PlanField, from: number): number {
    const start = from + 1;
    const end = this.#closingQuote(bytes, start);
    if (end < 0) return -1;
    let tag: number = tags.ascii;
    let slot = 0;
    if (this.#escaped || !isAscii(bytes, start, end)) tag = tags.encoded;
    else if (end > start && end - start <= WORD_LIMIT) {
      slot =
        field.id * WORDS_PER_FIELD +
        (((bytes[start] as number) + (bytes[end - 1] as number) * 3 + (end - start) * 5) & (WORDS_PER_FIELD - 1));
      tag = this.#isWord(bytes, start, end, slot) ? tags.word : tags.newWord;
    }
    if (!this.#note(field.id, tag, start, end)) return -1;
    this.#tape[this.#length - 1] = slot;
    return end + 1;
  }

  /** Whether the slot holds this text; it does afterwards. */
  #isWord(bytes: Buffer, start: number, end: number, slot: number): boolean {
    const words = this.#wordBytes;
    const size = end - start;
    const base = slot * WORD_LIMIT;
    let same = 0;
    if (this.#wordSizes[slot] === size) while (same < size && words[base + same] === bytes[start + same]) same++;
    if (same === size) return true;
    this.#wordSizes[slot] = size;
    for (let i = same; i < size; i++) words[base + i] = bytes[start + i] as number;
    return false;
  }

  #number(bytes: Buffer, field: PlanField, from: number, first: number): number {
    if (first !== MINUS && !isDigit(first)) {
      const end = this.#skip(bytes, from);
      return end < 0 || this.#note(field.id, tags.bad, 0, 0) ? end : -1;
    }
    const end = endOfNumber(bytes, from);
    if (end < 0) return -1;
    let value = 0;
    let at = end - from <= 9 ? from : end;
    while (at < end && isDigit(bytes[at] as number)) value = value * 10 + (bytes[at++] as number) - 0x30;
    const whole = at === end && end - from <= 9;
    return this.#note(field.id, whole ? tags.whole : tags.number, whole ? value : from, end) ? end : -1;
  }

  #note(field: number, tag: number, start: number, end: number): boolean {
    const at = this.#length;
    if (at + 4 > this.#tape.length) {
      if (at + 4 > TAPE_LIMIT) return false;
      const grown = new Int32Array(this.#tape.length * 2);
      grown.set(this.#tape);
      this.#tape = grown;
    }
    const tape = this.#tape;
    tape[at] = field * 16 + tag;
    tape[at + 1] = start;
    tape[at + 2] = end;
    tape[at + 3] = at + 4;
    this.#length = at + 4;
    return true;
  }

  /** Steps over any value and checks it; without recursion, since the log decides how deep it goes. */
  #skip(bytes: Buffer, from: number): number {
    const nesting = this.#nesting;
    let depth = 0;
    let at = from;
    for (;;) {
      const first = bytes[at] as number;
      if (first === QUOTE) {
        at = this.#closingQuote(bytes, at + 1) + 1;
        if (at === 0) return -1;
      } else if (first === OPEN_OBJECT || first === OPEN_ARRAY) {
        at = skipSpace(bytes, at + 1);
        if (bytes[at] === first + 2) {
          at++; // both brackets close two code points further on
        } else {
          if (depth === DEPTH_LIMIT) return -1;
          nesting[depth++] = first;
          if (first === OPEN_OBJECT) at = this.#key(bytes, at);
          if (at < 0) return -1;
          continue;
        }
      } else {
        at = endOfScalar(bytes, at, first);
        if (at < 0) return -1;
      }
      for (;;) {
        if (depth === 0) return at;
        at = skipSpace(bytes, at);
        const byte = bytes[at] as number;
        const open = nesting[depth - 1] as number;
        if (byte === COMMA) {
          at = skipSpace(bytes, at + 1);
          if (open === OPEN_OBJECT) at = this.#key(bytes, at);
          if (at < 0) return -1;
          break;
        }
        if (byte !== open + 2) return -1;
        depth--;
        at++;
      }
    }
  }

  /** Steps over a key and its colon to the value. */
  #key(bytes: Buffer, from: number): number {
    if (bytes[from] !== QUOTE) return -1;
    const end = this.#closingQuote(bytes, from + 1);
    if (end < 0) return -1;
    const at = skipSpace(bytes, end + 1);
    return bytes[at] === COLON ? skipSpace(bytes, at + 1) : -1;
  }

  /** Where the string that begins at `from` ends; leaves behind whether it has escapes. */
  #closingQuote(bytes: Buffer, from: number): number {
    const view = this.#view;
    let at = from;
    this.#escaped = false;
    for (;;) {
      at = nextSpecial(view, at);
      if (bytes[at] === QUOTE) return at;
      if (bytes[at] !== BACKSLASH) return -1;
      this.#escaped = true;
      const size = escapeSize(bytes, at + 1);
      if (size === 0) return -1;
      at += size;
    }
  }
}

/**
 * The next quote, backslash or control character. Most of a log is text, and four bytes at a time take half as long as
 * one by one. The lowest bit found is a true one; those above may come from its borrow.
 * @see "Bit Twiddling Hacks", "Determine if a word has a byte less than n"
 */
function nextSpecial(view: DataView, from: number): number {
  for (let at = from; ; at += 4) {
    const four = view.getInt32(at, true);
    const quote = four ^ 0x22222222;
    const backslash = four ^ 0x5c5c5c5c;
    const below =
      ((quote - 0x01010101) & ~quote) | ((backslash - 0x01010101) & ~backslash) | ((four - 0x20202020) & ~four);
    const found = below & 0x80808080;
    if (found !== 0) return at + ((31 - Math.clz32(found & -found)) >>> 3);
  }
}

/** Bytes of the escape whose backslash lies before `at`; 0 when it is none. */
function escapeSize(bytes: Buffer, at: number): number {
  switch (bytes[at]) {
    case 0x6e: // n
    case 0x22:
    case 0x5c:
    case 0x74: // t
    case 0x72: // r
    case 0x2f: // /
    case 0x62: // b
    case 0x66: // f
      return 2;
    case 0x75: // u
      return isHex(bytes[at + 1]) && isHex(bytes[at + 2]) && isHex(bytes[at + 3]) && isHex(bytes[at + 4]) ? 6 : 0;
    default:
      return 0;
  }
}

function isHex(byte: number | undefined): boolean {
  return byte !== undefined && ((byte >= 0x30 && byte <= 0x39) || ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x66));
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

function isAscii(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if ((bytes[at] as number) >= 0x80) return false;
  return true;
}

function skipSpace(bytes: Buffer, from: number): number {
  let at = from;
  let byte = bytes[at] as number;
  while (byte <= 0x20 && (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09))
    byte = bytes[++at] as number;
  return at;
}

function endOfScalar(bytes: Buffer, at: number, first: number): number {
  if (first === 0x74) return bytes[at + 1] === 0x72 && bytes[at + 2] === 0x75 && bytes[at + 3] === 0x65 ? at + 4 : -1;
  if (first === 0x6e) return bytes[at + 1] === 0x75 && bytes[at + 2] === 0x6c && bytes[at + 3] === 0x6c ? at + 4 : -1;
  if (first === 0x66) {
    return bytes[at + 1] === 0x61 && bytes[at + 2] === 0x6c && bytes[at + 3] === 0x73 && bytes[at + 4] === 0x65
      ? at + 5
      : -1;
  }
  return endOfNumber(bytes, at);
}

/** JSON's grammar of numbers, to the letter. */
function endOfNumber(bytes: Buffer, from: number): number {
  let at = from;
  if (bytes[at] === 0x2d) at++;
  const whole = at;
  at = skipDigits(bytes, at);
  if (at === whole || (bytes[whole] === 0x30 && at > whole + 1)) return -1;
  if (bytes[at] === 0x2e) {
    const fraction = at + 1;
    at = skipDigits(bytes, fraction);
    if (at === fraction) return -1;
  }
  if (((bytes[at] as number) | 0x20) === 0x65) {
    let exponent = at + 1;
    if (bytes[exponent] === 0x2b || bytes[exponent] === 0x2d) exponent++;
    at = skipDigits(bytes, exponent);
    if (at === exponent) return -1;
  }
  return at;
}

function skipDigits(bytes: Buffer, from: number): number {
  let at = from;
  while (isDigit(bytes[at] as number)) at++;
  return at;
}

/** A node's fields by a hash of the key's length, first and last byte. */
type KeyTable = readonly (readonly PlanField[] | undefined)[];

function keyTable({ fields }: PlanNode): KeyTable {
  const table: PlanField[][] = [];
  for (const field of fields) {
    const slot = keyHash(field.name.length, field.name.charCodeAt(0), field.name.charCodeAt(field.name.length - 1));
    (table[slot] ??= []).push(field);
  }
  return Array.from({ length: 64 }, (_, slot) => table[slot]);
}

export function keyHash(length: number, first: number, last: number): number {
  return (length * 7 + first * 3 + last) & 63;
}

function findKey(table: KeyTable, bytes: Buffer, start: number, end: number): PlanField | undefined {
  const candidates = table[keyHash(end - start, bytes[start] as number, bytes[end - 1] as number)];
  if (candidates === undefined) return undefined;
  for (const field of candidates) if (isName(field.name, bytes, start, end)) return field;
  return undefined;
}

function isName(name: string, bytes: Buffer, start: number, end: number): boolean {
  if (name.length !== end - start) return false;
  for (let i = 0; i < name.length; i++) if (name.charCodeAt(i) !== bytes[start + i]) return false;
  return true;
}
