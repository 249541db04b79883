import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LogEvent, ToolCall, ToolEvent } from '../../src/events.ts';
import { totalSums } from '../../src/store/queries/report.ts';
import { everything } from '../../src/store/queries/scope.ts';
import { sessionDetail } from '../../src/store/queries/session-detail.ts';
import { toolUse } from '../../src/store/queries/tools.ts';
import { randomFrom, shuffled } from '../helpers/random.ts';
import { createWrittenStore, fallbackTime, type WrittenStore } from '../helpers/written-store.ts';

let store: WrittenStore;
beforeEach(async () => {
  store = await createWrittenStore();
});
afterEach(() => store.remove());

const minute = 60_000;
const start = Date.parse('2026-05-04T10:00:00Z');
const digest = String.fromCharCode(...Array.from({ length: 16 }, (_, i) => 200 + i));

function tool(call: Partial<ToolCall> & { readonly key: string }, event: Partial<ToolEvent> = {}): ToolEvent {
  return {
    kind: 'tool',
    session: 's1',
    sidechain: false,
    call: { at: undefined, name: '', type: 'tool', inputSizeBytes: 0, ...call },
    ...event,
  };
}

const session: LogEvent = { kind: 'session', session: 's1', cwd: '/srv/shop', rank: 'own', at: start };
const started = tool(
  {
    key: 'c1',
    at: start,
    name: 'github-search',
    mcpServer: 'github',
    mcpTool: 'search',
    type: 'mcp',
    inputSizeBytes: 20,
  },
  { model: 'gpt-5.4', branch: 'main' },
);
const ended = tool({
  key: 'c1',
  name: '',
  inputDigest: digest,
  result: { at: start + 1_500, isError: true, outputSizeBytes: 300 },
});
const task = tool({
  key: 'c2',
  at: start + minute,
  name: 'task',
  target: 'explore',
  type: 'subagent',
  executionMode: 'background',
  requestedModel: 'haiku',
});
const taskEnd = tool({
  key: 'c2',
  result: {
    at: start + 3 * minute,
    isError: false,
    outputSizeBytes: 10,
    childSession: 's1-agent-1',
    childAgentType: 'Explore',
    resolvedModel: 'claude-haiku-4-5',
    status: 'completed',
    toolCalls: 4,
    totalTokens: 900,
  },
});
const undated = tool({ key: 'c3', name: 'bash' }, { sidechain: true });

it('counts a call of no turn in the sums of its time, model, branch and chain', () => {
  store.write('/a', [session, started, task, undated]);
  const rows = store.db
    .prepare<[], Record<string, unknown>>(
      `SELECT r.bucket, m.text AS model, b.text AS branch, r.sidechain, r.tool_calls, r.mcp_calls, r.turns FROM session_rollup r
       LEFT JOIN word m ON m.id = r.model_id LEFT JOIN word b ON b.id = r.branch_id ORDER BY r.bucket, model`,
    )
    .all();
  expect(rows).toEqual([
    { bucket: fallbackTime, model: null, branch: null, sidechain: 1, tool_calls: 1, mcp_calls: 0, turns: 0 },
    { bucket: start, model: null, branch: null, sidechain: 0, tool_calls: 1, mcp_calls: 0, turns: 0 },
    { bucket: start, model: 'gpt-5.4', branch: 'main', sidechain: 0, tool_calls: 1, mcp_calls: 1, turns: 0 },
  ]);
  store.dump();
});

it('takes a call told again for the same, and fills what was left out', () => {
  store.write('/a', [session, started, started]);
  store.write('/a', [ended, started, ended]);
  expect(store.dump().tools).toEqual([
    {
      session: 's1',
      at: '2026-05-04T10:00:00.000Z',
      type: 'mcp',
      name: 'search',
      server: 'github',
      input_size: 20,
      digest_size: 16,
      output_size: 300,
      is_error: 1,
      ended_at: '2026-05-04T10:00:01.500Z',
      model: 'gpt-5.4',
      branch: 'main',
    },
  ]);
});

