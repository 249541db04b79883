import { readSync } from 'node:fs';
import type { LogFile } from '../provider.ts';
import type { Scanner } from './scan.ts';

/** Longer values are stepped over in constant memory and never kept. */
export const longestValue = 16 * 1024 * 1024; // 16 MiB
const chunkSize = 1024 * 1024; // 1 MiB
/** Behind the bytes read: two quotes, for an escape may step over the first. */
const sentinels = 2;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_OBJECT = 0x7b;

/** The document is not what was expected. `isUnfinished`: it ends too early, so it may still be being written. */
export class DocumentBroken extends Error {
  readonly offset: number;
  readonly isUnfinished: boolean;

  constructor(offset: number, isUnfinished: boolean) {
    super(isUnfinished ? 'the document ends too early' : 'no JSON document');
    this.offset = offset;
    this.isUnfinished = isUnfinished;
  }
}

/**
 * The part of a JSON document that is being looked at, moving from its beginning to its end through a scanner's bytes.
 * It finds where values begin and end and no more: whether a value is right JSON is told by whoever scans it.
 * Everything here throws {@link DocumentBroken} when the document is not what is asked for.
 */
export class DocumentWindow {
  readonly #file: LogFile;
  readonly #scanner: Scanner;
  #bytes: Buffer;
  /** Next byte to look at, and behind the last one read. */
  #at = 0;
  #end = 0;
  /** Where the bytes begin in the file. */
  #base: number;
  /** From here bytes are kept in memory; -1: none are. */
  #mark = -1;

  constructor(scanner: Scanner, file: LogFile, from: number) {
    this.#file = file;
    this.#scanner = scanner;
    this.#base = from;
    scanner.reserve(chunkSize + sentinels);
    this.#bytes = scanner.bytes;
  }

  /** Of the next byte, in the file. */
  get offset(): number {
    return this.#base + this.#at;
  }

