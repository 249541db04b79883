import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { readPriceBook } from '../../src/ingest/pricing.ts';
import { loadInsightMembers } from '../../src/insight-members.ts';
import { ambientStatus } from '../../src/mcp/ambient.ts';
import { createBackend } from '../../src/mcp/backend.ts';
import { systemZone } from '../../src/metrics/calendar.ts';
import { openReader } from '../../src/store/open.ts';
import { run } from '../helpers/bin.ts';
import { connectClient } from '../mcp/client.ts';

// Many processes: on a machine that has much else to do they take their time.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

// Figures the original got wrong. Each is worked out by hand both ways: what it should be, and what its formula gave.

const dayMs = 24 * 60 * 60 * 1000;
const today = Math.floor(Date.now() / dayMs) * dayMs;
const model = 'claude-opus-4-5-20251101'; // 5 USD a million in, 25 out, 0.50 read, 6.25 written
const window = 200_000;
const hour = 60 * 60 * 1000;
const minute = 60 * 1000;

interface MadeTurn {
  readonly at: number;
  readonly cwd: string;
  readonly session: string;
  readonly branch: string;
  /** Uncached, read, written, output. */
  readonly tokens: readonly [number, number, number, number];
  readonly sidechain?: boolean;
}

let number = 0;
function line({ at, cwd, session, branch, tokens, sidechain = false }: MadeTurn): string {
  const [input, read, write, output] = tokens;
  const id = ++number;
  const usage = {
    input_tokens: input,
    cache_read_input_tokens: read,
    cache_creation_input_tokens: write,
    output_tokens: output,
  };
  const message = { id: `msg_${id}`, role: 'assistant', model, content: [{ type: 'text', text: 'CANARY' }], usage };
  return JSON.stringify({
    type: 'assistant',
    uuid: `u${id}`,
    sessionId: session,
    cwd,
    gitBranch: branch,
    version: '2.1.200',
    isSidechain: sidechain,
    timestamp: new Date(at).toISOString(),
    message,
  });
}

const first = 'aaaa0000-0000-4000-8000-000000000001';
const second = 'aaaa0000-0000-4000-8000-000000000002';

function put(home: string, path: string, lines: readonly string[]): void {
  const file = join(home, '.claude', 'projects', path);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, `${lines.join('\n')}\n`);
}

/** JSON that the assertions look into. */
type Answer = ReturnType<typeof JSON.parse>;

