import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ActivityEvent, LogEvent } from '../../src/events.ts';
import { randomFrom, shuffled } from '../helpers/random.ts';
import { createWrittenStore, type WrittenStore } from '../helpers/written-store.ts';

let store: WrittenStore;
beforeEach(async () => {
  store = await createWrittenStore();
});
afterEach(() => store.remove());

const at = Date.parse('2026-05-04T10:00:00Z');
const bare: ActivityEvent = { kind: 'activity', key: 'h1', session: 's1', at, type: 'hook', phase: 'start', name: '' };
const full: ActivityEvent = {
  ...bare,
  name: 'preToolUse',
  hookType: 'preToolUse',
  status: 'ok',
  success: false,
  durationMs: 0,
  count: 2,
  correlation: 'call-1',
  parent: 'call-0',
  agentType: 'explore',
  executionMode: 'sync',
  model: 'gpt-5.4',
  inputSizeBytes: 11,
  outputSizeBytes: 0,
  inputDigest: String.fromCharCode(...Array.from({ length: 16 }, (_, i) => i)),
  totalTokens: 12,
  toolCalls: 13,
};
const row = {
  session: 's1',
  at: '2026-05-04T10:00:00.000Z',
  kind: 'hook',
  phase: 'start',
  name: 'preToolUse',
  hook_type: 'preToolUse',
  status: 'ok',
  success: 0,
  duration_ms: 0,
  count: 2,
  agent_type: 'explore',
  execution_mode: 'sync',
  model: 'gpt-5.4',
  input_size: 11,
  output_size: 0,
  digest_size: 16,
  total_tokens: 12,
  tool_calls: 13,
  correlated: 1,
  within: 1,
};

it('keeps what an activity tells, and nothing where it does not', () => {
  store.write('/a', [full, { ...bare, key: 'h2' }]);
  expect(store.dump().events).toEqual([row, { session: 's1', at: row.at, kind: 'hook', phase: 'start' }]);
});

it.each([
  ['first', ['/a', '/b']],
  ['last', ['/b', '/a']],
])('fills what the smaller path leaves out when it is read %s', (_, paths) => {
  const told: Record<string, readonly LogEvent[]> = {
    '/a': [{ ...full, session: 'mine', name: 'own', inputDigest: undefined, model: undefined, status: undefined }],
    '/b': [{ ...full, session: 'fork', status: 'copied' }],
  };
  for (const path of paths) store.write(path, told[path] ?? []);
  expect(store.dump().events).toEqual([{ ...row, session: 'mine', name: 'own', status: 'copied' }]);
});

it('gives the same row in whatever order one file tells its parts', async () => {
  const parts: readonly LogEvent[] = Object.entries(full)
    .filter(([name]) => !(name in bare) || name === 'name')
    .map(([name, value]) => ({ ...bare, [name]: value }));
  for (let seed = 0; seed < 4; seed++) {
    const other = await createWrittenStore();
    try {
      for (const part of shuffled(parts, randomFrom(seed))) other.write('/a', [part]);
      expect(other.dump().events).toEqual([row]);
    } finally {
      other.remove();
    }
  }
});

it('counts compactions of the session that has the record in the end', () => {
  const mark: LogEvent = { kind: 'compaction', key: 'c', session: 'fork', at, preTokens: 100, micro: false };
  store.write('/b', [mark]);
  store.write('/a', [{ ...mark, session: 'mine', preTokens: undefined, postTokens: 20 }]);
  const { events, sessions } = store.dump();
  expect(events).toMatchObject([{ session: 'mine', pre_tokens: 100, post_tokens: 20 }]);
  expect(sessions.map((each) => [each.session, each.compactions])).toEqual([
    ['fork', undefined],
    ['mine', 1],
  ]);
});
