import { expect, it } from 'vitest';
import type { LogEvent, ToolResult } from '../../src/events.ts';
import { createPacker, createUnpacker } from '../../src/ingest/pack.ts';

const result: ToolResult = {
  at: 1_770_000_000_123,
  isError: true,
  outputSizeBytes: 42,
  durationMs: 7,
  childSession: 'parent-agent-a1',
  childAgentType: 'Explore',
  resolvedModel: 'model-b',
  status: 'completed',
  toolCalls: 3,
  totalTokens: 12,
};

/** Every kind with every field it has. */
const full: readonly LogEvent[] = [
  {
    kind: 'session',
    session: 's',
    parent: 'p',
    cwd: '/srv/größe',
    projectHint: '-work',
    branch: 'main',
    version: '2.1.0',
    agentType: 'Explore',
    contextWindow: 200_000,
    contextTokens: 7_495,
    rank: 'progress',
    at: 1_770_000_000_000,
  },
  {
    kind: 'turn',
    key: 'msg_ü\0日本',
    session: 's',
    at: 1_770_000_000_001,
    model: 'model-a',
    usage: {
      uncachedInputTokens: 1,
      cacheReadInputTokens: 2,
      cacheCreation5mInputTokens: 3,
      cacheCreation1hInputTokens: 4,
      outputTokens: 5,
      reasoningOutputTokens: 6,
    },
    fast: true,
    serviceTier: 'priority',
    costNanoUsd: 1e15,
    webSearchRequests: 8,
    promptTokens: 9,
    contextTokens: 10,
    sidechain: true,
    rank: 'own',
    branch: 'main',
    compaction: true,
    suspect: false,
    quality: 'logged',
    copies: 'prompt',
    responses: 12,
    source: { rank: 2, session: 's', from: 1_770_000_000_000, isExtra: true },
    forkDepth: 2,
    tools: [
      {
        key: 'toolu_1',
        at: 1_770_000_000_002,
        name: 'mcp__a__b',
        mcpServer: 'a',
        mcpTool: 'b',
        target: 't',
        type: 'mcp',
        inputSizeBytes: 11,
        executionMode: 'background',
        requestedModel: 'model-c',
        parent: 'toolu_p',
        inputDigest: String.fromCharCode(...Array.from({ length: 16 }, (_, i) => i * 17)),
        result,
      },
      { key: '', at: undefined, name: 'Read', type: 'tool', inputSizeBytes: 0 },
    ],
  },
  {
    kind: 'prompt',
    key: 'u1',
    session: 's',
    at: 1,
    model: 'model-a',
    branch: 'main',
    rank: 'own',
    forkDepth: 1,
    turn: 't',
  },
  { kind: 'tool_result', key: 'toolu_0', turn: 'msg_0', session: 's', result },
  {
    kind: 'compaction',
    key: 'c',
    session: 's',
    at: 2,
    trigger: 'auto',
    preTokens: 3,
    postTokens: 4,
    micro: true,
    forkDepth: 1,
  },
  {
    kind: 'activity',
    key: 'a',
    session: 's',
    at: 3,
    type: 'hook',
    phase: 'complete',
    name: 'Stop',
    hookType: 'Stop',
    status: 'ok',
    success: false,
    durationMs: 4,
    count: 5,
    correlation: 'act',
    parent: 'toolu_1',
    agentType: 'Explore',
    executionMode: 'sync',
    model: 'model-b',
    inputSizeBytes: 6,
    outputSizeBytes: 7,
    inputDigest: String.fromCharCode(...Array.from({ length: 16 }, (_, i) => 255 - i)),
    totalTokens: 8,
    toolCalls: 9,
    forkDepth: 3,
  },
  {
    kind: 'limit',
    key: 'l',
    session: 's',
    at: 4,
    window: 'weekly',
    windowMinutes: 10_080,
    usedPct: 99.5,
    resetsAt: 6,
    used: 120.5,
    entitlement: 300,
    reached: true,
    plan: 'max',
  },
  {
    kind: 'tool',
    session: 's',
    model: 'model-a',
    branch: 'main',
    sidechain: true,
    call: { key: 'call_1', at: 5, name: 'task', type: 'subagent', inputSizeBytes: 6, parent: 'call_0', result },
  },
  { kind: 'stretch', session: 's', at: 7, told: { rank: 3, from: 8 } },
  { kind: 'copied', session: 's' },
];

/** Fields that are never left out. */
const needed = new Set(
  'kind key turn session rank quality fast sidechain webSearchRequests promptTokens contextTokens type phase name window reached micro'.split(
    ' ',
  ),
);

/** The same with nothing in them that may be left out. */
const bare: readonly LogEvent[] = full.map((event) => {
  const optional = Object.entries(event).filter(
    ([name, value]) => !needed.has(name) && typeof value !== 'object' && !(event.kind === 'turn' && name === 'model'),
  );
  return { ...event, ...Object.fromEntries(optional.map(([name]) => [name, undefined])) };
});

it('hands every field of every kind over, batch after batch', () => {
  const pack = createPacker();
  const unpack = createUnpacker();
  for (const events of [full, bare, [], full]) {
    // As the other thread gets it.
    expect(unpack(structuredClone(pack(events)))).toEqual(events);
  }
});

it('sends a name but once', () => {
  const pack = createPacker();
  pack(full);
  expect(pack(full).names).toEqual([]);
});

it('holds more than it had room for at first', () => {
  const turn = full.find((event) => event.kind === 'turn') as LogEvent; // there is one
  const many = Array.from({ length: 1_000 }, () => turn);
  const [pack, unpack] = [createPacker(), createUnpacker()];
  expect(unpack(pack(many))).toEqual(many);
  expect(unpack(pack(full))).toEqual(full);
});
