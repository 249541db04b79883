import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { memberIds } from '../../src/members.ts';
import { run } from '../helpers/bin.ts';
import { madeHome, startServer } from '../serve/server.ts';
import { connectClient } from './client.ts';

let home: string;
let client: Client;
beforeAll(async () => {
  home = madeHome();
  client = await connectClient({ home });
  const isRead = async () => (await client.callTool({ name: 'list_sessions', arguments: {} })).isError !== true;
  await vi.waitFor(async () => expect(await isRead()).toBe(true), { timeout: 30_000 });
});
afterAll(async () => {
  await client.close();
  rmSync(join(home, '..'), { recursive: true, force: true, maxRetries: 5 });
});

const original = [
  'get_token_usage',
  'get_session_summary',
  'get_cache_efficiency',
  'get_history',
  'compare_sessions',
  'get_context_pressure',
  'get_budget_status',
  'get_optimization_suggestions',
  'list_provider_optimizations',
  'preview_provider_preset',
  'get_interaction_history',
  'get_task_history',
  'get_provider_capabilities',
  'suggest_compact',
  'get_project_stats',
  'list_sessions',
  'get_agent_tree',
  'set_session_tags',
  'get_cost_by_tag',
];
const ours = [
  'get_health_score',
  'get_waste_signals',
  'get_session_detail',
  'get_cost_summary',
  'get_daily_breakdown',
  'get_prometheus_metrics',
  'get_alerts',
  'get_usage_limits',
  'get_report',
  'explain',
];

/** JSON that the assertions look into. */
type Answer = ReturnType<typeof JSON.parse>;

/** What a tool answers. */
async function ask(name: string, args: Record<string, unknown> = {}): Promise<Answer> {
  const result = await client.callTool({ name, arguments: args });
  expect(result.isError ?? false, JSON.stringify(result)).toBe(false);
  expect(JSON.parse((result.content as { text: string }[])[0]?.text ?? '')).toEqual(result.structuredContent);
  return result.structuredContent;
}

describe('the list', () => {
  it('has every tool, what changes something marked, in fewer than 4,000 tokens', async () => {
    const { tools } = await client.listTools();
    expect(tools.map((tool) => tool.name).sort()).toEqual([...original, ...ours].sort());
    expect(memberIds('mcp/tools')).toHaveLength(29);
    for (const tool of tools) {
      expect(tool.annotations?.readOnlyHint, tool.name).toBe(tool.name !== 'set_session_tags');
      expect(tool.outputSchema?.type, tool.name).toBe('object');
    }
    // About four characters of JSON are a token: the usual rule, and an upper bound for what a client shows a model.
    expect(JSON.stringify(tools).length / 4).toBeLessThan(4_000);
  });

  it('is short with --tools core', async () => {
    const core = await connectClient({ home, args: ['--tools', 'core'] });
    const { tools } = await core.listTools();
    await core.close();
    expect(tools.map((tool) => tool.name).sort()).toEqual([
      'get_alerts',
      'get_budget_status',
      'get_context_pressure',
      'get_cost_summary',
      'get_optimization_suggestions',
      'get_token_usage',
      'get_usage_limits',
      'suggest_compact',
    ]);
    expect(JSON.stringify(tools).length / 4).toBeLessThan(1_100);
  });
});

