import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/store/driver.ts';
import type { House } from '../helpers/house.ts';
import { assertRollups } from '../helpers/rollups.ts';
import {
  addTotals,
  createSampleHouse,
  describeSamples,
  expectModels,
  putSample,
  type SampleTotals,
} from '../helpers/samples.ts';
import { dumpStore } from '../helpers/store-dump.ts';

const cases = describeSamples('claude-code');

interface ModelTotals {
  readonly responses: number;
  readonly sidechain_responses: number;
  readonly input: number;
  readonly output: number;
  readonly cache_read: number;
  readonly cache_write_5m: number;
  readonly cache_write_1h: number;
}
type Totals = Readonly<Record<string, ModelTotals>>;

/** What expected.json tells of this provider beside the sums. */
interface Expected {
  readonly models: Totals;
  readonly files: Readonly<Record<string, ExpectedFile>>;
}
interface ExpectedFile {
  readonly models: Totals;
  readonly meta: {
    readonly max_context: number;
    readonly tool_calls?: number;
    readonly mcp_calls?: number;
    readonly compactions?: number;
  };
}

describe.each(cases)('real logs of claude-code: $name', (each) => {
  const wanted = each.raw as Expected; // as the sample's maker wrote it
  let house: House;
  beforeAll(async () => {
    house = await createSampleHouse([each]);
  });
  afterAll(() => house.remove());

  it('give every response to the file that is its origin', async () => {
    await withStore(house, (db) => {
      expect(totalsByModel(db)).toEqual(wanted.models);
      const owned = Object.entries(wanted.files).filter(([, file]) => Object.keys(file.models).length > 0);
      expect(totalsByFile(db, join(house.home, '.claude'))).toEqual(
        Object.fromEntries(owned.map(([path, file]) => [path, file.models])),
      );
    });
  });

  it('give the tool calls, compactions and largest context of every session', async () => {
    await withStore(house, (db) => {
      const facts = db.prepare<[string], { tools: number; mcp: number; context: number; compactions: number }>(
        `SELECT COALESCE(SUM(t.tool_calls), 0) AS tools, COALESCE(SUM(t.mcp_calls), 0) AS mcp,
          COALESCE(MAX(CASE WHEN t.sidechain = 0 AND t.context_tokens > 0 THEN t.prompt_tokens END), 0) AS context,
          (SELECT COUNT(*) FROM event e WHERE e.file_id = f.id AND e.kind = 'compaction') AS compactions
         FROM source_file f LEFT JOIN turn t ON t.file_id = f.id WHERE f.path = ?`,
      );
      // Rows that are copies count in the manifest where they stand, so only files that own all of theirs compare.
      for (const [path, { meta }] of each.name === 'replay' ? [] : Object.entries(wanted.files)) {
        const { tools, mcp, context, compactions } = facts.get(join(house.home, '.claude', path)) ?? {};
        expect({ context, compactions, mcp }, path).toEqual({
          context: meta.max_context,
          compactions: meta.compactions ?? 0,
          mcp: meta.mcp_calls ?? 0,
        });
        if (!path.includes('subagents')) expect(tools, path).toBeGreaterThanOrEqual(meta.tool_calls ?? 0);
      }
    });
  });
});

it.skipIf(cases.length === 0)('real logs of claude-code: all of them in one store give the sums of all', async () => {
  const house = await createSampleHouse([]);
  try {
    const sums: Record<string, SampleTotals> = {};
    for (const each of cases) {
      for (const file of each.files) putSample(house, each, file);
      (await house.catchUp()).db?.close();
      for (const [model, totals] of Object.entries(each.models)) sums[model] = addTotals(sums[model], totals);
    }
    await expectModels(house, sums);
    await withStore(house, (db) => {
      assertRollups(db);
      expect(dumpStore(db, house.home).sessions.length).toBeGreaterThan(10);
    });
  } finally {
    house.remove();
  }
});

async function withStore(house: House, use: (db: Database) => void): Promise<void> {
  const { db } = await house.catchUp();
  if (db === undefined) throw new Error('no store');
  try {
    use(db);
  } finally {
    db.close();
  }
}

const sums = `COUNT(*) AS responses, SUM(t.sidechain) AS sidechain_responses, SUM(t.uncached_input_tokens) AS input, SUM(t.output_tokens) AS output,
  SUM(t.cache_read_tokens) AS cache_read, SUM(t.cache_write_5m_tokens) AS cache_write_5m, SUM(t.cache_write_1h_tokens) AS cache_write_1h`;
const model = "m.text || CASE WHEN t.fast THEN '-fast' ELSE '' END";

function totalsByModel(db: Database): Totals {
  const rows = db
    .prepare<[], ModelTotals & { model: string }>(
      `SELECT ${model} AS model, ${sums} FROM turn t JOIN word m ON m.id = t.model_id GROUP BY 1`,
    )
    .all();
  return Object.fromEntries(rows.map(({ model: name, ...totals }) => [name, totals]));
}

function totalsByFile(db: Database, directory: string): Record<string, Record<string, ModelTotals>> {
  const found: Record<string, Record<string, ModelTotals>> = {};
  const rows = db
    .prepare<[], ModelTotals & { model: string; path: string }>(
      `SELECT f.path, ${model} AS model, ${sums} FROM turn t JOIN word m ON m.id = t.model_id JOIN source_file f ON f.id = t.file_id GROUP BY 1, 2`,
    )
    .all();
  for (const { path, model: name, ...totals } of rows) (found[path.slice(directory.length + 1)] ??= {})[name] = totals;
  return found;
}
