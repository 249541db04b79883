import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import generic from '../../src/providers/generic-openai.ts';
import { openFile } from '../../src/store/driver.ts';
import { run } from '../helpers/bin.ts';
import { createHouse, type House } from '../helpers/house.ts';

describe('where the logs are', () => {
  const host = {
    home: '/home/dev',
    env: {},
    platform: 'linux' as const,
    list: () => [],
    read: () => undefined,
    generic: { paths: ['~/logs', '/var/log/llm.jsonl', 'proxy/out', ' ', '~', '~/logs/'], name: 'Our gateway' },
  };

  it('is what the user says, from the home directory when it is relative', () => {
    expect(generic.roots(host)).toEqual(['/home/dev/logs', '/var/log/llm.jsonl', '/home/dev/proxy/out', '/home/dev']);
  });

  it('has the name the user gave', () => {
    expect(generic.title).toBeTypeOf('function');
    expect(typeof generic.title === 'function' && generic.title(host)).toBe('Our gateway');
  });

  it.each([
    ['a.jsonl', true],
    ['deep/A.NDJSON', true],
    ['a.jsonl.1', true],
    ['a.jsonl-20260401', true],
    ['a.json', false],
    ['a.jsonl.gz', false],
    ['a.log', false],
  ])('in a directory takes %s: %s', (name, taken) => {
    expect(generic.accepts(name)).toBe(taken);
  });
});

it('answers without an id count once each, also when their log is read from the start again', async () => {
  const house = await createHouse({ generic: (home) => ({ paths: [join(home, 'llm.log')], name: 'Ours' }) });
  try {
    const usage = { prompt_tokens: 10, completion_tokens: 1 };
    const answers = [{ created: 1_775_037_600, usage }, { created: 1_775_037_600, usage }, { usage }, { usage }];
    writeFileSync(join(house.home, 'llm.log'), answers.map((answer) => `${JSON.stringify(answer)}\n`).join(''));
    const first = await house.read();
    expect(first.turns).toHaveLength(4);
    const db = openFile(house.store.db);
    db.exec('UPDATE source_file SET generation = generation + 1, offset = 0, state = NULL, size = -1');
    db.close();
    expect(await house.read()).toEqual(first);
  } finally {
    house.remove();
  }
});

describe('costs', () => {
  let house: House;
  let paths: string;
  beforeEach(async () => {
    house = await createHouse();
    paths = join(house.home, 'llm.log');
    const usage = { prompt_tokens: 1_000_000, completion_tokens: 0, total_tokens: 1_000_000 };
    writeFileSync(
      paths,
      [
        { id: 'gen-aaaaaaaaaaaaaaaaaaaaaaa', model: 'openai/gpt-4o', usage: { ...usage, cost: 2 } },
        { id: 'gen-bbbbbbbbbbbbbbbbbbbbbbb', model: 'openai/gpt-4o', usage },
        { id: 'gen-ccccccccccccccccccccccc', model: 'llama3.2', usage },
      ]
        .map((answer) => `${JSON.stringify({ ...answer, object: 'chat.completion', created: 1_775_037_600 })}\n`)
        .join(''),
    );
  });
  afterEach(() => house.remove());

  it.each([
    ['auto', 4.5, 'mixed', 0],
    ['calculate', 5, 'calculated', 0],
    ['display', 2, 'logged', 1],
  ])('in the mode %s', async (mode, usd, source, unpriced) => {
    expect(await models('--mode', mode)).toEqual({
      'openai/gpt-4o': { usd, source, unpriced },
      'llama3.2': { usd: null, source: 'none', unpriced: 1 },
    });
  });

  it('are 0 for a local model when the user says so, and unknown before', async () => {
    mkdirSync(join(house.path, 'scopeon'));
    writeFileSync(
      join(house.path, 'scopeon', 'config.toml'),
      '[pricing.overrides."llama3.2"]\ninput = 0\noutput = 0\n',
    );
    expect(await models()).toMatchObject({ 'llama3.2': { usd: 0, source: 'calculated', unpriced: 0 } });
  });

  async function models(...options: readonly string[]) {
    const outcome = await run(['models', '--json', ...options], {
      home: house.home,
      env: { SCOPEON_PROVIDERS_GENERIC_PATHS: paths },
    });
    expect(outcome).toMatchObject({ code: 0, stderr: '' });
    const report: { rows: { key: string; cost_usd: number; cost_source: string; unpriced_turns: number }[] } =
      JSON.parse(outcome.stdout);
    return Object.fromEntries(
      report.rows.map((row) => [row.key, { usd: row.cost_usd, source: row.cost_source, unpriced: row.unpriced_turns }]),
    );
  }
});
