import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ActivityEvent, LogEvent, ToolCall } from '../../src/events.ts';
import { buildCapabilities, tellsOf } from '../../src/report/capabilities.ts';
import { buildInteractions, buildTasks } from '../../src/report/interactions.ts';
import { capabilitiesSchema, interactionsSchema, tasksSchema } from '../../src/report/provenance-schema.ts';
import { saveProviders } from '../../src/store/providers.ts';
import { sessionHead } from '../../src/store/queries/session-head.ts';
import { createWrittenStore, type WrittenStore } from '../helpers/written-store.ts';

const start = Date.parse('2026-05-04T10:00:00Z');
const digest = (byte: number): string => String.fromCharCode(...Array.from({ length: 16 }, () => byte));

function call(key: string, more: Partial<ToolCall> = {}, session = 's1'): LogEvent {
  return {
    kind: 'tool',
    session,
    sidechain: false,
    call: { key, at: start, name: 'bash', type: 'tool', inputSizeBytes: 40, ...more },
  };
}

function turn(key: string, session: string, tools: readonly ToolCall[] = []): LogEvent {
  const usage = {
    uncachedInputTokens: 100,
    cacheReadInputTokens: 20,
    cacheCreation5mInputTokens: 3,
    cacheCreation1hInputTokens: 4,
    outputTokens: 50,
  };
  return {
    kind: 'turn',
    key,
    session,
    at: start + 1_000,
    model: 'gpt-5.4',
    usage,
    fast: false,
    webSearchRequests: 0,
    promptTokens: 127,
    contextTokens: 177,
    sidechain: false,
    rank: 'own',
    quality: 'measured',
    tools,
  };
}

function activity(key: string, at: number, more: Partial<ActivityEvent>): ActivityEvent {
  return { kind: 'activity', key, session: 's1', at, type: 'hook', phase: 'start', name: 'preToolUse', ...more };
}

let store: WrittenStore;
beforeEach(async () => {
  store = await createWrittenStore();
  store.write('/a', [{ kind: 'session', session: 's1', version: '1.0.102', rank: 'own', at: start }, turn('t1', 's1')]);
});
afterEach(() => store.remove());

function interactions(limit = 100) {
  const json = buildInteractions(store.db, sessionHead(store.db, 's1')!, limit);
  expect(interactionsSchema.parse(json)).toEqual(json);
  return json;
}

function tasks(limit = 25) {
  const json = buildTasks(store.db, sessionHead(store.db, 's1')!, limit);
  expect(tasksSchema.parse(json)).toEqual(json);
  return json;
}

