/** A telling of one or more responses of a session. Times are UTC ms. */
export interface Claim {
  readonly at: number;
  /** It stands for everything since then; null: for the response at `at`. */
  readonly fromAt: number | null;
  /** The less, the better. */
  readonly rank: number;
  /** 1: it gives way and takes nothing's place. */
  readonly isExtra: number;
}

/** Rank 0: a stretch begins. Else one ends, and that rank has told all since `fromAt`. */
export interface Mark {
  readonly at: number;
  readonly rank: number;
  readonly fromAt: number | null;
}

/**
 * Those of a session's claims that count: rank after rank, each counts where no counting one of a better rank has told
 * of a stretch it stands for. Neither the order of claims nor that of marks is of any matter.
 */
export function countedClaims<C extends Claim>(claims: readonly C[], marks: readonly Mark[]): ReadonlySet<C> {
  const starts = [...new Set(marks.map((mark) => (mark.rank === 0 ? mark.at : mark.at + 1)))].sort((a, b) => a - b);
  const told = new Uint8Array(starts.length + 1);
  const counted = new Set<C>();
  const sums = marks.filter((mark) => mark.rank !== 0);
  const ranks = [...new Set([...claims, ...sums].map((each) => each.rank))].sort((a, b) => a - b);
  for (const rank of ranks) {
    const telling: [first: number, last: number][] = [];
    for (const claim of claims) {
      if (claim.rank !== rank) continue;
      const stretches = stretchesOf(starts, claim);
      if (isTold(told, stretches)) continue;
      counted.add(claim);
      if (claim.isExtra === 0) telling.push(stretches);
    }
    for (const sum of sums) {
      const stretches = sum.rank === rank ? stretchesOf(starts, sum) : undefined;
      if (stretches !== undefined && !isTold(told, stretches)) telling.push(stretches);
    }
    for (const [first, last] of telling) told.fill(1, first, last + 1);
  }
  return counted;
}

function isTold(told: Uint8Array, [first, last]: readonly [number, number]): boolean {
  return told.subarray(first, last + 1).includes(1);
}

/** Numbers of the first and the last stretch it stands for; the one before all marks is 0. */
function stretchesOf(
  starts: readonly number[],
  { at, fromAt }: { readonly at: number; readonly fromAt: number | null },
): [first: number, last: number] {
  const last = stretchAt(starts, at);
  return [Math.min(last, fromAt === null ? last : stretchAt(starts, fromAt)), last];
}

function stretchAt(starts: readonly number[], at: number): number {
  let low = 0;
  let high = starts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((starts[middle] as number) <= at) low = middle + 1;
    else high = middle;
  }
  return low;
}
