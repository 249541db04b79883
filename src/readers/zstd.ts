import { readSync } from 'node:fs';
import zlib from 'node:zlib';
import { Decompress } from 'fzstd';

/** Does the file begin like a Zstandard frame? Its name does not matter. */
export function isZstd(fd: number): boolean {
  const start = Buffer.alloc(4);
  return beginsLikeZstd(start.subarray(0, readSync(fd, start, 0, 4, 0)));
}

/** The same of what was read from its start. */
export function beginsLikeZstd(start: Buffer): boolean {
  return start.length >= 4 && start.readUInt32LE(0) === frameMagic;
}

/**
 * What a Zstandard file holds, in pieces, in constant memory. Returns whether that was all: false when it ends within a
 * frame or is damaged; then everything before that place was given. Dictionaries are not supported.
 */
export function* unzstd(fd: number, sizeBytes: number): Generator<Uint8Array, boolean> {
  const whole = sizeBytes <= smallSize ? nativeWhole(fd, sizeBytes) : undefined;
  if (whole !== undefined) {
    yield whole;
    return true;
  }
  return yield* frames(new Input(fd, sizeBytes));
}

// ---- Node's own -----------------------------------------------------------------------------------------------------

/** Compressed and decompressed size up to which a file is taken at once. */
const smallSize = 4 * 1024 * 1024; // 4 MiB
const smallContent = 32 * 1024 * 1024; // 32 MiB

/** From Node 22.15 on; several times as fast, but it knows no pieces without giving up the turn. */
const native = zlib as unknown as {
  readonly zstdDecompressSync?: (
    bytes: Uint8Array,
    options: { readonly maxOutputLength: number; readonly info: true },
  ) => { readonly buffer: Uint8Array; readonly engine: { readonly bytesWritten: number } };
};

/** Undefined when it cannot be had so: too much, damaged, or an older Node. */
function nativeWhole(fd: number, sizeBytes: number): Uint8Array | undefined {
  if (native.zstdDecompressSync === undefined) return undefined;
  const bytes = Buffer.alloc(sizeBytes);
  if (readSync(fd, bytes, 0, sizeBytes, 0) !== sizeBytes) return undefined;
  try {
    const { buffer, engine } = native.zstdDecompressSync(bytes, { maxOutputLength: smallContent, info: true });
    return engine.bytesWritten === sizeBytes ? buffer : undefined;
  } catch {
    return undefined;
  }
}

// ---- block by block (RFC 8878) --------------------------------------------------------------------------------------

const frameMagic = 0xfd2fb528;
const largestHeader = 18;
const largestBlock = 128 * 1024; // 128 KiB
/** What `zstd` itself refuses without being asked. The decoder holds it in memory, so it is asked before. */
const largestWindow = 128 * 1024 * 1024; // 128 MiB

/** Feeds the decoder one block at a time, so that what comes out at once is at most a few blocks, whatever the file says. */
function* frames(input: Input): Generator<Uint8Array, boolean> {
  let made: Uint8Array[] = [];
  const decoder = new Decompress((bytes) => void (bytes.length > 0 && made.push(bytes)));
  /** False: it cannot be decoded. */
  const feed = (bytes: Uint8Array, isLast = false): boolean => {
    try {
      decoder.push(bytes, isLast);
      return true;
    } catch {
      return false;
    }
  };
  const take = (): readonly Uint8Array[] => {
    const taken = made;
    made = [];
    return taken;
  };
  while (input.left > 0) {
    const skip = skippableSize(input);
    if (skip === undefined ? !(yield* frame()) : !input.skip(skip)) {
      feed(nothing, true);
      yield* take();
      return false;
    }
  }
  const isWhole = feed(nothing, true);
  yield* take();
  return isWhole;

  function* frame(): Generator<Uint8Array, boolean> {
    const header = headerOf(input);
    if (header === undefined || !feed(Uint8Array.from(header.bytes))) return false;
    for (let isLast = false; !isLast; ) {
      const block = blockOf(input);
      if (block === undefined) return false;
      isLast = block.isLast;
      // The decoder keeps what is too short to go on with; our bytes are overwritten.
      const isFed = feed(block.bytes.length < largestHeader ? Uint8Array.from(block.bytes) : block.bytes);
      yield* take();
      if (!isFed) return false;
    }
    if (!header.hasChecksum) return true;
    const checksum = input.take(4);
    return checksum !== undefined && feed(Uint8Array.from(checksum));
  }
}

