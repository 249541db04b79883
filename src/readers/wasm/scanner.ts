/**
 * The twin of ../scan.ts in AssemblyScript: the same steps in the same order over the module's memory, sixteen bytes
 * at a time where strings are stepped over. What is said there holds here. The host lays out the memory (../scan-wasm.ts).
 */

const QUOTE: u32 = 0x22;
const BACKSLASH: u32 = 0x5c;
const COMMA: u32 = 0x2c;
const COLON: u32 = 0x3a;
const OPEN_OBJECT: u32 = 0x7b;
const CLOSE_OBJECT: u32 = 0x7d;
const OPEN_ARRAY: u32 = 0x5b;
const CLOSE_ARRAY: u32 = 0x5d;

const DEPTH_LIMIT: i32 = 512;
export const WORD_LIMIT: i32 = 64;
const WORDS_PER_FIELD: i32 = 16;

// kinds of ../fields.ts
const TEXT: i32 = 0;
const NUMBER: i32 = 1;
const FLAG: i32 = 2;
const OBJECT: i32 = 3;
const LIST: i32 = 4;
const SCALAR: i32 = 6;
const TEXT_OR: i32 = 7;

// tags of ../pick.ts
export const TAG_TRUE: i32 = 0;
const TAG_FALSE: i32 = 1;
const TAG_BAD: i32 = 2;
export const TAG_WHOLE: i32 = 3;
const TAG_NUMBER: i32 = 4;
export const TAG_ASCII: i32 = 5;
const TAG_ENCODED: i32 = 6;
export const TAG_WORD: i32 = 7;
export const TAG_NEW_WORD: i32 = 8;
export const TAG_OBJECT: i32 = 9;
export const TAG_ARRAY: i32 = 10;
export const TAG_SIZED_TEXT: i32 = 11;
const TAG_SIZED_ARRAY: i32 = 12;
export const TAG_SIZED_OBJECT: i32 = 13;
const TAG_SIZED_OTHER: i32 = 14;
export const TAG_ELEMENT: i32 = 15;

// a field in memory: five i32, then the name at 32
const FIELD_SIZE: usize = 96;
const FIELD_KIND: usize = 0;
const FIELD_NODE: usize = 4;
const FIELD_NAME_SIZE: usize = 8;
/** Id + 1 of the next field of the same hash in this node; 0: none. */
const FIELD_NEXT: usize = 12;
/** Number of the object in which the field was last met. */
const FIELD_SEEN: usize = 16;
const FIELD_NAME: usize = 32;

// a node in memory: 64 times u16, by key hash, id + 1 of the first field; then u32, how many fields
const NODE_SIZE: usize = 144;
const NODE_COUNT: usize = 128;

const nesting: usize = memory.data(512);

let nodes: usize = 0;
let fields: usize = 0;
let wordSizes: usize = 0;
let wordBytes: usize = 0;
/** Per word: 1 when it was learnt and the host may not have seen it. */
let wordNews: usize = 0;
/** Per word, an i32: the number ./usual-rows.ts has told it by, 0 when it has not. */
export let wordNames: usize = 0;
export let tape: usize = 0;
let tapeEnd: usize = 0;
export let packed: usize = 0;
let packedEnd: usize = 0;
export let bytes: usize = 0;

let packedTop: usize = 0;
export let top: usize = 0;
let objects: i32 = 0;
let escaped: bool = false;

export function start(): usize {
  return __heap_base;
}

/** Addresses of what the host has laid out, each a multiple of 16. `packed` and `bytes` are followed by 64 bytes of room. */
export function layOut(
  nodesAt: usize,
  fieldsAt: usize,
  wordSizesAt: usize,
  wordBytesAt: usize,
  wordNewsAt: usize,
  wordNamesAt: usize,
  tapeAt: usize,
  tapeEndsAt: usize,
  packedAt: usize,
  packedEndsAt: usize,
  bytesAt: usize,
): void {
  nodes = nodesAt;
  fields = fieldsAt;
  wordSizes = wordSizesAt;
  wordBytes = wordBytesAt;
  wordNews = wordNewsAt;
  wordNames = wordNamesAt;
  tape = tapeAt;
  tapeEnd = tapeEndsAt;
  packed = packedAt;
  packedEnd = packedEndsAt;
  bytes = bytesAt;
}

/** Integers on the tape. */
export function length(): i32 {
  return <i32>((top - tape) >> 2);
}

/** Bytes of new words, one behind the other. */
export function packedSize(): i32 {
  return <i32>(packedTop - packed);
}

/** The object the tape holds begins here, and ends there; -1: the tape holds none. */
let scannedFrom: i32 = -1;
let scannedEnd: i32 = -1;

