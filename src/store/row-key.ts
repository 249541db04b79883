import type { Database } from './driver.ts';
import { readMeta } from './meta.ts';
import { textWriter } from './quick-write.ts';

/** Makes the keys of rows from the natural keys of records. */
export interface RowKeys {
  /**
   * 16 bytes: two records share them only if they are the same record, but for a chance of 2^-128. They stand in one
   * buffer until the next call: to be bound to a statement, which copies them, not to be kept.
   */
  of(provider: string, naturalKey: string): Buffer;
  /** A whole number below 2^53, unique enough among the few parts of one turn. */
  partOf(naturalKey: string): number;
}

/**
 * Keys are a 128-bit hash (four lanes of MurmurHash3's mixing) under a random seed that the first migration made, so that rows stay
 * small and nobody who writes a log can know which texts would collide. SHA-256 costs ten times as much per key.
 */
export function createRowKeys(db: Database): RowKeys {
  const seed = Buffer.from(readMeta(db, 'key_seed') ?? '', 'hex');
  if (seed.length !== 16) throw new Error('the store has no key seed');
  const seeds = [0, 4, 8, 12].map((at) => seed.readInt32LE(at)) as [number, number, number, number]; // four, as listed
  const lanes = new Int32Array(4);
  const key = Buffer.from(lanes.buffer);
  // The seed of each provider's keys: its name mixed into ours.
  const known = new Map<string, Lanes>();
  return {
    of(provider, naturalKey) {
      let own = known.get(provider);
      if (own === undefined) {
        mix(lanes, seeds, provider);
        known.set(provider, (own = [...lanes] as unknown as Lanes)); // four
      }
      mix(lanes, own, naturalKey);
      return key;
    },
    partOf(naturalKey) {
      mix(lanes, seeds, naturalKey);
      return ((lanes[0] as number) & 0x1fffff) * 0x1_0000_0000 + ((lanes[1] as number) >>> 0);
    },
  };
}

type Lanes = readonly [number, number, number, number];

const scratch = Buffer.alloc(8 * 1024); // 8 KiB, more than any id
const scratchWords = new Int32Array(scratch.buffer, scratch.byteOffset, scratch.length / 4);

const writeToScratch = textWriter(scratch, 'utf8');

/** Four bytes of UTF-8 at a time. The last ones stand before zeros, told apart by the length that was mixed in before. */
function mix(lanes: Int32Array, seeds: Lanes, text: string): void {
  let words = scratchWords;
  let size: number;
  if (text.length * 3 + 4 <= scratch.length) {
    size = writeToScratch(text);
    scratch[size] = scratch[size + 1] = scratch[size + 2] = 0;
  } else {
    const bytes = Buffer.from(text);
    size = bytes.length;
    words = new Int32Array((size + 3) >> 2);
    bytes.copy(new Uint8Array(words.buffer));
  }
  let [a, b, c, d] = seeds;
  d ^= size;
  for (let i = 0, count = (size + 3) >> 2; i < count; i++) {
    const word = words[i] as number;
    a = Math.imul(rotate(a ^ Math.imul(word, 0x239b961b), 13) + b, 5) + 0x561ccd1b;
    b = Math.imul(rotate(b ^ Math.imul(word, 0xab0e9789 | 0), 15) + c, 5) + 0x0bcaa747;
    c = Math.imul(rotate(c ^ Math.imul(word, 0x38b34ae5), 17) + d, 5) + (0x96cd1c35 | 0);
    d = Math.imul(rotate(d ^ Math.imul(word, 0xa1e38b93 | 0), 18) + a, 5) + 0x32ac3b17;
  }
  // Every lane has to see every other, twice, so that all bits depend on all input.
  for (let round = 0; round < 2; round++) {
    a = finish(a + b + c + d);
    b = finish(b + a);
    c = finish(c + b);
    d = finish(d + c);
  }
  lanes[0] = a;
  lanes[1] = b;
  lanes[2] = c;
  lanes[3] = d;
}

function rotate(value: number, by: number): number {
  return (value << by) | (value >>> (32 - by));
}

/** MurmurHash3's finaliser: full avalanche of 32 bits. */
function finish(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b | 0);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35 | 0);
  return h ^ (h >>> 16);
}
