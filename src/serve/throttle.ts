/** Holds off those who guess tokens, and on a network those who ask too much. Addresses as Node names them. */
export interface Throttle {
  /** Seconds until this address is heard again; undefined: it may ask. */
  locked(address: string): number | undefined;
  /** A wrong or missing token came from here. */
  failed(address: string): void;
  /** Counts a request; seconds to wait when there are too many. Undefined where requests are not counted. */
  asked(address: string): number | undefined;
}

const failuresAllowed = 10;
const windowMs = 60_000;
const lockMs = 60_000;
const perSecond = 20;
const burst = 60;
/** Addresses remembered; beyond, the oldest are forgotten. */
const mostAddresses = 1_024;

interface Known {
  failures: number[];
  lockedUntil: number;
  tokens: number;
  refilledAt: number;
}

/** `now` is a clock that never goes back, in ms. `countsRequests`: the server is on a network. */
export function createThrottle(now: () => number, countsRequests: boolean): Throttle {
  const addresses = new Map<string, Known>();

  function known(address: string): Known {
    let entry = addresses.get(address);
    if (entry === undefined) {
      entry = { failures: [], lockedUntil: 0, tokens: burst, refilledAt: now() };
      addresses.set(address, entry);
      const [oldest] = addresses.keys();
      if (addresses.size > mostAddresses && oldest !== undefined) addresses.delete(oldest);
    }
    return entry;
  }

  return {
    locked(address) {
      const left = (addresses.get(address)?.lockedUntil ?? 0) - now();
      return left > 0 ? Math.ceil(left / 1_000) : undefined;
    },
    failed(address) {
      const entry = known(address);
      const at = now();
      entry.failures = [...entry.failures.filter((time) => time > at - windowMs), at];
      if (entry.failures.length < failuresAllowed) return;
      entry.failures = [];
      entry.lockedUntil = at + lockMs;
    },
    asked(address) {
      if (!countsRequests) return undefined;
      const entry = known(address);
      const at = now();
      entry.tokens = Math.min(burst, entry.tokens + ((at - entry.refilledAt) / 1_000) * perSecond);
      entry.refilledAt = at;
      if (entry.tokens < 1) return 1;
      entry.tokens -= 1;
      return undefined;
    },
  };
}
