import { describe, expect, it } from 'vitest';
import type { CopyRule } from '../../src/events.ts';
import { emptyRow, mergeTurn, type TurnRow } from '../../src/store/turn-row.ts';
import { randomFrom, shuffled } from '../helpers/random.ts';

describe('copies of a response', () => {
  it('give the uncached input that the whole prompt leaves, where the log counts the cache within it', () => {
    const first = counts({ promptTokens: 700, uncached: 700, output: 1 });
    const last = counts({ promptTokens: 700, uncached: 100, cacheRead: 600, output: 3 });
    expect(merged([first, last], 'prompt')).toMatchObject({ uncached: 100, cacheRead: 600, output: 3 });
    expect(merged([first, last], 'fields')).toMatchObject({ uncached: 700, cacheRead: 600, output: 3 });
  });

  it('give the counts of the largest and of no other, where unlike records share an id', () => {
    const small = counts({ promptTokens: 500, uncached: 500, output: 20 });
    const large = counts({ promptTokens: 600, uncached: 550, cacheRead: 50, output: 5 });
    expect(merged([large, small], 'largest')).toMatchObject({ uncached: 550, cacheRead: 50, output: 5 });
  });

  it('give the maximum over all chains, and a side chain’s, where only some know whose response it is', () => {
    const unknowing = counts({ uncached: 70, output: 8, sidechain: 0 });
    const knowing = counts({ uncached: 470, output: 38, sidechain: 1 });
    for (const copies of [
      [unknowing, knowing],
      [knowing, unknowing],
    ]) {
      expect(merged(copies, 'chains')).toMatchObject({ uncached: 470, output: 38, sidechain: 1 });
      expect(merged(copies, 'fields')).toMatchObject({ uncached: 70, output: 8, sidechain: 0 });
    }
    const imported = counts({ uncached: 900, quality: 'imported' });
    expect(merged([imported, knowing], 'chains')).toMatchObject({ uncached: 470 });
  });

  it.each<CopyRule>(['fields', 'prompt', 'largest', 'chains'])(
    'give the same row in any order by the rule %s',
    (rule) => {
      const random = randomFrom(7);
      const some = (): number => Math.floor(random() * 4);
      for (let round = 0; round < 200; round++) {
        const copies = Array.from({ length: 4 }, () => {
          const [cacheRead, write5m, rest] = [some(), some(), some()];
          return counts({
            at: 1_000 + some(),
            promptTokens: cacheRead + write5m + rest,
            uncached: rest,
            cacheRead,
            write5m,
            output: some(),
            reasoning: some() || null,
            costLogged: some() || null,
            sidechain: some() & 1,
          });
        });
        const [one, ...others] = Array.from({ length: 6 }, () => merged(shuffled(copies, random), rule));
        for (const other of others) expect(other).toEqual(one);
      }
    },
  );
});

function merged(copies: readonly TurnRow[], rule: CopyRule): TurnRow {
  const row = { ...(copies[0] as TurnRow) };
  for (const copy of copies.slice(1)) mergeTurn(row, copy, () => 'one.jsonl', rule);
  return row;
}

function counts(some: Partial<TurnRow>): TurnRow {
  return {
    ...emptyRow(),
    sessionId: 1,
    at: 1_000,
    modelId: 1,
    ownerAt: some.at ?? 1_000,
    fileId: 1,
    ...some,
  };
}