describe('interactions', () => {
  it('are the calls of turns, the calls of none, and whatever else happened, by time', () => {
    store.write('/a', [
      turn('t2', 's1', [
        {
          key: 'x',
          at: start + 3_000,
          name: 'mcp__git__log',
          mcpServer: 'git',
          mcpTool: 'log',
          type: 'mcp',
          inputSizeBytes: 10,
          result: { at: start + 3_250, isError: true, outputSizeBytes: 402 },
        },
      ]),
      call('c1', { at: start + 2_000 }),
      call('c2', { at: start + 2_500, type: 'skill', name: 'skill', target: 'pdf' }),
      activity('m', start + 4_000, { type: 'model_change', phase: 'changed', name: 'model', model: 'gpt-5.5' }),
      { kind: 'compaction', key: 'k', session: 's1', at: start + 5_000, trigger: 'auto', micro: false },
      activity('r', start + 6_000, {
        type: 'retry',
        phase: 'single',
        name: 'api_error',
        status: '529',
        success: false,
      }),
    ]);
    const { events, count, provider } = interactions();
    expect(provider).toEqual({ name: 'copilot-cli', version: '1.0.102', model: 'gpt-5.4' });
    expect(count).toBe(6);
    expect(events.map(({ kind, phase, name }) => [kind, phase, name])).toEqual([
      ['tool', 'start', 'bash'],
      ['skill', 'invoked', 'skill'],
      ['mcp', 'single', 'log'],
      ['model_change', 'changed', 'model'],
      ['compaction', 'single', 'compaction'],
      ['notification', 'single', 'api_error'],
    ]);
    expect(events[2]).toMatchObject({
      turn_id: expect.stringMatching(/^[0-9a-f]{32}$/),
      display_name: 'git.log',
      success: false,
      model: 'gpt-5.4',
      mcp: { server: 'git', tool: 'log' },
      sizes: { input_chars: 10, output_chars: 402, prompt_chars: 0, summary_chars: 0 },
      tokens: {
        total: null,
        estimated_input: 3,
        estimated_output: 101,
        attributed_total: 104,
        confidence: 'estimated',
      },
      duration_ms: 250,
    });
    expect(events[0]).toMatchObject({ turn_id: null, success: null, timestamp: start + 2_000 });
    expect(events[1]).toMatchObject({ display_name: 'pdf' });
    expect(events[3]).toMatchObject({ model: 'gpt-5.5', tokens: { attributed_total: 0, confidence: 'unsupported' } });
    expect(events[5]).toMatchObject({ status: '529', success: false });
    expect(new Set(events.map((event) => event.id)).size).toBe(6);
    expect(interactions(2).events).toEqual(events.slice(4));
  });

  it('leave subagents to their own sessions', () => {
    store.write('/a', [{ kind: 'session', session: 's2', parent: 's1', rank: 'own' }, call('c9', {}, 's2')]);
    expect(interactions().count).toBe(0);
  });

  it('say what a hook did as far as the log proves it', () => {
    const hook = (key: string, act: string | undefined, more: Partial<ActivityEvent> = {}): ActivityEvent =>
      activity(key, start + 10, { correlation: act, hookType: 'preToolUse', inputDigest: digest(1), ...more });
    store.write('/a', [
      hook('h1', 'c1'),
      hook('h1end', 'c1', { phase: 'complete', success: true, inputDigest: undefined }),
      call('c1', { inputDigest: digest(1), at: start - 5 }),
      hook('h2', 'c2'),
      call('c2', { inputDigest: digest(2) }),
      hook('h2post', 'c2', { hookType: 'postToolUse', inputDigest: digest(3) }),
      hook('h3', 'c3'),
      hook('h3end', 'c3', { phase: 'complete', success: false, inputDigest: undefined }),
      hook('h4', 'c4'),
      hook('h5', undefined, { parent: 'c1', success: true }),
      hook('h6', undefined),
    ]);
    const { events, hook_effect_summary: summary } = interactions();
    expect(summary).toEqual({ pass_through: 2, modified: 1, blocked: 1, observed: 3 });
    const ends = events.filter((event) => event.kind === 'hook' && event.phase === 'complete');
    expect(ends.map((event) => event.hook_effect)).toEqual([null, null]);
    const [first] = events.filter((event) => event.kind === 'tool');
    const ofFirst = events.filter((event) => event.kind === 'hook' && event.correlation_id === first?.id);
    expect(ofFirst).toHaveLength(2);
    expect(events.filter((event) => event.parent_id === first?.id)).toHaveLength(1);
  });

  it('say nothing of a session without any', () => {
    expect(interactions()).toMatchObject({ count: 0, events: [], hook_effect_summary: { observed: 0 } });
    expect(tasks()).toMatchObject({ count: 0, tasks: [] });
  });
});