describe('on real logs', () => {
  const samples = process.env.SCOPEON_SAMPLES ?? '';

  it.skipIf(!existsSync(join(samples, 'claude/main')))(
    'every tool answers what its schema says, with the totals that are expected (SCOPEON_SAMPLES)',
    { timeout: 60_000 },
    async () => {
      const place = mkdtempSync(join(tmpdir(), 'scopeon-mcp-samples-'));
      const real = await connectClient({
        home: join(place, 'home'),
        env: { CLAUDE_CONFIG_DIR: join(samples, 'claude/main') },
      });
      const call = async (name: string, args: Record<string, unknown> = {}): Promise<Answer> => {
        const { isError, structuredContent, content } = await real.callTool({ name, arguments: args });
        expect(isError ?? false, `${name}: ${JSON.stringify(content)}`).toBe(false);
        return structuredContent;
      };
      try {
        const { main } = JSON.parse(readFileSync(join(samples, 'claude/expected.json'), 'utf8'));
        const models = Object.values(main.models as Record<string, { output: number }>);
        const output = models.reduce((sum, model) => sum + model.output, 0);
        await vi.waitFor(async () => expect((await call('get_cost_summary')).all.output_tokens).toBe(output), {
          timeout: 30_000,
        });
        const { sessions } = await call('list_sessions');
        const [one, other] = sessions.map((each: { session_id: string }) => each.session_id);
        const args: Record<string, Record<string, unknown>> = {
          compare_sessions: { session_id_a: one, session_id_b: other },
          preview_provider_preset: { provider: 'claude', preset: 'savings' },
          get_report: { by: 'session' },
          explain: { session: one },
          set_session_tags: { session_id: one, tags: ['real'] },
        };
        for (const name of [...original, ...ours]) {
          // Nothing is live in logs this old: what is of a session needs to be told which.
          const { tools } = await real.listTools();
          const takes = tools.find((tool) => tool.name === name)?.inputSchema.properties ?? {};
          await call(name, args[name] ?? ('session_id' in takes ? { session_id: one } : {}));
        }
      } finally {
        await real.close();
        rmSync(place, { recursive: true, force: true, maxRetries: 5 });
      }
    },
  );
});

