/**
 * The candidate that was probably meant: few letters away, else one of which the word is the beginning or the other way
 * round. Undefined when none is near. Case and `-` against `_` make no difference.
 */
export function closest(word: string, candidates: Iterable<string>): string | undefined {
  const wanted = plain(word);
  const list = [...candidates];
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(wanted.length / 3)) + 1;
  for (const candidate of list) {
    const distance = editDistance(wanted, plain(candidate));
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best ?? list.find((candidate) => begins(wanted, plain(candidate)) || begins(plain(candidate), wanted));
}

/** A word of one or two letters begins too many to mean any. */
function begins(start: string, whole: string): boolean {
  return start.length >= 3 && whole.startsWith(start);
}

function plain(word: string): string {
  return word.slice(0, 64).toLowerCase().replaceAll('-', '_');
}

/** Insertions, deletions, changes and swaps of neighbours from one to the other (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1;
      let cost = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + change);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) cost = Math.min(cost, (beforeLast[j - 2] ?? 0) + 1);
      row.push(cost);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? 0;
}
