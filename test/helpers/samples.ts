import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { run } from './bin.ts';
import { createHouse, type House } from './house.ts';
import { randomFrom, shuffled } from './random.ts';

/**
 * Real logs, too large for the repository: `$SCOPEON_SAMPLES/<folder>/<case>/…` and `<folder>/expected.json`, which tells
 * what each case must sum up to.
 */
const samples = process.env.SCOPEON_SAMPLES ?? '';

/** Per provider its folder of samples, and where below a home directory the content of a case belongs. */
const places: Readonly<Record<string, { readonly folder: string; readonly below: (name: string) => string }>> = {
  aider: { folder: 'aider', below: () => '' },
  'claude-code': { folder: 'claude', below: () => '.claude' },
  codex: { folder: 'codex', below: () => '.codex' },
  'copilot-cli': { folder: 'copilot', below: () => '' },
  cursor: { folder: 'cursor', below: () => '' },
  'gemini-cli': { folder: 'gemini', below: () => '' },
  'generic-openai': { folder: 'generic', below: (name) => join(genericFolder, name) },
  opencode: { folder: 'opencode', below: () => '' },
  'qwen-code': { folder: 'qwen', below: () => '' },
};

/** Reading a file again for each of its cuts takes its time, above all on a busy machine. */
const growingMs = 120_000;

/** Every provider there may be samples of. */
export const sampledProviders: readonly string[] = Object.keys(places);

/** Where the generic logs of a sample house lie; it is configured as `providers.generic_paths`. */
const genericFolder = 'openai-logs';

/** Sums of one model in the names of the reports. A name that is absent is not told by the sample. */
export type SampleTotals = Readonly<Partial<Record<ReportField, number>>>;

export interface SampleCase {
  readonly provider: string;
  readonly name: string;
  /** Holds the case's files and nothing else. */
  readonly directory: string;
  /** Relative to `directory`, sorted. */
  readonly files: readonly string[];
  /** By the model's name in the log. Empty: nothing in it was measured. */
  readonly models: Readonly<Record<string, SampleTotals>>;
  /** What the log itself says a model cost, in USD. Null: it says nothing. */
  readonly costs: Readonly<Record<string, number | null>>;
  /** The case's entry of expected.json as it stands. */
  readonly raw: unknown;
}

/** Names in expected.json and what the reports call it. What is left out is a sum of others. */
const reportFields = {
  input: 'input_tokens',
  uncached_input: 'input_tokens',
  cache_read: 'cache_read_tokens',
  cached_input_tokens: 'cache_read_tokens',
  cache_write: 'cache_write_tokens',
  cache_write_input_tokens: 'cache_write_tokens',
  cache_write_5m: 'cache_write_5m_tokens',
  cache_write_1h: 'cache_write_1h_tokens',
  output: 'output_tokens',
  output_tokens: 'output_tokens',
  reasoning: 'reasoning_tokens',
  reasoning_output_tokens: 'reasoning_tokens',
  requests: 'turns',
  responses: 'turns',
} as const;

type ReportField = (typeof reportFields)[keyof typeof reportFields];
type RawTotals = Readonly<Record<string, number | null>>;

/** Every case of a provider with expected totals; none, and a line that says so, when the samples are not there. */
export function sampleCases(provider: string): readonly SampleCase[] {
  const place = placeOf(provider);
  const list = join(samples, place.folder, 'expected.json');
  if (samples === '' || !existsSync(list)) {
    console.log(
      `Real logs of ${provider} are not tested: set SCOPEON_SAMPLES to the directory with ${place.folder}/expected.json.`,
    );
    return [];
  }
  const expected: Record<string, { models: Record<string, RawTotals> }> = JSON.parse(readFileSync(list, 'utf8'));
  return Object.entries(expected).map(([name, raw]) => {
    const directory = join(samples, place.folder, name);
    const models = Object.entries(raw.models);
    return {
      provider,
      name,
      directory,
      files: filesBelow(directory),
      models: Object.fromEntries(models.map(([model, totals]) => [model, totalsOf(totals)])),
      costs: Object.fromEntries(models.map(([model, totals]) => [model, totals.cost ?? null])),
      raw,
    };
  });
}

function totalsOf(raw: RawTotals): SampleTotals {
  const known = Object.entries(reportFields).filter(([name]) => typeof raw[name] === 'number');
  const writes = [raw.cache_write_5m, raw.cache_write_1h].filter((tokens) => typeof tokens === 'number');
  return {
    ...(writes.length === 2 ? { cache_write_tokens: writes.reduce((sum, tokens) => sum + tokens) } : {}),
    ...Object.fromEntries(known.map(([name, field]) => [field, raw[name]])),
  };
}

/** Sums of two cases; a field is told only when both tell it. */
export function addTotals(a: SampleTotals | undefined, b: SampleTotals): SampleTotals {
  if (a === undefined) return b;
  const both = (Object.keys(b) as ReportField[]).filter((name) => a[name] !== undefined); // its own keys
  return Object.fromEntries(both.map((name) => [name, (a[name] ?? 0) + (b[name] ?? 0)]));
}

/** Later than every time in the samples: their own times are to count. */
const samplesRead = Date.parse('2027-01-01T00:00:00Z');

/** A house with these cases in its home, each where its agent would have written it. */
export async function createSampleHouse(cases: readonly SampleCase[]): Promise<House> {
  const house = await createHouse({
    now: () => samplesRead,
    generic: (home) => ({ paths: [join(home, genericFolder)], name: 'Samples' }),
  });
  for (const each of cases) for (const file of each.files) putSample(house, each, file);
  return house;
}