const nothing = new Uint8Array(0);

/** Of a frame that holds no data: all its bytes. */
function skippableSize(input: Input): number | undefined {
  const start = input.peek(8);
  if (start === undefined) return undefined;
  const view = new DataView(start.buffer, start.byteOffset, 8);
  return view.getUint32(0, true) >>> 4 === 0x184d2a5 ? view.getUint32(4, true) + 8 : undefined;
}

function headerOf(input: Input): { readonly bytes: Uint8Array; readonly hasChecksum: boolean } | undefined {
  const start = input.peek(6);
  if (start === undefined) return undefined;
  const view = new DataView(start.buffer, start.byteOffset, 6);
  if (view.getUint32(0, true) !== frameMagic) return undefined;
  const flags = view.getUint8(4);
  const isSingle = (flags & 0x20) !== 0;
  const hasDictionary = (flags & 3) !== 0;
  const sizeFlag = flags >> 6;
  const sizeField = sizeFlag === 0 ? (isSingle ? 1 : 0) : 1 << sizeFlag;
  const bytes = input.take((isSingle ? 5 : 6) + sizeField);
  if (bytes === undefined || hasDictionary) return undefined;
  const window = isSingle ? contentSize(bytes.subarray(5)) : windowSize(view.getUint8(5));
  return window <= largestWindow ? { bytes, hasChecksum: (flags & 4) !== 0 } : undefined;
}

function windowSize(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3));
  return base + (base / 8) * (descriptor & 7);
}

/** Little endian; of two bytes, 256 more than they say. */
function contentSize(bytes: Uint8Array): number {
  const size = bytes.reduceRight((sum, byte) => sum * 256 + byte, 0);
  return bytes.length === 2 ? size + 256 : size;
}

function blockOf(input: Input): { readonly bytes: Uint8Array; readonly isLast: boolean } | undefined {
  const start = input.peek(3);
  if (start === undefined) return undefined;
  const [low = 0, middle = 0, high = 0] = start;
  const type = (low >> 1) & 3; // 0 raw, 1 one byte many times, 2 compressed, 3 reserved
  const size = (low >> 3) | (middle << 5) | (high << 13);
  if (type === 3 || size > largestBlock) return undefined;
  const bytes = input.take(3 + (type === 1 ? 1 : size));
  return bytes === undefined ? undefined : { bytes, isLast: (low & 1) !== 0 };
}

/** The bytes of a file one after the other, through one buffer: what is given is overwritten later. */
class Input {
  readonly #fd: number;
  readonly #size: number;
  readonly #buffer = Buffer.alloc(2 * (largestBlock + largestHeader));
  #position = 0; // in the file, behind what the buffer holds
  #from = 0;
  #to = 0;

  constructor(fd: number, size: number) {
    this.#fd = fd;
    this.#size = size;
  }

  /** Bytes not taken yet. */
  get left(): number {
    return this.#to - this.#from + this.#size - this.#position;
  }

  /** The next so many bytes; undefined when there are fewer. */
  peek(count: number): Uint8Array | undefined {
    if (this.#to - this.#from < count) this.#fill();
    return this.#to - this.#from < count ? undefined : this.#buffer.subarray(this.#from, this.#from + count);
  }

  take(count: number): Uint8Array | undefined {
    const bytes = this.peek(count);
    if (bytes !== undefined) this.#from += count;
    return bytes;
  }

  /** False when there are fewer. */
  skip(count: number): boolean {
    if (count > this.left) return false;
    const held = Math.min(count, this.#to - this.#from);
    this.#from += held;
    this.#position += count - held;
    return true;
  }

  #fill(): void {
    this.#buffer.copyWithin(0, this.#from, this.#to);
    this.#to -= this.#from;
    this.#from = 0;
    const wanted = Math.min(this.#buffer.length - this.#to, this.#size - this.#position);
    const got = wanted > 0 ? readSync(this.#fd, this.#buffer, this.#to, wanted, this.#position) : 0;
    this.#to += got;
    this.#position += got;
  }
}
