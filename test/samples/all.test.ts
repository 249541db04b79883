import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { memberIds } from '../../src/members.ts';
import { openFile } from '../../src/store/driver.ts';
import type { House } from '../helpers/house.ts';
import {
  addTotals,
  createSampleHouse,
  expectModels,
  putSample,
  type SampleCase,
  type SampleTotals,
  sampleCases,
  sampledProviders,
  sampleTarget,
} from '../helpers/samples.ts';

/** Cases that are an earlier state, or another form, of what another case of the same provider holds. */
const superseded = new Set([
  'real-2026-01-15-rewritten-in-place-step1',
  'real-2026-01-15-rewritten-in-place-step2',
  'run-0.33-whole-file-slug-dir',
  'compressed',
]);

const members = new Set(memberIds('providers'));
const cases = sampledProviders
  .filter((provider) => members.has(provider))
  .flatMap((provider) => sampleCases(provider).filter((each) => !superseded.has(each.name)));

it.skipIf(cases.length === 0)(
  'real logs of all agents in one home: each agent has its own totals, and together they are the sum',
  async () => {
    const house = await createSampleHouse([]);
    try {
      // The newest first: into its database those of the others are put.
      for (const each of [...cases].reverse()) for (const file of each.files) joinSample(house, each, file);
      await expectModels(house, sumOf(cases));
      for (const provider of new Set(cases.map((each) => each.provider)))
        await expectModels(house, sumOf(cases.filter((each) => each.provider === provider)), ['--provider', provider]);
    } finally {
      house.remove();
    }
  },
  600_000,
);

function sumOf(some: readonly SampleCase[]): SampleCase['models'] {
  const sums: Record<string, SampleTotals> = {};
  for (const each of some)
    for (const [model, totals] of Object.entries(each.models)) sums[model] = addTotals(sums[model], totals);
  return sums;
}

/** Where several cases have a file of one name, it becomes what the agent would have written had it done all of them. */
function joinSample(house: House, each: SampleCase, file: string): void {
  const target = sampleTarget(house, each, file);
  if (!existsSync(target)) return putSample(house, each, file);
  const bytes = readFileSync(join(each.directory, file));
  if (readFileSync(target).equals(bytes)) return;
  if (file.endsWith('.jsonl')) return appendFileSync(target, bytes);
  expect(file, `${each.provider} ${each.name}`).toMatch(/session-store\.db$/);
  addRows(target, join(each.directory, file), ['sessions', 'assistant_usage_events']);
}

/** Adds what a database holds to another of a newer version: the columns both know, under row numbers of its own. */
function addRows(target: string, source: string, tables: readonly string[]): void {
  const db = openFile(target);
  try {
    db.prepare('ATTACH ? AS other').run(source);
    const columnsOf = (schema: string, table: string): readonly string[] =>
      db
        .prepare<[string, string], { name: string }>('SELECT name FROM pragma_table_info(?, ?)')
        .all(table, schema)
        .map((column) => column.name);
    for (const table of tables) {
      const known = new Set(columnsOf('main', table));
      const numbered = table === 'sessions' ? '' : 'id';
      const names = columnsOf('other', table).filter((name) => known.has(name) && name !== numbered);
      if (names.length > 0)
        db.exec(`INSERT INTO main.${table} (${names.join(', ')}) SELECT ${names.join(', ')} FROM other.${table}`);
    }
  } finally {
    db.close();
  }
}