describe('tasks', () => {
  const finished = {
    at: start + 60_000,
    isError: false,
    outputSizeBytes: 88,
    childSession: 's1-agent-1',
    childAgentType: 'Explore',
    resolvedModel: 'haiku-4-5',
    status: 'completed',
    toolCalls: 2,
  };

  it('tell what was asked, what came of it, and what ran within', () => {
    store.write('/a', [
      call('c1', {
        type: 'subagent',
        name: 'task',
        target: 'explore',
        executionMode: 'background',
        requestedModel: 'haiku',
        result: finished,
      }),
      { kind: 'session', session: 's1-agent-1', parent: 's1', rank: 'own' },
      turn('ct1', 's1-agent-1'),
      call('i1', { name: 'grep' }, 's1-agent-1'),
      call('i2', { name: 'mcp__git__log', mcpServer: 'git', mcpTool: 'log', type: 'mcp' }, 's1-agent-1'),
      activity('i3', start + 20, { type: 'subagent', phase: 'start', name: 'explore', parent: 'c1' }),
    ]);
    const { tasks: list, count } = tasks();
    expect(count).toBe(1);
    expect(list[0]).toMatchObject({
      name: 'task',
      display_name: 'Explore',
      agent_type: 'Explore',
      execution_mode: 'background',
      requested_model: 'haiku',
      actual_model: 'haiku-4-5',
      started_at: start,
      completed_at: start + 60_000,
      duration_ms: 60_000,
      success: true,
      tokens: { total: 177, confidence: 'exact' },
      tool_calls: 2,
      payload_sizes: { description_chars: 0, prompt_chars: 40, summary_chars: 88 },
      interaction_summary: {
        count: 3,
        by_kind: { mcp: 1, subagent: 1, tool: 1 },
        tools_used: ['grep'],
        mcp_tools_used: ['git.log'],
      },
    });
    const own = interactions().events;
    expect(own.map((event) => [event.kind, event.task_run_id === list[0]?.id])).toEqual([
      ['task', true],
      ['subagent', true],
    ]);
    expect(own[0]).toMatchObject({ agent_type: 'Explore', sizes: { prompt_chars: 40, summary_chars: 88 } });
  });

  it('claim no tokens where neither the log nor a session of the subagent tells', () => {
    store.write('/a', [call('c1', { type: 'subagent', name: 'task' })]);
    expect(tasks().tasks[0]).toMatchObject({
      agent_type: 'unknown',
      execution_mode: 'unknown',
      success: null,
      completed_at: null,
      tokens: { total: null, confidence: 'unsupported' },
    });
  });

  it("believe the log's own total before the turns they can see", () => {
    store.write('/a', [
      call('c1', { type: 'subagent', name: 'task', result: { ...finished, totalTokens: 5_000 } }),
      turn('ct1', 's1-agent-1'),
    ]);
    expect(tasks().tasks[0]?.tokens).toEqual({ total: 5_000, confidence: 'exact' });
  });

  it('are the newest so many, oldest first', () => {
    store.write(
      '/a',
      [1, 2, 3].map((i) => call(`c${i}`, { type: 'subagent', name: `task${i}`, at: start + i })),
    );
    expect(tasks(2).tasks.map((task) => task.name)).toEqual(['task2', 'task3']);
  });
});

it('of a provider that says tokens of calls cannot be known, none are estimated', () => {
  store.write('/a', [call('c1')]);
  expect(interactions().events.map(({ tokens }) => tokens.confidence)).toEqual(['estimated']);
  const level = { level: 'unsupported', note: null } as const;
  const capabilities = {
    skills: level,
    hooks: level,
    mcp_identity: level,
    task_history: level,
    interaction_tokens: level,
  };
  const nothing = { roots: [], signs: [], unrecorded: null, failure: null };
  saveProviders(store.db, [{ id: 'copilot-cli', title: 'X', enabled: true, capabilities, ...nothing }], start);
  expect(interactions().events.map(({ tokens }) => tokens)).toEqual([
    { total: null, estimated_input: 0, estimated_output: 0, attributed_total: 0, confidence: 'unsupported' },
  ]);
});

describe('capabilities', () => {
  it('are those of the provider, with a note each', () => {
    const level = (of: 'exact' | 'estimated' | 'unsupported', note: string | null = null) => ({ level: of, note });
    saveProviders(
      store.db,
      [
        {
          id: 'copilot-cli',
          title: 'Copilot CLI',
          enabled: true,
          roots: [],
          signs: [],
          unrecorded: null,
          failure: null,
          capabilities: {
            skills: level('estimated', 'Names only.'),
            hooks: level('estimated'),
            mcp_identity: level('exact'),
            task_history: level('exact'),
            interaction_tokens: level('unsupported'),
          },
        },
      ],
      start,
    );
    const json = buildCapabilities(store.db, sessionHead(store.db, undefined)!);
    expect(capabilitiesSchema.parse(json)).toEqual(json);
    expect(json.support_summary).toEqual({ exact: 2, estimated: 2, unsupported: 1 });
    expect(json.capabilities[0]).toEqual({
      provider: 'copilot-cli',
      capability: 'skills',
      level: 'estimated',
      note: 'Names only.',
    });
    expect(json.capabilities.every(({ note }) => note.endsWith('.'))).toBe(true);
    expect(tellsOf(store.db)('copilot-cli')).toEqual({ skills: true, mcpIdentity: true });
    expect(tellsOf(store.db)('nobody')).toEqual({ skills: false, mcpIdentity: false });
  });

  it('of a provider nobody knows are claimed for nothing', () => {
    const { support_summary: summary } = buildCapabilities(store.db, sessionHead(store.db, 's1')!);
    expect(summary).toEqual({ exact: 0, estimated: 0, unsupported: 5 });
  });
});