it('makes a task of a call that starts a subagent', () => {
  store.write('/a', [task, taskEnd]);
  expect(store.dump().tasks).toEqual([
    {
      session: 's1',
      child: 's1-agent-1',
      agent_type: 'Explore',
      model: 'claude-haiku-4-5',
      status: 'completed',
      completed_at: '2026-05-04T10:03:00.000Z',
      tool_calls: 4,
      mode: 'background',
      requested_model: 'haiku',
      total_tokens: 900,
    },
  ]);
});

it('gives the same rows in whatever order and in however many commits reports come', async () => {
  const events = [session, started, ended, task, taskEnd, undated, tool({ key: 'c3', at: start + 5, name: 'bash' })];
  store.write('/a', events);
  const whole = store.dump();
  for (let seed = 0; seed < 12; seed++) {
    const other = await createWrittenStore();
    try {
      for (const event of shuffled(events, randomFrom(seed))) other.write('/a', [event]);
      expect(other.dump(), `seed ${seed}`).toEqual(whole);
    } finally {
      other.remove();
    }
  }
});

it('takes its calls along when a session moves to another project', () => {
  store.write('/b', [{ ...session, cwd: '/srv/other' } as LogEvent, started]);
  store.write('/a', [session]);
  expect(store.dump().sessions).toMatchObject([{ project: '/srv/shop' }]);
  expect(totalSums(store.db, { ...everything, projects: ['shop'] })).toMatchObject({ tool_calls: 1, mcp_calls: 1 });
  expect(totalSums(store.db, { ...everything, projects: ['other'] })).toMatchObject({ tool_calls: 0 });
});

describe('questions', () => {
  beforeEach(() => {
    const turn: LogEvent = {
      kind: 'turn',
      key: 't1',
      session: 's1',
      at: start + minute,
      model: 'gpt-5.4',
      usage: {
        uncachedInputTokens: 1,
        cacheReadInputTokens: 0,
        cacheCreation5mInputTokens: 0,
        cacheCreation1hInputTokens: 0,
        outputTokens: 1,
      },
      fast: false,
      webSearchRequests: 0,
      promptTokens: 1,
      contextTokens: 2,
      sidechain: false,
      rank: 'own',
      quality: 'measured',
      tools: [{ key: 'x', at: start + minute, name: 'bash', type: 'tool', inputSizeBytes: 7 }],
    };
    store.write('/a', [session, turn, started, ended, tool({ key: 'c4', at: start + 2 * minute, name: 'bash' })]);
  });

  it('counts both kinds of calls in the report on tools', () => {
    const byName = new Map(toolUse(store.db, everything).map((use) => [use.name, use]));
    expect(byName.get('search')).toMatchObject({
      server: 'github',
      calls: 1,
      errors: 1,
      sessions: 1,
      inputBytes: 20,
      outputBytes: 300,
    });
    expect(byName.get('bash')).toMatchObject({ calls: 2, errors: 0, sessions: 1, inputBytes: 7 });
    expect(toolUse(store.db, { ...everything, models: ['gpt-5.4'] }).map((use) => use.calls)).toEqual([1, 1]);
    expect(toolUse(store.db, { ...everything, fromMs: start, toMs: start + 1 })).toMatchObject([{ name: 'search' }]);
  });

  it('counts both kinds of calls of a session', () => {
    const detail = sessionDetail(store.db, 1, 10);
    expect(detail?.sums).toMatchObject({ tool_calls: 3, mcp_calls: 1, turns: 1 });
    expect(detail?.tools).toEqual([
      { name: 'bash', server: null, calls: 2, errors: 0 },
      { name: 'search', server: 'github', calls: 1, errors: 1 },
    ]);
  });

  it('counts them to the millisecond where a range does not end on a quarter of an hour', () => {
    const within = (fromMs: number, toMs: number) => totalSums(store.db, { ...everything, fromMs, toMs });
    expect(within(start, start + 1)).toMatchObject({ tool_calls: 1, mcp_calls: 1, turns: 0 });
    expect(within(start + 1, start + 10 * minute)).toMatchObject({ tool_calls: 2, mcp_calls: 0, turns: 1 });
  });
});