/** Copies a file of a case, or only its first bytes, to its place in the house. */
export function putSample(house: House, each: SampleCase, file: string, bytes?: Uint8Array): void {
  const target = sampleTarget(house, each, file);
  mkdirSync(dirname(target), { recursive: true });
  if (bytes === undefined) cpSync(join(each.directory, file), target);
  else writeFileSync(target, bytes);
}

/** Where in the house a file of a case belongs. */
export function sampleTarget(house: House, each: SampleCase, file: string): string {
  return join(house.home, placeOf(each.provider).below(each.name), file);
}

/**
 * The models of a house as the command line prints them, by name. Left out are those without a response: a prompt or a
 * tool call may stand under a model, or `unknown`, of which no usage is told.
 */
async function modelRows(
  house: House,
  args: readonly string[] = [],
): Promise<Readonly<Record<string, Readonly<Record<string, unknown>>>>> {
  const outcome = await run(['models', ...args, '--json', '--timezone', 'UTC'], {
    home: house.home,
    env: { SCOPEON_PROVIDERS_GENERIC_PATHS: join(house.home, genericFolder) },
  });
  expect(outcome.stderr === '' || outcome.code === 4, outcome.stderr).toBe(true);
  if (outcome.code === 4) return {}; // no data at all
  expect(outcome.code).toBe(0);
  const report: { rows: Record<string, unknown>[] } = JSON.parse(outcome.stdout);
  return Object.fromEntries(report.rows.filter((row) => row.turns !== 0).map((row) => [row.key, row]));
}

/** The house's models must be these and no others, with exactly the sums that are told of them. */
export async function expectModels(
  house: House,
  models: SampleCase['models'],
  filters: readonly string[] = [],
): Promise<void> {
  const rows = await modelRows(house, filters);
  const found = Object.entries(rows).map(([model, row]) => [
    model,
    Object.fromEntries(Object.keys(models[model] ?? row).map((name) => [name, row[name] ?? 0])),
  ]);
  expect(Object.fromEntries(found)).toEqual(models);
}

/** What models must show as the log's own cost (`--mode display`), in USD; null: none. */
async function expectCosts(house: House, costs: SampleCase['costs']): Promise<void> {
  const rows = await modelRows(house, ['--mode', 'display']);
  expect(Object.fromEntries(Object.entries(rows).map(([model, row]) => [model, row.cost_usd]))).toEqual(costs);
}

/**
 * The tests every provider's samples must pass: each case alone in a fresh store gives its totals, the same rows while
 * its files grow, and the same in any order of files.
 */
export function describeSamples(
  provider: string,
  options: {
    /** Is this file appended to, so that its beginning is a state it once had? Default: names ending in `.jsonl`. */
    readonly grows?: (file: string) => boolean;
    /** Does the agent write this file before its logs? Then it comes first in every order. Default: none does. */
    readonly comesFirst?: (file: string) => boolean;
    /** The totals a case must give where its manifest names an exception to expected.json. */
    readonly models?: (each: SampleCase) => SampleCase['models'];
    /** What a case must show as its logs' own costs; without it they are not looked at. */
    readonly costs?: (each: SampleCase) => SampleCase['costs'];
  } = {},
): readonly SampleCase[] {
  const cases = sampleCases(provider);
  it.skipIf(cases.length > 0)(`real logs of ${provider}: none without SCOPEON_SAMPLES`, (context) => context.skip());
  const grows = options.grows ?? ((file) => file.endsWith('.jsonl'));
  const modelsOf = options.models ?? ((each) => each.models);
  const inSomeOrder = ({ files }: SampleCase, random: () => number): readonly string[] => {
    const first = options.comesFirst ?? (() => false);
    return [...files.filter(first), ...shuffled(files, random).filter((file) => !first(file))];
  };

  describe.each(cases)(`real logs of ${provider}: $name`, (each) => {
    it('give exactly the expected totals by model', () =>
      withHouse([each], async (house) => {
        await expectModels(house, modelsOf(each));
        if (options.costs !== undefined) await expectCosts(house, options.costs(each));
      }));

    it(
      'give the same rows when they are read while they grow',
      () =>
        withHouse([], async (house) => {
          const random = randomFrom(each.name.length);
          for (const file of inSomeOrder(each, random)) {
            const bytes = readFileSync(join(each.directory, file));
            for (const cut of grows(file) ? cutsOf(bytes.length, random) : []) {
              putSample(house, each, file, bytes.subarray(0, cut));
              (await house.catchUp()).db?.close();
            }
            putSample(house, each, file);
            (await house.catchUp()).db?.close();
          }
          expect(await house.read()).toEqual(await wholeReading(each));
        }),
      growingMs,
    );

    it.runIf(each.files.length > 1)('give the same rows in any order of files', async () => {
      for (const seed of [1, 2]) {
        await withHouse([], async (house) => {
          for (const file of inSomeOrder(each, randomFrom(seed))) {
            putSample(house, each, file);
            (await house.catchUp()).db?.close();
          }
          expect(await house.read(), `seed ${seed}`).toEqual(await wholeReading(each));
        });
      }
    });
  });
  return cases;
}

function wholeReading(each: SampleCase) {
  return withHouse([each], (house) => house.read());
}

async function withHouse<T>(cases: readonly SampleCase[], use: (house: House) => Promise<T>): Promise<T> {
  const house = await createSampleHouse(cases);
  try {
    return await use(house);
  } finally {
    house.remove();
  }
}

function cutsOf(size: number, random: () => number): readonly number[] {
  const many = size < 20_000 ? 60 : 15;
  return Array.from({ length: many }, () => Math.floor(random() * size)).sort((a, b) => a - b);
}

function placeOf(provider: string) {
  const place = places[provider];
  if (place === undefined) throw new Error(`no folder of samples is known for ${provider}`);
  return place;
}

function filesBelow(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1))
    .sort();
}