/** As told beside ../scan.ts. What ./usual-rows.ts has scanned just before is not scanned again. */
export function scan(from: i32, to: i32): i32 {
  if (from == scannedFrom && scannedEnd <= to) {
    scannedFrom = -1; // the bytes may be others next time
    return scannedEnd;
  }
  return scanAnew(from, to);
}

/** A newline ends what is read. */
let isOneLine: bool = false;

/**
 * The same, for a caller that hands the tape on when it cannot use it, and does not know where the line ends: an object
 * over several lines is none.
 */
export function scanAhead(from: i32, to: i32): i32 {
  isOneLine = true;
  scannedEnd = scanAnew(from, to);
  isOneLine = false;
  scannedFrom = scannedEnd < 0 ? -1 : from;
  return scannedEnd;
}

export function dropAhead(): void {
  scannedFrom = -1;
}

function scanAnew(from: i32, to: i32): i32 {
  const end = bytes + to;
  const behind = load<u8>(end);
  store<u8>(end, 0);
  top = tape;
  packedTop = packed;
  const first = skipSpace(bytes + from);
  const at = load<u8>(first) == OPEN_OBJECT ? object(0, first + 1) : 0;
  store<u8>(end, behind);
  if (at != 0) return <i32>(at - bytes);
  top = tape;
  return -1;
}

// Below, a place is an address, and 0 means: not to be read here.

function object(node: i32, from: usize): usize {
  const keys = nodes + <usize>node * NODE_SIZE;
  const self = ++objects;
  let at = skipSpace(from);
  if (load<u8>(at) == CLOSE_OBJECT) return at + 1;
  while (true) {
    if (load<u8>(at) != QUOTE) return 0;
    const key = at + 1;
    at = closingQuote(key);
    if (at == 0 || escaped) return 0;
    const field = findKey(keys, key, <i32>(at - key));
    at = skipSpace(at + 1);
    if (load<u8>(at) != COLON) return 0;
    at = skipSpace(at + 1);
    if (field < 0) {
      at = skip(at);
    } else {
      const entry = fields + <usize>field * FIELD_SIZE;
      if (load<i32>(entry, FIELD_SEEN) == self) return 0;
      store<i32>(entry, self, FIELD_SEEN);
      at = value(field, entry, at);
    }
    if (at == 0) return 0;
    at = skipSpace(at);
    const byte: u32 = load<u8>(at);
    if (byte == CLOSE_OBJECT) return at + 1;
    if (byte != COMMA) return 0;
    at = skipSpace(at + 1);
  }
}

function value(field: i32, entry: usize, from: usize): usize {
  const first: u32 = load<u8>(from);
  if (first == 0x6e) return skip(from); // null
  const kind = load<i32>(entry, FIELD_KIND);
  if (kind == TEXT || (kind == TEXT_OR && first == QUOTE)) return first == QUOTE ? text(field, from) : skip(from);
  if (kind == NUMBER) return number(field, from, first);
  if (kind == SCALAR) {
    if (first == QUOTE) return text(field, from);
    return first == 0x2d || isDigit(first) ? number(field, from, first) : skip(from);
  }
  if (kind == FLAG) {
    const end = skip(from);
    if (end != 0 && (first == 0x74 || first == 0x66) && !note(field, first == 0x74 ? TAG_TRUE : TAG_FALSE, 0, 0))
      return 0;
    return end;
  }
  const node = load<i32>(entry, FIELD_NODE);
  if (kind == OBJECT || kind == TEXT_OR)
    return first == OPEN_OBJECT ? inside(field, node, TAG_OBJECT, from) : skip(from);
  if (first == QUOTE) return inside(field, node, TAG_SIZED_TEXT, from);
  if (kind == LIST) return inside(field, node, first == OPEN_ARRAY ? TAG_ARRAY : TAG_SIZED_OTHER, from);
  if (first == OPEN_ARRAY) return inside(field, node, TAG_SIZED_ARRAY, from);
  const named = first == OPEN_OBJECT && load<u32>(nodes + <usize>node * NODE_SIZE, NODE_COUNT) > 0;
  return inside(field, node, named ? TAG_SIZED_OBJECT : TAG_SIZED_OTHER, from);
}

function inside(field: i32, node: i32, tag: i32, from: usize): usize {
  const entry = top;
  if (!note(field, tag, <i32>(from - bytes), 0)) return 0;
  let end: usize;
  if (tag == TAG_OBJECT || tag == TAG_SIZED_OBJECT) end = object(node, from + 1);
  else if (tag == TAG_ARRAY) end = elements(field, node, from + 1);
  else end = skip(from);
  store<i32>(entry, <i32>(end - bytes), 8);
  store<i32>(entry, length(), 12);
  return end;
}