describe('answers', () => {
  it('every tool answers what its schema says, with when and of what', async () => {
    const { sessions } = await ask('list_sessions');
    const args: Record<string, Record<string, unknown>> = {
      compare_sessions: { session_a: sessions[0].session_id, session_b: sessions[1].session_id },
      preview_provider_preset: { provider: 'claude', preset: 'savings' },
      get_report: { by: 'model' },
      explain: { session: sessions[0].session_id },
      set_session_tags: { session_id: sessions[0].session_id, tags: ['feature/x'] },
    };
    for (const name of [...original, ...ours]) {
      const answer = await ask(name, args[name]); // the client checks it against the tool's schema
      expect(answer.as_of, name).toMatch(/^\d{4}-/);
      expect(answer.stale, name).toBe(true);
    }
  });

  it('days with their models are short, and add up to the days; without the models they are shorter', async () => {
    const { rows } = await ask('get_daily_breakdown', { days: 366 });
    const report = await ask('get_report', { by: 'day', breakdown: true, limit: 366 });
    expect(rows.length).toBeGreaterThan(0);
    const sum = (parts: readonly Answer[], field: string): number =>
      parts.reduce((total: number, part) => total + part[field], 0);
    for (const row of rows) {
      for (const field of ['turns', 'input_tokens', 'cache_read_tokens', 'cache_write_tokens', 'output_tokens'])
        expect(sum(row.breakdown, field)).toBe(row[field]);
      expect(row.breakdown.every((part: Answer) => JSON.stringify(part).length < 260)).toBe(true);
    }
    const plain = (days: readonly Answer[]) => days.map(({ breakdown, ...day }) => day);
    expect(plain(rows)).toEqual(plain(report.rows));
    expect((await ask('get_daily_breakdown', { days: 366, breakdown: false })).rows).toEqual(plain(rows));
  });

  it('agree with the command line and the HTTP API, figure by figure', async () => {
    const status = JSON.parse((await run(['status', '--json'], { home })).stdout);
    const models = JSON.parse((await run(['models', '--json'], { home })).stdout);
    const server = await startServer(['--tier', '3'], { home });
    const get = async (path: string): Promise<Answer> => (await fetch(server.url(path))).json();
    const stats = await get('/api/v1/stats');
    const context = await get('/api/v1/context');
    const sessions = await get('/api/v1/sessions');
    server.child.kill('SIGTERM');
    const summary = await ask('get_cost_summary');
    expect(summary.all).toMatchObject({
      turns: stats.total_turns,
      sessions: stats.total_sessions,
      cost_usd: stats.estimated_cost_usd,
      input_tokens: stats.total_input_tokens,
      output_tokens: stats.total_output_tokens,
    });
    expect(summary.all.cost_usd).toBe(models.totals.cost_usd);
    expect(summary.today.cost_usd ?? 0).toBe(status.today.cost_usd ?? 0);
    expect((await ask('get_report', { by: 'model' })).totals).toEqual(models.totals);
    const pressure = await ask('get_context_pressure');
    for (const field of ['session_id', 'model', 'fill_pct', 'tokens_remaining', 'pressure_level'])
      expect(pressure[field], field).toEqual(context[field]);
    const usage = await ask('get_token_usage');
    const same = sessions.sessions.find((each: { id: string }) => each.id === usage.session_id);
    expect(usage.total_turns).toBe(same.total_turns);
  });

  it('what is not there is an error with a code, not zeros (W-48)', async () => {
    for (const [name, args] of [
      ['get_session_summary', { session_id: 'no-such' }],
      ['compare_sessions', { session_id_a: 'no-such', session_id_b: 'other' }],
      ['set_session_tags', { session_id: 'no-such', tags: ['a'] }],
    ] as const) {
      const result = await client.callTool({ name, arguments: args });
      expect(result.isError, name).toBe(true);
      expect(JSON.parse((result.content as { text: string }[])[0]?.text ?? ''), name).toEqual({
        error: 'No such session',
        code: 'no_such_session',
      });
    }
  });

  it('tags stay, and cost by tag knows them', async () => {
    const { session_id } = await ask('get_token_usage');
    const unnamed = await client.callTool({ name: 'set_session_tags', arguments: { tags: ['one'] } });
    expect(JSON.stringify(unnamed)).toContain('no_session'); // it works in no project, so none is its own
    for (const { session_id: each } of (await ask('list_sessions')).sessions)
      await ask('set_session_tags', { session_id: each, tags: [] });
    await ask('set_session_tags', { session_id, tags: ['one', 'two', 'one'] });
    expect((await ask('get_cost_by_tag')).tags.map((row: { tag: string }) => row.tag).sort()).toEqual(['one', 'two']);
    await ask('set_session_tags', { session_id, tags: [] });
    expect((await ask('get_cost_by_tag')).tags).toEqual([]);
  });

  it('a preset is shown whole', async () => {
    const preview = await ask('preview_provider_preset', { provider: 'Gemini', preset: 'power' });
    expect(preview.preset_id).toBe('most-power');
    const config = preview.artifacts.find((each: { kind: string }) => each.kind === 'config');
    expect(JSON.parse(config.content).model.maxSessionTurns).toBe(-1);
    const refused = await client.callTool({
      name: 'preview_provider_preset',
      arguments: { provider: 'x', preset: 'y' },
    });
    expect(refused.isError).toBe(true);
  });

  it('limits above 500 count as 500, and lists say when something is missing', async () => {
    expect((await ask('list_sessions', { limit: 100_000 })).count).toBe(3);
  });
});

describe('resources and prompts', () => {
  it('each can be read', async () => {
    const { resources } = await client.listResources();
    const { sessions } = await ask('list_sessions');
    for (const uri of [
      ...resources.map((resource) => resource.uri),
      `scopeon://sessions/${sessions[0].session_id}`,
      'scopeon://history/7',
    ]) {
      const { contents } = await client.readResource({ uri });
      expect(JSON.parse((contents[0] as { text: string }).text), uri).not.toHaveProperty('code');
    }
    const { prompts } = await client.listPrompts();
    for (const { name } of prompts) expect((await client.getPrompt({ name })).messages, name).toHaveLength(1);
    expect(prompts.map((prompt) => prompt.name)).toEqual(['usage_report', 'compact_advice', 'cost_review']);
  });
});