  /** The next byte that is no white space, not stepped over; -1 at the end. */
  peek(): number {
    for (;;) {
      while (this.#at < this.#end) {
        const byte = this.#bytes[this.#at] as number;
        if (byte > 0x20 || (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09)) return byte;
        this.#at++;
      }
      if (!this.#more()) return -1;
    }
  }

  /** Steps over white space and this byte. */
  expect(wanted: number): void {
    if (!this.skipIf(wanted)) throw this.#broken();
  }

  /** Steps over white space, and over this byte if it comes next. */
  skipIf(wanted: number): boolean {
    if (this.peek() !== wanted) return false;
    this.#at++;
    return true;
  }

  /** Steps over what a crash or an editor may leave before or behind a document: a byte order mark, white space, NULs. */
  skipPadding(): void {
    if (this.offset === 0 && this.peek() === 0xef) {
      for (const byte of [0xef, 0xbb, 0xbf]) this.expect(byte);
    }
    while (this.skipIf(0));
  }

  /** @throws DocumentBroken unless the document ends here */
  expectEnd(): void {
    if (this.peek() !== -1) throw this.#broken();
  }

  /** Steps over a key and its colon. Undefined: too long to be one that is wanted. */
  key(): string | undefined {
    if (this.peek() !== QUOTE) throw this.#broken();
    const text = this.keep(() => this.#skipString());
    const key = text === undefined ? undefined : keyOf(this.#bytes, text.start, text.end);
    this.expect(COLON);
    return key;
  }

  /** Steps over a comma or the closing bracket. True: another member follows. */
  separator(close: number): boolean {
    if (this.skipIf(COMMA)) return true;
    this.expect(close);
    return false;
  }

  /** Steps over any value. */
  skipValue(): void {
    const first = this.peek();
    if (first === QUOTE) this.#skipString();
    else if (first === OPEN_OBJECT || first === OPEN_OBJECT - 0x20) this.#skipBrackets();
    else this.#skipScalar();
  }

  /** Where in the scanner's bytes a value lies that was just stepped over; undefined when it was too long to keep. */
  keep(step: () => void): { readonly start: number; readonly end: number } | undefined {
    this.peek(); // white space before it does not belong to it
    this.#mark = this.#at;
    step();
    const start = this.#mark;
    this.#mark = -1;
    return start < 0 ? undefined : { start, end: this.#at };
  }

  #skipString(): void {
    this.#at++;
    for (;;) {
      const bytes = this.#bytes;
      let at = this.#at;
      for (let byte = bytes[at]; byte !== QUOTE; byte = bytes[at]) at += byte === BACKSLASH ? 2 : 1;
      if (at < this.#end) {
        this.#at = at + 1;
        return;
      }
      const beyond = at - this.#end; // an escape's second half is not read yet
      this.#at = this.#end;
      if (!this.#more()) throw this.#unfinished();
      this.#at += beyond;
    }
  }

  /** Counts brackets only: content decides how deep they nest. */
  #skipBrackets(): void {
    for (let depth = 0; ; ) {
      const bytes = this.#bytes;
      const end = this.#end;
      let at = this.#at;
      let byte = 0;
      while (at < end) {
        byte = bytes[at] as number;
        if (byte === QUOTE) break;
        at++;
        // { and [ differ in one bit, as do } and ]
        if ((byte & 0xdf) === 0x5b) depth++;
        else if ((byte & 0xdf) === 0x5d && --depth === 0) break;
      }
      this.#at = at;
      if (depth === 0) return;
      if (at < end) this.#skipString();
      else if (!this.#more()) throw this.#unfinished();
    }
  }

  #skipScalar(): void {
    const start = this.offset;
    for (;;) {
      while (this.#at < this.#end && isScalar(this.#bytes[this.#at] as number)) this.#at++;
      if (this.#at < this.#end || !this.#more()) break;
    }
    if (this.offset === start) throw this.#broken();
  }

  /** Reads on. Bytes from the mark on stay, unless they have become too many. False: there is no more. */
  #more(): boolean {
    const scanner = this.#scanner;
    if (this.#mark >= 0 && this.#end - this.#mark > longestValue) this.#mark = -1;
    const kept = this.#mark < 0 ? this.#at : this.#mark;
    this.#bytes.copyWithin(0, kept, this.#end);
    this.#base += kept;
    this.#at -= kept;
    this.#end -= kept;
    if (this.#mark >= 0) this.#mark = 0;
    if (this.#end + chunkSize + sentinels > scanner.bytes.length) {
      scanner.reserve(Math.min(2 * (this.#end + chunkSize), longestValue + 2 * chunkSize) + sentinels);
      this.#bytes = scanner.bytes;
    }
    const wanted = Math.min(chunkSize, this.#file.sizeBytes - this.#base - this.#end);
    const got = wanted > 0 ? readSync(this.#file.fd, this.#bytes, this.#end, wanted, this.#base + this.#end) : 0;
    this.#end += got;
    this.#bytes.fill(QUOTE, this.#end, this.#end + sentinels);
    return got > 0;
  }

  #broken(): DocumentBroken {
    return this.peek() === -1 ? this.#unfinished() : new DocumentBroken(this.offset, false);
  }

  #unfinished(): DocumentBroken {
    return new DocumentBroken(this.offset, true);
  }
}

function isScalar(byte: number): boolean {
  return (
    (byte >= 0x30 && byte <= 0x39) ||
    (byte >= 0x61 && byte <= 0x7a) ||
    byte === 0x2e ||
    byte === 0x2d ||
    byte === 0x2b ||
    byte === 0x45
  );
}

/** Longest key looked at, with its quotes; what is wanted is shorter. */
const longestKey = 512;

function keyOf(bytes: Buffer, start: number, end: number): string | undefined {
  if (end - start > longestKey) return undefined;
  const raw = bytes.toString('utf8', start, end);
  if (!raw.includes('\\')) return raw.slice(1, -1);
  try {
    return String(JSON.parse(raw));
  } catch {
    return undefined; // no key of ours in any case
  }
}
