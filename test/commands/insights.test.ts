import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { budgetStatusSchema, insightsSchema, statusSchema } from '../../src/report/schema.ts';
import { run } from '../helpers/bin.ts';

const minute = 60_000;
let home: string;

/** A session that is live now: its context grows by 10 000 tokens a turn, and the fourth turn lost the cache. */
beforeAll(() => {
  home = join(mkdtempSync(join(tmpdir(), 'scopeon-insights-')), 'home');
  const project = join(home, '.claude', 'projects', '-home-dev-shop');
  mkdirSync(project, { recursive: true });
  const start = Date.now() - 6 * minute;
  const lines = [0, 1, 2, 3, 4].flatMap((i) => {
    const lost = i === 3;
    const read = lost ? 0 : 40_000 + i * 10_000;
    const write = lost ? 70_000 : 9_000;
    const common = {
      sessionId: 'aaaa1111-0000-4000-8000-000000000001',
      cwd: '/home/dev/shop',
      gitBranch: 'main',
      version: '2.1.200',
      isSidechain: false,
    };
    const at = new Date(start + i * minute).toISOString();
    return [
      {
        ...common,
        type: 'assistant',
        uuid: `a${i}`,
        timestamp: at,
        message: {
          id: `msg_0${i}`,
          role: 'assistant',
          model: 'claude-haiku-4-5-20251001',
          content: [
            { type: 'text', text: 'CANARY' },
            { type: 'tool_use', id: `toolu_${i}`, name: 'Read', input: { file: 'CANARY.ts' } },
          ],
          usage: {
            input_tokens: 500,
            cache_read_input_tokens: read,
            cache_creation_input_tokens: write,
            output_tokens: 500,
          },
        },
      },
      {
        ...common,
        type: 'user',
        uuid: `u${i}`,
        timestamp: at,
        message: { role: 'user', content: [{ type: 'tool_result', tool_use_id: `toolu_${i}`, content: 'CANARY' }] },
      },
    ];
  });
  writeFileSync(
    join(project, 'aaaa1111-0000-4000-8000-000000000001.jsonl'),
    lines.map((line) => `${JSON.stringify(line)}\n`).join(''),
  );
});

afterAll(() => rmSync(join(home, '..'), { recursive: true, force: true }));

async function json(args: readonly string[], env: Record<string, string> = {}): Promise<unknown> {
  const { code, stdout, stderr } = await run([...args, '--json'], { home, env });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout);
}

describe('insights', () => {
  it('say what the live session’s numbers mean', async () => {
    const insights = insightsSchema.parse(await json(['insights']));
    // used after the turns: 50 000, 60 000, 70 000, 71 000, 90 000; haiku's window is 200 000
    expect(insights.context).toMatchObject({
      context_window: 200_000,
      used_tokens: 90_000,
      fill_pct: 45,
      tokens_remaining: 110_000,
      // slopes 10 000 ×3, 7 000, 7 000, 5 500, 10 000, 10 000, 1 000, 19 000, 10 000 … their median is 10 000
      predicted_turns_remaining: 11,
    });
    expect(insights).toMatchObject({ subject: 'session', session: { project: 'shop', stale: false } });
    // lost 60 000 + 9 000 before, written again: 69 000 × (1.25 − 0.10) USD per million
    expect(insights.cache_regressions).toEqual([
      { turn: expect.any(String), at: expect.any(String), cause: 'bust', lost_tokens: 69_000, cost_usd: 0.07935 },
    ]);
    expect(insights.waste_signals).toMatchObject([
      { kind: 'redundant_tool_calls', severity: 'warning', tool_name: 'Read', count: 5 },
    ]);
    expect(insights.waste_score).toBe(20);
    expect(insights.suggestions.map((each) => each.id)).toContain('redundant-tools');
    expect(insights.figures).toMatchObject({ session_depth: 5, context_pressure_pct: 45, thinking_ratio: null });
  });

  it('and status agree', async () => {
    const insights = insightsSchema.parse(await json(['insights']));
    const status = statusSchema.parse(await json(['status']));
    expect(status.health_score).toBe(insights.health?.score);
    expect(status.context?.predicted_turns_remaining).toBe(insights.context?.predicted_turns_remaining);
    expect(status.context?.fill_pct).toBe(insights.context?.fill_pct);
  });

  it('are found by the beginning of a session’s id; an unknown one is a usage error that names it', async () => {
    const insights = insightsSchema.parse(await json(['insights', '--session', 'aaaa']));
    expect(insights.session?.id).toBe('aaaa1111-0000-4000-8000-000000000001');
    const wrong = await run(['insights', '--session', 'zzzz'], { home });
    expect(wrong).toMatchObject({ code: 2, stdout: '' });
    expect(wrong.stderr).toContain('"zzzz"');
  });

  it.each([['24'], ['60'], ['120']])('fit into %s columns', async (columns) => {
    const { code, stdout } = await run(['insights'], { home, env: { COLUMNS: columns, NO_COLOR: '1' } });
    expect(code).toBe(0);
    expect(stdout).toContain('Health');
    expect(stdout).not.toContain('CANARY');
    for (const line of stdout.split('\n')) expect([...line].length).toBeLessThanOrEqual(Number(columns));
  });
});

describe('budget', () => {
  it('shows what is spent, without a limit as with one', async () => {
    const budget = budgetStatusSchema.parse(await json(['budget', '--timezone', 'UTC']));
    expect(budget).toMatchObject({ over_budget: false });
    expect(budget.budgets).toMatchObject([{ scope: 'all', name: null, daily: { limit_usd: null, state: 'none' } }]);
  });

  it('keeps budgets of providers and projects apart', async () => {
    const env = {
      SCOPEON_BUDGET_MONTHLY_USD: '1000',
      SCOPEON_BUDGET_PROVIDERS: '{"codex":{"monthly_usd":1}}',
      SCOPEON_BUDGET_PROJECTS: '{"shop":{"monthly_usd":0.01}}',
    };
    const { budgets, over_budget } = budgetStatusSchema.parse(await json(['budget'], env));
    expect(budgets.map((each) => [each.scope, each.name, each.monthly.state])).toEqual([
      ['all', null, 'ok'],
      ['provider', 'codex', 'ok'],
      ['project', 'shop', 'over'],
    ]);
    const [all, codex, shop] = budgets;
    expect(shop?.monthly.spent_usd).toBe(all?.monthly.spent_usd);
    expect(codex?.monthly.spent_usd).toBe(0);
    expect(shop?.projection.days_to_monthly_limit).toBe(0);
    expect(over_budget).toBe(true);
  });

  it('ends with 3 on --check when a limit is exceeded, else with 0', async () => {
    const over = { SCOPEON_BUDGET_MONTHLY_USD: '0.001' };
    expect(await run(['budget', '--check'], { home, env: over })).toMatchObject({ code: 3 });
    expect(await run(['budget'], { home, env: over })).toMatchObject({ code: 0 });
    const within = { SCOPEON_BUDGET_MONTHLY_USD: '1000' };
    expect(await run(['budget', '--check'], { home, env: within })).toMatchObject({ code: 0 });
  });

  it('says where a limit is set when there is none', async () => {
    const { stdout } = await run(['budget'], { home });
    expect(stdout).toContain('No limit is set.');
  });
});

it('without any data both end with 4', async () => {
  const empty = join(home, '..', 'other', 'home');
  for (const command of ['insights', 'budget'])
    expect(await run([command], { home: empty }), command).toMatchObject({ code: 4, stdout: '' });
});