function elements(field: i32, node: i32, from: usize): usize {
  let at = skipSpace(from);
  if (load<u8>(at) == CLOSE_ARRAY) return at + 1;
  while (true) {
    const entry = top;
    if (!note(field, TAG_ELEMENT, 0, 0)) return 0;
    at = load<u8>(at) == OPEN_OBJECT ? object(node, at + 1) : skip(at);
    if (at == 0) return 0;
    store<i32>(entry, length(), 12);
    at = skipSpace(at);
    const byte: u32 = load<u8>(at);
    if (byte == CLOSE_ARRAY) return at + 1;
    if (byte != COMMA) return 0;
    at = skipSpace(at + 1);
  }
}

function text(field: i32, from: usize): usize {
  const first = from + 1;
  const end = closingQuote(first);
  if (end == 0) return 0;
  const size = <i32>(end - first);
  let tag = TAG_ASCII;
  let slot = 0;
  if (escaped || !isAscii(first, end)) tag = TAG_ENCODED;
  else if (size > 0 && size <= WORD_LIMIT && packedTop + <usize>size <= packedEnd) {
    slot = field * WORDS_PER_FIELD + wordHash(first, size);
    tag = isWord(first, size, slot) ? TAG_WORD : TAG_NEW_WORD;
  }
  const origin = tag == TAG_NEW_WORD ? packedTop - packed : first - bytes;
  if (!note(field, tag, <i32>origin, <i32>origin + size)) return 0;
  store<i32>(top - 4, slot);
  if (tag == TAG_NEW_WORD) {
    copyWord(first, packedTop);
    packedTop += <usize>size;
  }
  return end + 1;
}

export function copyWord(from: usize, to: usize): void {
  v128.store(to, v128.load(from));
  v128.store(to, v128.load(from, 16), 16);
  v128.store(to, v128.load(from, 32), 32);
  v128.store(to, v128.load(from, 48), 48);
}

function wordHash(first: usize, size: i32): i32 {
  if (size < 8)
    return (<i32>load<u8>(first) + <i32>load<u8>(first + <usize>size - 1) * 3 + size * 5) & (WORDS_PER_FIELD - 1);
  const mixed = (load<u64>(first) * 31 + load<u64>(first + <usize>size - 8)) * 0x9e3779b97f4a7c15;
  return <i32>(mixed >> 60);
}

function isWord(first: usize, size: i32, slot: i32): bool {
  if (standsFor(slot, first, size)) return true;
  store<i32>(wordSizes + ((<usize>slot) << 2), size);
  copyWord(first, wordBytes + <usize>slot * WORD_LIMIT);
  store<u8>(wordNews + <usize>slot, 1);
  store<i32>(wordNames + ((<usize>slot) << 2), 0);
  return false;
}

export function standsFor(slot: i32, word: usize, size: i32): bool {
  const known = load<i32>(wordSizes + ((<usize>slot) << 2));
  return known == size && same(word, wordBytes + <usize>slot * WORD_LIMIT, size);
}

/** Reads up to fifteen bytes beyond either. */
export function same(a: usize, b: usize, size: i32): bool {
  let left = size;
  let offset: usize = 0;
  while (left > 16) {
    if (i8x16.bitmask(i8x16.eq(v128.load(a + offset), v128.load(b + offset))) != 0xffff) return false;
    offset += 16;
    left -= 16;
  }
  const differing = i8x16.bitmask(i8x16.eq(v128.load(a + offset), v128.load(b + offset))) ^ 0xffff;
  return (differing & ((1 << left) - 1)) == 0;
}

function isAscii(first: usize, end: usize): bool {
  let at = first;
  while (at + 16 <= end) {
    if (i8x16.bitmask(v128.load(at)) != 0) return false;
    at += 16;
  }
  return (i8x16.bitmask(v128.load(at)) & ((1 << (<i32>(end - at))) - 1)) == 0;
}

function number(field: i32, from: usize, first: u32): usize {
  if (first != 0x2d && !isDigit(first)) {
    const end = skip(from);
    return end == 0 || note(field, TAG_BAD, 0, 0) ? end : 0;
  }
  const end = endOfNumber(from);
  if (end == 0) return 0;
  let number = 0;
  let at = end - from <= 9 ? from : end;
  while (at < end && isDigit(load<u8>(at))) {
    number = number * 10 + <i32>load<u8>(at) - 0x30;
    at++;
  }
  const whole = at == end && end - from <= 9;
  return note(field, whole ? TAG_WHOLE : TAG_NUMBER, whole ? number : <i32>(from - bytes), <i32>(end - bytes))
    ? end
    : 0;
}