describe('of a history that ended three days ago', () => {
  let home: string;
  let client: Client;
  const ask = async (name: string, args: Record<string, unknown> = {}): Promise<Answer> =>
    (await client.callTool({ name, arguments: args })).structuredContent;
  const report = async (...args: readonly string[]): Promise<Answer> =>
    JSON.parse((await run([...args, '--json', '--timezone', 'UTC'], { home })).stdout);

  beforeAll(async () => {
    home = join(mkdtempSync(join(tmpdir(), 'scopeon-defects-')), 'home');
    const start = today - 4 * dayMs + 12 * hour;
    const a = { cwd: '/home/dev/a/api', session: first, branch: 'main' };
    put(home, `-home-dev-a-api/${first}.jsonl`, [
      line({ ...a, at: start, tokens: [10, 0, 60_000, 100] }),
      line({ ...a, at: start + minute, tokens: [10, 60_000, 1_000, 100] }),
      line({ ...a, at: start + dayMs, tokens: [10, 61_000, 0, 100], branch: 'dev' }),
      JSON.stringify({
        type: 'system',
        subtype: 'compact_boundary',
        uuid: 'c1',
        sessionId: first,
        cwd: a.cwd,
        timestamp: new Date(start + dayMs + minute).toISOString(),
        compactMetadata: { trigger: 'auto', preTokens: 61_110 },
      }),
      line({ ...a, at: start + dayMs + 2 * minute, tokens: [10, 0, 20_000, 100], branch: 'dev' }),
    ]);
    put(home, `-home-dev-a-api/${first}/subagents/agent-x1.jsonl`, [
      line({ ...a, at: start + 30_000, tokens: [5, 0, 300, 10], sidechain: true }).replace(
        '"type":"assistant",',
        '"type":"assistant","agentId":"x1",',
      ),
    ]);
    put(home, `-home-dev-b-api/${second}.jsonl`, [
      line({
        cwd: '/home/dev/b/api',
        session: second,
        branch: 'main',
        at: start + dayMs + hour,
        tokens: [100, 0, 0, 10],
      }),
    ]);
    expect(await run(['status'], { home })).toMatchObject({ code: 0 });
    client = await connectClient({ home });
  });
  afterAll(async () => {
    await client.close();
    rmSync(join(home, '..'), { recursive: true, force: true, maxRetries: 5 });
  });

  it('what the cache saved is at the price of the model that answered (W-24)', async () => {
    const [read, written] = [121_000, 81_300];
    const ours = (read * 4.5 - written * 1.25) / 1e6;
    const bySonnet = (read * 2.7 - written * 0.75) / 1e6;
    expect(ours).toBeCloseTo(0.442875, 9);
    const usage = await ask('get_token_usage', { session_id: first });
    expect(usage).toBeDefined();
    const efficiency = await ask('get_cache_efficiency', { session_id: first });
    expect(efficiency.cost_savings_usd).toBeCloseTo(ours, 9);
    expect(efficiency.cost_savings_usd).not.toBeCloseTo(bySonnet, 3);
  });

  it('the hit rate is R/(I+R) everywhere, and not sometimes R/(I+R+W) (W-25)', async () => {
    const ours = (121_000 / 121_045) * 100;
    const other = (121_000 / (121_045 + 81_300)) * 100;
    const efficiency = await ask('get_cache_efficiency', { session_id: first });
    const sessions = (await report('sessions')).rows as Answer[];
    const row = sessions.find((each) => each.id === first);
    expect(efficiency.cache_hit_rate_pct).toBeCloseTo(ours, 9);
    expect(row.cache_hit_rate * 100).toBeCloseTo(ours, 9);
    expect(Math.abs(ours - other)).toBeGreaterThan(30);
  });

  it('what was written to the cache fills the context, like the answer (W-26)', async () => {
    const { context } = await ask('get_session_detail', { session_id: first });
    expect(context.used_tokens).toBe(10 + 0 + 20_000 + 100);
    expect(context.fill_pct).toBeCloseTo((20_110 / window) * 100, 9);
    expect(context.fill_pct).not.toBeCloseTo((10 / window) * 100, 1); // I + R
  });

  it('a compaction is counted by its mark, though the uncached input hardly fell (W-27)', async () => {
    const { compactions } = await ask('get_session_detail', { session_id: first });
    expect(compactions).toBe(1); // by "I before > 50,000 and I now < half of it": 10 and 10, none
    const row = ((await report('sessions')).rows as Answer[]).find((each) => each.id === first);
    expect(row.compactions).toBe(1);
  });

  it('today is today: days without use are zero, and not the last day there was (W-29)', async () => {
    const { today: figures, all } = await ask('get_cost_summary');
    expect(figures).toMatchObject({ turns: 0, cost_usd: 0 });
    expect(all.turns).toBe(6);
    const { history } = await ask('get_history', { days: 4 });
    expect(history.map((day: Answer) => day.turns)).toEqual([3, 0, 0, 0]); // the last four rows would be 3 and 3
    expect(history.at(-1).date).toBe(new Date(today).toISOString().slice(0, 10));
    expect((await report('status')).today.turns).toBe(0);
  });

  it('a session of two days is one session, and one with two tags costs once in all (W-35)', async () => {
    const days = await report('daily');
    expect(days.rows.map((row: Answer) => row.sessions)).toEqual([1, 2]);
    expect(days.totals.sessions).toBe(2); // not 3
    await ask('set_session_tags', { session_id: second, tags: ['one', 'two'] });
    const tags = await report('report', 'tag', '--tag', 'one');
    expect(tags.rows).toHaveLength(2);
    expect(tags.totals.cost_usd).toBeCloseTo((100 * 5 + 10 * 25) / 1e6, 12); // not twice that
  });

  it('two folders of one name are two projects, and two branches of one are one (W-36)', async () => {
    const { rows } = await report('projects');
    expect(rows.map((row: Answer) => row.key).sort()).toEqual(['a/api', 'b/api']);
    expect(rows.map((row: Answer) => row.turns).sort()).toEqual([1, 5]);
  });

  it('the tree counts what was written to the cache, and tools are given no invented price (W-37)', async () => {
    const tree = await ask('get_agent_tree', { session_id: first });
    const own = 3 * 10 + 10 + 121_000 + 81_000 + 4 * 100;
    expect(tree.total_tokens).toBe(own);
    expect(tree.total_tokens).not.toBe(own - 81_000);
    expect(tree.children).toMatchObject([{ total_tokens: 5 + 300 + 10 }]);
    const { rows } = await report('report', 'tool');
    for (const row of rows as Answer[]) expect(Object.keys(row).filter((key) => key.includes('cost'))).toEqual([]);
  });
});

