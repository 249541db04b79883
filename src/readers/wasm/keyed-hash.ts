/** The hash of ../../keyed-hash.ts, over bytes where they lie. Reads up to 8 bytes beyond them. */

/** 16 bytes, written by the host. */
const hashKey: usize = memory.data(16, 16);
const hashed: usize = memory.data(16, 16);

/** Gives where the result lies, 16 bytes, until the next call. */
export function hash(from: usize, size: i32): usize {
  hashTo(from, size, hashed);
  return hashed;
}

export function keyPlace(): usize {
  return hashKey;
}

export function hashTo(from: usize, size: i32, to: usize): void {
  const k0 = load<u64>(hashKey);
  const k1 = load<u64>(hashKey, 8);
  let v0: u64 = k0 ^ 0x736f6d6570736575;
  let v1: u64 = k1 ^ 0x646f72616e646f6d ^ 0xee;
  let v2: u64 = k0 ^ 0x6c7967656e657261;
  let v3: u64 = k1 ^ 0x7465646279746573;
  const rest = size & 7;
  const end = from + <usize>(size - rest);
  const last: u64 = ((<u64>size) << 56) | (load<u64>(end) & (((<u64>1) << ((<u64>rest) << 3)) - 1));
  let word: u64 = 0;
  // A word a turn of the loop, then the last one, then the two ends.
  let place = from;
  let stage: i32 = 0;
  while (stage < 3) {
    let rounds: i32 = 4;
    if (stage == 0) {
      word = place < end ? load<u64>(place) : last;
      v3 ^= word;
      rounds = 2;
    }
    for (; rounds > 0; rounds--) {
      v0 += v1;
      v2 += v3;
      v1 = rotl<u64>(v1, 13) ^ v0;
      v3 = rotl<u64>(v3, 16) ^ v2;
      v0 = rotl<u64>(v0, 32);
      v2 += v1;
      v0 += v3;
      v1 = rotl<u64>(v1, 17) ^ v2;
      v3 = rotl<u64>(v3, 21) ^ v0;
      v2 = rotl<u64>(v2, 32);
    }
    if (stage == 0) {
      v0 ^= word;
      if (place >= end) {
        v2 ^= 0xee;
        stage = 1;
      }
      place += 8;
    } else {
      store<u64>(to, v0 ^ v1 ^ v2 ^ v3);
      to += 8;
      v1 ^= 0xdd;
      stage++;
    }
  }
}
