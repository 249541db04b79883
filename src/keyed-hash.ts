/**
 * A hash that nobody can try guesses against who lacks its key: SipHash-2-4 with 128 bits (Aumasson and Bernstein, 2012),
 * made for many short messages. Gives 16 bytes as the characters of a text, for a buffer each would cost more than hashing.
 */
export interface KeyedHash {
  (bytes: Uint8Array): string;
  /** 16 bytes, for whoever hashes bytes where they lie: readers/wasm/keyed-hash.ts, which gives the same. */
  readonly key: Uint8Array;
}

/** @throws RangeError when the key has not 16 bytes */
export function keyedHash(key: Uint8Array): KeyedHash {
  if (key.length !== 16) throw new RangeError(`a key of ${key.length} bytes, not 16`);
  const words = new DataView(key.buffer, key.byteOffset, key.length);
  const [k0, k1, k2, k3] = [0, 4, 8, 12].map((at) => words.getInt32(at, true)) as [number, number, number, number]; // four
  const result = Buffer.alloc(16);
  return Object.assign((bytes: Uint8Array) => hash(bytes, k0, k1, k2, k3, result).toString('latin1'), { key });
}

/** Every word of 64 bits is two numbers here, the lower half (l) and the upper (h). */
function hash(bytes: Uint8Array, k0: number, k1: number, k2: number, k3: number, result: Buffer): Buffer {
  let v0l = k0 ^ 0x70736575;
  let v0h = k1 ^ 0x736f6d65;
  let v1l = k2 ^ 0x6e646f6d ^ 0xee;
  let v1h = k3 ^ 0x646f7261;
  let v2l = k0 ^ 0x6e657261;
  let v2h = k1 ^ 0x6c796765;
  let v3l = k2 ^ 0x79746573;
  let v3h = k3 ^ 0x74656462;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const end = bytes.length & ~7;
  // Word after word with two rounds each, at last one of the bytes that are left and the length; then four rounds twice.
  let place = 0;
  for (let stage = 0; stage < 3; ) {
    let low = 0;
    let high = 0;
    if (stage === 0) {
      low = place < end ? view.getInt32(place, true) : part(bytes, end, end + 4);
      high = place < end ? view.getInt32(place + 4, true) : part(bytes, end + 4, end + 7) | (bytes.length << 24);
      v3l ^= low;
      v3h ^= high;
    }
    for (let rounds = stage === 0 ? 2 : 4; rounds > 0; rounds--) {
      let sum = (v0l >>> 0) + (v1l >>> 0);
      v0h = (v0h + v1h + (sum > 0xffff_ffff ? 1 : 0)) | 0;
      v0l = sum | 0;
      sum = (v2l >>> 0) + (v3l >>> 0);
      v2h = (v2h + v3h + (sum > 0xffff_ffff ? 1 : 0)) | 0;
      v2l = sum | 0;
      let old = v1l;
      v1l = ((v1l << 13) | (v1h >>> 19)) ^ v0l;
      v1h = ((v1h << 13) | (old >>> 19)) ^ v0h;
      old = v3l;
      v3l = ((v3l << 16) | (v3h >>> 16)) ^ v2l;
      v3h = ((v3h << 16) | (old >>> 16)) ^ v2h;
      // v0, rotated by 32, with v3 added to it
      sum = (v0h >>> 0) + (v3l >>> 0);
      v0h = (v0l + v3h + (sum > 0xffff_ffff ? 1 : 0)) | 0;
      v0l = sum | 0;
      sum = (v2l >>> 0) + (v1l >>> 0);
      v2h = (v2h + v1h + (sum > 0xffff_ffff ? 1 : 0)) | 0;
      v2l = sum | 0;
      old = v1l;
      v1l = ((v1l << 17) | (v1h >>> 15)) ^ v2l;
      v1h = ((v1h << 17) | (old >>> 15)) ^ v2h;
      old = v3l;
      v3l = ((v3l << 21) | (v3h >>> 11)) ^ v0l;
      v3h = ((v3h << 21) | (old >>> 11)) ^ v0h;
      old = v2l;
      v2l = v2h;
      v2h = old;
    }
    if (stage > 0) {
      result.writeInt32LE(v0l ^ v1l ^ v2l ^ v3l, stage * 8 - 8);
      result.writeInt32LE(v0h ^ v1h ^ v2h ^ v3h, stage * 8 - 4);
      v1l ^= 0xdd;
      stage++;
    } else {
      v0l ^= low;
      v0h ^= high;
      if (place >= end) {
        v2l ^= 0xee;
        stage = 1;
      }
      place += 8;
    }
  }
  return result;
}

/** Up to four bytes as a number, zeros for those that are not there. */
function part(bytes: Uint8Array, from: number, to: number): number {
  let value = 0;
  for (let i = from; i < to; i++) value |= (bytes[i] ?? 0) << ((i - from) * 8);
  return value;
}
