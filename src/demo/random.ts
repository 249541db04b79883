/** A random number generator that gives the same row of numbers for the same seed, on every machine. Not for secrets. */
export interface Random {
  /** 0 (inclusive) to 1 (exclusive). */
  next(): number;
  /** A whole number from `low` to `high`, both included. */
  whole(low: number, high: number): number;
  /** True this often (0–1). */
  chance(share: number): boolean;
  /** One of a list whose items say how often they come. */
  weighted<T extends { readonly weight: number }>(items: readonly [T, ...T[]]): T;
  pick<T>(items: readonly [T, ...T[]]): T;
  /** `length` small letters and digits. */
  id(length: number): string;
  /** Hex digits in the form of a version 4 UUID. */
  uuid(): string;
}

/** @see https://gist.github.com/tommyettinger/46a874533244883189143505d203312c (mulberry32, public domain) */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
  const whole = (low: number, high: number): number => low + Math.floor(next() * (high - low + 1));
  const hex = () =>
    Math.floor(next() * 2 ** 32)
      .toString(16)
      .padStart(8, '0');
  return {
    next,
    whole,
    chance: (share) => next() < share,
    weighted: (items) => {
      let left = next() * items.reduce((sum, item) => sum + item.weight, 0);
      return items.find((item) => (left -= item.weight) < 0) ?? items[0];
    },
    pick: (items) => items[whole(0, items.length - 1)] ?? items[0],
    id: (length) => {
      let text = '';
      while (text.length < length)
        text += Math.floor(next() * 36 ** 6)
          .toString(36)
          .padStart(6, '0');
      return text.slice(0, length);
    },
    uuid: () => {
      const [a, b, c, d] = [hex(), hex(), hex(), hex()];
      return `${a}-${b.slice(0, 4)}-4${b.slice(5)}-a${c.slice(1, 4)}-${c.slice(4)}${d}`;
    },
  };
}
