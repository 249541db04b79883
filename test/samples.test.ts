import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../src/store/driver.ts';
import { run } from './helpers/bin.ts';
import { createHouse, type House } from './helpers/house.ts';
import { randomFrom, shuffled } from './helpers/random.ts';
import { assertRollups } from './helpers/rollups.ts';
import { dumpStore } from './helpers/store-dump.ts';

/** Real logs, too large for the repository: `claude/<case>/projects/…` and `claude/expected.json` below this directory. */
const samples = process.env.SCOPEON_SAMPLES ?? '';
const isThere = samples !== '' && existsSync(join(samples, 'claude/expected.json'));
if (!isThere)
  console.log('Real logs are not tested: set SCOPEON_SAMPLES to the directory that holds claude/expected.json.');

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
type Expected = Readonly<
  Record<
    string,
    {
      readonly models: Totals;
      readonly files: Readonly<
        Record<
          string,
          {
            readonly models: Totals;
            readonly meta: {
              readonly max_context: number;
              readonly tool_calls?: number;
              readonly mcp_calls?: number;
              readonly compactions?: number;
            };
          }
        >
      >;
    }
  >
>;

const expected: Expected = isThere ? JSON.parse(readFileSync(join(samples, 'claude/expected.json'), 'utf8')) : {};
const names = Object.keys(expected);

describe.skipIf(!isThere).each(names)('real logs: %s', (name) => {
  const source = join(samples, 'claude', name);
  const wanted = expected[name] as Expected[string]; // by its own keys
  let house: House;
  beforeAll(async () => {
    house = await createHouse({ from: source, env: configIn });
  });
  afterAll(() => house.remove());

  it('give exactly the expected totals by model', async () => {
    const { stdout, stderr, code } = await run(['models', '--json', '--timezone', 'UTC'], {
      home: join(house.path, 'another', 'home'),
      env: { CLAUDE_CONFIG_DIR: source },
    });
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
    const report: { rows: Record<string, number>[]; totals: Record<string, number> } = JSON.parse(stdout);
    const rows = report.rows.map((row) => [
      row.key,
      {
        responses: row.turns,
        input: row.input_tokens,
        output: row.output_tokens,
        cache_read: row.cache_read_tokens,
        cache_write_5m: row.cache_write_5m_tokens,
        cache_write_1h: row.cache_write_1h_tokens,
      },
    ]);
    const models = Object.entries(wanted.models).map(([model, { sidechain_responses: _, ...totals }]) => [
      model,
      totals,
    ]);
    expect(Object.fromEntries(rows)).toEqual(Object.fromEntries(models));
    expect(report.totals.turns).toBe(Object.values(wanted.models).reduce((sum, model) => sum + model.responses, 0));
  });

  it('give every response to the file that is its origin', async () => {
    await withStore(house, (db) => {
      expect(totalsByModel(db)).toEqual(wanted.models);
      const owned = Object.entries(wanted.files).filter(([, file]) => Object.keys(file.models).length > 0);
      expect(totalsByFile(db, house.home)).toEqual(
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
      for (const [path, { meta }] of name === 'replay' ? [] : Object.entries(wanted.files)) {
        const { tools, mcp, context, compactions } = facts.get(join(house.home, path)) ?? {};
        expect({ context, compactions, mcp }, path).toEqual({
          context: meta.max_context,
          compactions: meta.compactions ?? 0,
          mcp: meta.mcp_calls ?? 0,
        });
        if (!path.includes('subagents')) expect(tools, path).toBeGreaterThanOrEqual(meta.tool_calls ?? 0);
      }
    });
  });

  it('give the same rows when they are read while they grow', async () => {
    const whole = await house.read();
    const growing = await createHouse({ env: configIn });
    try {
      const random = randomFrom(name.length);
      for (const file of shuffled(filesOf(source), random)) {
        const bytes = readFileSync(join(source, file));
        mkdirSync(dirname(join(growing.home, file)), { recursive: true });
        const cuts = Array.from({ length: bytes.length < 20_000 ? 60 : 15 }, () =>
          Math.floor(random() * bytes.length),
        ).sort((a, b) => a - b);
        for (const cut of [...cuts, bytes.length]) {
          writeFileSync(join(growing.home, file), bytes.subarray(0, cut));
          (await growing.catchUp()).db?.close();
        }
      }
      expect(await growing.read()).toEqual(whole);
    } finally {
      growing.remove();
    }
  });

  it('give the same rows in any order of files', async () => {
    const whole = await house.read();
    for (const seed of [1, 2]) {
      const other = await createHouse({ env: configIn });
      try {
        for (const file of shuffled(filesOf(source), randomFrom(seed))) {
          cpSync(join(source, file), join(other.home, file));
          (await other.catchUp()).db?.close();
        }
        expect(await other.read(), `seed ${seed}`).toEqual(whole);
      } finally {
        other.remove();
      }
    }
  });
});

it.skipIf(!isThere)('real logs: all of them in one store give the sums of all', async () => {
  const house = await createHouse({ env: configIn });
  try {
    for (const name of names) {
      cpSync(join(samples, 'claude', name), house.home, { recursive: true });
      (await house.catchUp()).db?.close();
    }
    await withStore(house, (db) => {
      const sums = new Map<string, ModelTotals>();
      for (const name of names)
        for (const [model, totals] of Object.entries(expected[name]?.models ?? {}))
          sums.set(model, add(sums.get(model), totals));
      expect(totalsByModel(db)).toEqual(Object.fromEntries(sums));
      assertRollups(db);
      expect(dumpStore(db, house.home).sessions.length).toBeGreaterThan(10);
    });
  } finally {
    house.remove();
  }
});

const configIn = { CLAUDE_CONFIG_DIR: '~' };

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

function totalsByFile(db: Database, home: string): Record<string, Record<string, ModelTotals>> {
  const found: Record<string, Record<string, ModelTotals>> = {};
  const rows = db
    .prepare<[], ModelTotals & { model: string; path: string }>(
      `SELECT f.path, ${model} AS model, ${sums} FROM turn t JOIN word m ON m.id = t.model_id JOIN source_file f ON f.id = t.file_id GROUP BY 1, 2`,
    )
    .all();
  for (const { path, model: name, ...totals } of rows) (found[path.slice(home.length + 1)] ??= {})[name] = totals;
  return found;
}

function add(a: ModelTotals | undefined, b: ModelTotals): ModelTotals {
  const keys = Object.keys(b) as (keyof ModelTotals)[]; // its own
  return Object.fromEntries(keys.map((key) => [key, (a?.[key] ?? 0) + b[key]])) as unknown as ModelTotals; // the same keys
}

function filesOf(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1))
    .sort();
}
