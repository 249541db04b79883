import { describe, expect, it } from 'vitest';
import type { Database } from '../../src/store/driver.ts';
import type { House } from '../helpers/house.ts';
import {
  addTotals,
  createSampleHouse,
  describeSamples,
  expectModels,
  putSample,
  type SampleCase,
  type SampleTotals,
} from '../helpers/samples.ts';

const cases = describeSamples('codex');

interface Totals {
  readonly responses: number;
  readonly input_tokens: number;
  readonly cached_input_tokens: number;
  readonly cache_write_input_tokens: number;
  readonly output_tokens: number;
  readonly reasoning_output_tokens: number;
}

/** What expected.json tells of this provider beside the sums. */
interface Expected {
  readonly files: Readonly<
    Record<
      string,
      {
        readonly models: Readonly<Record<string, Totals>>;
        readonly meta: { readonly id: string; readonly parent: string | null; readonly compactions?: number };
      }
    >
  >;
}

function filesOf(each: SampleCase): Expected['files'] {
  return (each.raw as Expected).files; // as the sample's maker wrote it
}

describe.each(cases)('real logs of codex: $name', (each) => {
  it('give every thread its own responses and compactions', () =>
    withStore([each], (db) => {
      for (const { models, meta } of Object.values(filesOf(each))) {
        expect(totalsOf(db, meta.id), meta.id).toEqual(
          Object.fromEntries(Object.entries(models).map(([model, totals]) => [model, ownFields(totals)])),
        );
        expect(compactionsOf(db, meta.id), meta.id).toBe(meta.compactions ?? 0);
      }
    }));
});

it.skipIf(cases.length === 0)('real logs of codex: all of them in one store give the sums of all', async () => {
  const house = await createSampleHouse([]);
  try {
    const sums: Record<string, SampleTotals> = {};
    const seen = new Set<string>();
    // Some threads are in two cases.
    for (const each of cases) {
      for (const file of each.files) putSample(house, each, file);
      for (const { models, meta } of Object.values(filesOf(each))) {
        if (seen.has(meta.id)) continue;
        seen.add(meta.id);
        for (const [model, totals] of Object.entries(models))
          sums[model] = addTotals(sums[model], reportFields(totals));
      }
      (await house.catchUp()).db?.close();
    }
    // One case tells a fork of what another one has the origin of; alone, its copies are nobody's.
    await expectModels(house, sums);
  } finally {
    house.remove();
  }
});

it.skipIf(cases.length === 0)('real logs of codex: a fork with times in its ids needs no origin', () => {
  const each = named('main');
  const [file, { models, meta }] =
    Object.entries(filesOf(each)).find(([, { meta }]) => meta.parent !== null) ?? missing();
  return withStore([], async (_, house) => {
    putSample(house, each, file);
    await withOpen(house, (db) => {
      expect(totalsOf(db, meta.id)).toEqual(
        Object.fromEntries(Object.entries(models).map(([model, totals]) => [model, ownFields(totals)])),
      );
    });
  });
});

it.skipIf(cases.length === 0)(
  'real logs of codex: a fork without such ids holds all its responses until its origin or another fork is there',
  () => {
    const pair = named('codexbar-archived-fork-33ce-3869');
    const siblings = named('codexbar-missing-parent-siblings');
    return withStore([], async (_, house) => {
      const responses = (id: string) => withOpen(house, (db) => totalsOf(db, id)['fixture-model']?.responses ?? 0);
      putSample(house, pair, 'archived_sessions/child.jsonl');
      expect(await responses('child-session')).toBe(155);
      putSample(house, pair, 'archived_sessions/parent.jsonl');
      expect([await responses('child-session'), await responses('parent-session')]).toEqual([22, 133]);
      putSample(house, siblings, 'archived_sessions/sibling-b.jsonl');
      expect(await responses('sibling-b-session')).toBe(136);
      putSample(house, siblings, 'archived_sessions/sibling-a.jsonl');
      expect([await responses('sibling-a-session'), await responses('sibling-b-session')]).toEqual([22, 3]);
    });
  },
);

function named(name: string): SampleCase {
  return cases.find((each) => each.name === name) ?? missing();
}

function missing(): never {
  throw new Error('not among the samples');
}

async function withStore(
  some: readonly SampleCase[],
  use: (db: Database, house: House) => void | Promise<void>,
): Promise<void> {
  const house = await createSampleHouse(some);
  try {
    if (some.length === 0) await use(undefined as never, house);
    else await withOpen(house, (db) => use(db, house));
  } finally {
    house.remove();
  }
}

async function withOpen<T>(house: House, use: (db: Database) => T): Promise<Awaited<T>> {
  const { db } = await house.catchUp();
  if (db === undefined) throw new Error('no store');
  try {
    return await use(db);
  } finally {
    db.close();
  }
}

function ownFields({
  responses,
  input_tokens,
  cached_input_tokens,
  cache_write_input_tokens,
  output_tokens,
  reasoning_output_tokens,
}: Totals): Totals {
  return {
    responses,
    input_tokens,
    cached_input_tokens,
    cache_write_input_tokens,
    output_tokens,
    reasoning_output_tokens,
  };
}

function reportFields(totals: Totals): SampleTotals {
  return {
    turns: totals.responses,
    input_tokens: totals.input_tokens - totals.cached_input_tokens - totals.cache_write_input_tokens,
    cache_read_tokens: totals.cached_input_tokens,
    cache_write_tokens: totals.cache_write_input_tokens,
    output_tokens: totals.output_tokens,
    reasoning_tokens: totals.reasoning_output_tokens,
  };
}

function totalsOf(db: Database, thread: string): Record<string, Totals> {
  const rows = db
    .prepare<[string], Totals & { model: string }>(
      `SELECT m.text AS model, COUNT(*) AS responses,
        SUM(uncached_input_tokens + cache_read_tokens + cache_write_5m_tokens + cache_write_1h_tokens) AS input_tokens,
        SUM(cache_read_tokens) AS cached_input_tokens, SUM(cache_write_5m_tokens) AS cache_write_input_tokens,
        SUM(output_tokens) AS output_tokens, SUM(reasoning_tokens) AS reasoning_output_tokens
       FROM turn t JOIN session s ON s.id = t.session_id JOIN word m ON m.id = t.model_id WHERE s.sid = ? GROUP BY 1`,
    )
    .all(thread);
  return Object.fromEntries(rows.map(({ model, ...totals }) => [model, totals]));
}

function compactionsOf(db: Database, thread: string): number {
  return Number(
    db
      .prepare(
        "SELECT COUNT(*) FROM event e JOIN session s ON s.id = e.session_id WHERE s.sid = ? AND e.kind = 'compaction'",
      )
      .pluck()
      .get(thread),
  );
}