function note(field: i32, tag: i32, first: i32, end: i32): bool {
  const at = top;
  if (at == tapeEnd) return false;
  store<i32>(at, field * 16 + tag);
  store<i32>(at, first, 4);
  store<i32>(at, end, 8);
  top = at + 16;
  store<i32>(at, length(), 12);
  return true;
}

function skip(from: usize): usize {
  let depth = 0;
  let at = from;
  while (true) {
    const first: u32 = load<u8>(at);
    if (first == QUOTE) {
      at = closingQuote(at + 1);
      if (at == 0) return 0;
      at++;
    } else if (first == OPEN_OBJECT || first == OPEN_ARRAY) {
      at = skipSpace(at + 1);
      if (load<u8>(at) == first + 2) {
        at++;
      } else {
        if (depth == DEPTH_LIMIT) return 0;
        store<u8>(nesting + <usize>depth, first);
        depth++;
        if (first == OPEN_OBJECT) at = skipKey(at);
        if (at == 0) return 0;
        continue;
      }
    } else {
      at = endOfScalar(at, first);
      if (at == 0) return 0;
    }
    while (true) {
      if (depth == 0) return at;
      at = skipSpace(at);
      const byte: u32 = load<u8>(at);
      const open: u32 = load<u8>(nesting + <usize>(depth - 1));
      if (byte == COMMA) {
        at = skipSpace(at + 1);
        if (open == OPEN_OBJECT) at = skipKey(at);
        if (at == 0) return 0;
        break;
      }
      if (byte != open + 2) return 0;
      depth--;
      at++;
    }
  }
}

function skipKey(from: usize): usize {
  if (load<u8>(from) != QUOTE) return 0;
  const end = closingQuote(from + 1);
  if (end == 0) return 0;
  const at = skipSpace(end + 1);
  return load<u8>(at) == COLON ? skipSpace(at + 1) : 0;
}

/** Most strings are short and plain: the first sixteen bytes by themselves. */
function closingQuote(from: usize): usize {
  escaped = false;
  const block = v128.load(from);
  const quotes = i8x16.bitmask(i8x16.eq(block, i8x16.splat(0x22)));
  const others = i8x16.bitmask(v128.or(i8x16.eq(block, i8x16.splat(0x5c)), i8x16.le_u(block, i8x16.splat(0x1f))));
  const upToQuote = quotes ^ (quotes - 1);
  if (quotes != 0 && (others & upToQuote) == 0) return from + ctz(quotes);
  return closingQuoteFar(others == 0 ? from + 16 : from);
}

/**
 * Sixty-four bytes at a time as bit masks, so that a text full of escapes costs no more branches than a plain one.
 * @see simdjson, "Parsing gigabytes of JSON per second" (2019), section 3.1.1, for the escapes.
 */
function closingQuoteFar(from: usize): usize {
  let at = from;
  /** Bit 0: the last byte before the block was a backslash that escapes. */
  let carry: u64 = 0;
  while (true) {
    const a = v128.load(at);
    const b = v128.load(at, 16);
    const c = v128.load(at, 32);
    const d = v128.load(at, 48);
    const backslashes = equal(a, b, c, d, 0x5c);
    let quotes = equal(a, b, c, d, 0x22);
    let escapes = carry;
    if ((backslashes | carry) != 0) {
      const starting = backslashes & ~carry;
      const following = (starting << 1) | carry;
      const oddStarts = starting & ~0x5555555555555555 & ~following;
      const runs = oddStarts + starting;
      carry = u64(runs < starting);
      escapes = (0x5555555555555555 ^ (runs << 1)) & following;
      quotes &= ~escapes;
    }
    const within = quotes ^ (quotes - 1);
    const lowest = i8x16.min_u(i8x16.min_u(a, b), i8x16.min_u(c, d));
    if (v128.any_true(i8x16.le_u(lowest, i8x16.splat(0x1f))) && (controls(a, b, c, d) & within) != 0) return 0;
    escapes &= within;
    if (escapes != 0) {
      escaped = true;
      const unusual = escapes & ~join(isUsual(a), isUsual(b), isUsual(c), isUsual(d));
      if (unusual != 0 && !areEscapes(at, unusual)) return 0;
    }
    if (quotes != 0) return at + <usize>ctz(quotes);
    at += 64;
  }
}