describe('of a session at work', () => {
  it('the heartbeat tells what the day cost and the cache took, and the one health score (W-32, W-44)', async () => {
    const home = join(mkdtempSync(join(tmpdir(), 'scopeon-heartbeat-')), 'home');
    const now = Date.now();
    const a = { cwd: '/home/dev/a/api', session: first, branch: 'main' };
    put(home, `-home-dev-a-api/${first}.jsonl`, [
      line({ ...a, at: now - 2_000, tokens: [1_000, 0, 60_000, 100] }),
      line({ ...a, at: now - 1_000, tokens: [1_000, 60_000, 1_000, 100] }),
    ]);
    const status: Answer = JSON.parse((await run(['status', '--json'], { home })).stdout);
    const db = openReader({ db: join(home, '..', 'scopeon', 'scopeon.db'), backups: '' });
    if (db === undefined) throw new Error('there is no store');
    const deps = createBackend({
      db: () => db,
      tools: new Map(),
      coreOnly: false,
      members: await loadInsightMembers(),
      bookOf: (store) => readPriceBook(store, {}),
      isPublicModel: () => true,
      growth: () => undefined,
      budget: { daily_usd: 0, weekly_usd: 0, monthly_usd: 0, providers: {}, projects: {} },
      zone: systemZone('UTC'),
      startOfWeek: 'monday',
      version: '0',
      optimizers: new Map(),
      home,
      client: () => ({ sessionId: undefined, folders: [], name: undefined }),
      now: () => now,
      setTags: async () => undefined,
      onFault: (error) => {
        throw error;
      },
      ready: async () => undefined,
    }).deps();
    const beat = deps === undefined ? undefined : ambientStatus(deps);
    db.close();
    rmSync(join(home, '..'), { recursive: true, force: true, maxRetries: 5 });
    expect(beat?.cache_hit_rate_pct).toBeCloseTo((60_000 / 62_000) * 100, 9);
    const cost = (2_000 * 5 + 60_000 * 0.5 + 61_000 * 6.25 + 200 * 25) / 1e6;
    const isOneDay = Math.floor((now - 2_000) / dayMs) === Math.floor(now / dayMs);
    if (isOneDay) expect(beat?.daily_cost_usd).toBeCloseTo(cost, 9);
    expect(beat?.health_score_proxy).toBeGreaterThan(0);
    expect(beat?.health_score_proxy).toBe(status.health_score);
    expect(beat?.fill_pct).toBeCloseTo(((1_000 + 60_000 + 1_000 + 100) / window) * 100, 9);
  });
});
