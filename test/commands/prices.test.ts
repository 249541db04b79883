import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildProgram, createSandbox, runScopeon } from '../helpers/run-scopeon.ts';

const sandbox = createSandbox();

beforeAll(() => {
  buildProgram();
  const directory = join(sandbox.home, '.claude', 'projects', '-srv-app');
  mkdirSync(directory, { recursive: true });
  const turn = (id: string, model: string) =>
    JSON.stringify({
      type: 'assistant',
      uuid: `row-${id}`,
      timestamp: '2026-10-01T10:00:00.000Z',
      cwd: '/srv/app',
      message: {
        id: `msg_${id}`,
        model,
        role: 'assistant',
        content: [{ type: 'text', text: 'CANARY' }],
        usage: { input_tokens: 1_000_000, output_tokens: 100_000 },
      },
    });
  writeFileSync(
    join(directory, 'a.jsonl'),
    `${turn('1', 'claude-opus-4-5-20251101')}\n${turn('2', 'nobody-knows-1')}\n`,
  );
});

afterAll(() => rmSync(sandbox.home, { recursive: true, force: true }));

const costs = (env = {}) => {
  const { rows } = JSON.parse(runScopeon(sandbox, ['models', '--json'], env).stdout);
  return Object.fromEntries(rows.map((row: { key: string; cost_usd: number | null }) => [row.key, row.cost_usd]));
};

describe('prices', () => {
  test('are listed with the models that have none', () => {
    expect(costs()).toEqual({ 'claude-opus-4-5-20251101': 7.5, 'nobody-knows-1': null });
    const { stdout, status } = runScopeon(sandbox, ['prices', 'list', '--json']);
    const list = JSON.parse(stdout);
    expect(status).toBe(0);
    expect(list.unpriced_models).toEqual(['nobody-knows-1']);
    const opus = list.prices.find((row: { model_id: string }) => row.model_id === 'claude-opus-4-5');
    expect(opus.usd_per_million_tokens).toEqual({
      input: 5,
      output: 25,
      cache_read: 0.5,
      cache_write_5m: 6.25,
      cache_write_1h: 10,
    });
    expect(runScopeon(sandbox, ['prices', 'list']).stdout).toContain('nobody-knows-1');
  });

  test('of one model are shown by the name a log gives it', () => {
    const { stdout } = runScopeon(sandbox, ['prices', 'show', 'us.anthropic.claude-opus-4-5-20251101-v1:0']);
    expect(stdout).toContain('25.00');
    expect(stdout).toContain('Source:');
  });

  test('of an unknown model end with a way out', () => {
    const { stderr, status, stdout } = runScopeon(sandbox, ['prices', 'show', 'nobody-knows-1']);
    expect(status).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toContain('[pricing.overrides."nobody-knows-1"]');
  });

  test('need a known action and vendor', () => {
    expect(runScopeon(sandbox, ['prices', 'burn'])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('"burn"'),
    });
    expect(runScopeon(sandbox, ['prices', 'list', '--vendor', 'acme'])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('acme'),
    });
  });
});

describe('reprice', () => {
  const override = {
    SCOPEON_PRICING_OVERRIDES: '{"claude-opus-4-5":{"input":10},"nobody-knows":{"input":1,"output":10}}',
  };

  test('shows what would change and writes nothing', () => {
    const before = costs();
    const { stdout, status } = runScopeon(sandbox, ['reprice', '--json'], override);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      applied: false,
      turns: 2,
      models: [
        { model: 'claude-opus-4-5-20251101', turns: 1, cost_usd_before: 7.5, cost_usd_after: 12.5 },
        { model: 'nobody-knows-1', turns: 1, cost_usd_before: 0, cost_usd_after: 2 },
      ],
    });
    expect(costs()).toEqual(before);
  });

  test('writes the new costs when told to, and takes them back', () => {
    expect(runScopeon(sandbox, ['reprice', '--apply'], override).status).toBe(0);
    expect(costs()).toEqual({ 'claude-opus-4-5-20251101': 12.5, 'nobody-knows-1': 2 });
    const daily = JSON.parse(runScopeon(sandbox, ['daily', '--json']).stdout);
    expect(daily.totals.cost_usd).toBe(14.5);
    expect(runScopeon(sandbox, ['reprice', '--undo']).stdout).toContain('2 turns');
    expect(costs()).toEqual({ 'claude-opus-4-5-20251101': 7.5, 'nobody-knows-1': null });
  });

  test('refuses to do both', () => {
    expect(runScopeon(sandbox, ['reprice', '--apply', '--undo']).status).toBe(2);
  });
});