/** One bit per byte that is this one. */
function equal(a: v128, b: v128, c: v128, d: v128, byte: i8): u64 {
  const all = i8x16.splat(byte);
  return join(i8x16.eq(a, all), i8x16.eq(b, all), i8x16.eq(c, all), i8x16.eq(d, all));
}

function controls(a: v128, b: v128, c: v128, d: v128): u64 {
  const last = i8x16.splat(0x1f);
  return join(i8x16.le_u(a, last), i8x16.le_u(b, last), i8x16.le_u(c, last), i8x16.le_u(d, last));
}

/** One bit per byte, by its highest. */
function join(a: v128, b: v128, c: v128, d: v128): u64 {
  return (
    <u64>i8x16.bitmask(a) |
    ((<u64>i8x16.bitmask(b)) << 16) |
    ((<u64>i8x16.bitmask(c)) << 32) |
    ((<u64>i8x16.bitmask(d)) << 48)
  );
}

/** Marks what usually follows a backslash: quote, backslash, n, r, t. Each is where the four bits above its lowest point. */
function isUsual(block: v128): v128 {
  const places = v128.and(i16x8.shr_u(block, 1), i8x16.splat(0x0f));
  return i8x16.eq(i8x16.swizzle(i8x16(0, 0x22, 0, 0, 0, 0, 0, 0x6e, 0, 0x72, 0x74, 0, 0, 0, 0x5c, 0), places), block);
}

/** Whether the marked bytes may stand behind a backslash too: / b f, and u with four hexadecimal digits. */
function areEscapes(at: usize, marked: u64): bool {
  for (let left = marked; left != 0; left &= left - 1) {
    const place = at + <usize>ctz(left);
    const byte: u32 = load<u8>(place);
    if (byte == 0x2f || byte == 0x62 || byte == 0x66) continue;
    if (byte != 0x75) return false;
    if (
      !isHex(load<u8>(place, 1)) ||
      !isHex(load<u8>(place, 2)) ||
      !isHex(load<u8>(place, 3)) ||
      !isHex(load<u8>(place, 4))
    )
      return false;
  }
  return true;
}

function isHex(byte: u32): bool {
  return isDigit(byte) || (byte | 0x20) - 0x61 < 6;
}

export function isDigit(byte: u32): bool {
  return byte - 0x30 < 10;
}

/** Logs are written without white space, so this is a comparison, and small enough for the compiler to place where it is used. */
function skipSpace(from: usize): usize {
  return load<u8>(from) > 0x20 ? from : skipSpaces(from);
}

function skipSpaces(from: usize): usize {
  let at = from;
  let byte: u32 = load<u8>(at);
  while (byte == 0x20 || (byte == 0x0a && !isOneLine) || byte == 0x0d || byte == 0x09) {
    at++;
    byte = load<u8>(at);
  }
  return at;
}

function endOfScalar(at: usize, first: u32): usize {
  if (first == 0x74) return load<u32>(at) == 0x65757274 ? at + 4 : 0;
  if (first == 0x6e) return load<u32>(at) == 0x6c6c756e ? at + 4 : 0;
  if (first == 0x66) return load<u32>(at, 1) == 0x65736c61 ? at + 5 : 0;
  return endOfNumber(at);
}

function endOfNumber(from: usize): usize {
  let at = from;
  if (load<u8>(at) == 0x2d) at++;
  const whole = at;
  at = skipDigits(at);
  if (at == whole || (load<u8>(whole) == 0x30 && at > whole + 1)) return 0;
  if (load<u8>(at) == 0x2e) {
    const fraction = at + 1;
    at = skipDigits(fraction);
    if (at == fraction) return 0;
  }
  if ((load<u8>(at) | 0x20) == 0x65) {
    let exponent = at + 1;
    if (load<u8>(exponent) == 0x2b || load<u8>(exponent) == 0x2d) exponent++;
    at = skipDigits(exponent);
    if (at == exponent) return 0;
  }
  return at;
}

function skipDigits(from: usize): usize {
  let at = from;
  while (isDigit(load<u8>(at))) at++;
  return at;
}

/** Id of the field with this key, or -1. */
function findKey(keys: usize, key: usize, size: i32): i32 {
  const hash = (size * 7 + <i32>load<u8>(key) * 3 + <i32>load<u8>(key + <usize>size - 1)) & 63;
  let field = <i32>load<u16>(keys + ((<usize>hash) << 1)) - 1;
  while (field >= 0) {
    const entry = fields + <usize>field * FIELD_SIZE;
    if (load<i32>(entry, FIELD_NAME_SIZE) == size && same(key, entry + FIELD_NAME, size)) return field;
    field = load<i32>(entry, FIELD_NEXT) - 1;
  }
  return -1;
}
