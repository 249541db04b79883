import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createHost } from '../../src/host.ts';
import copilot from '../../src/providers/copilot-cli.ts';
import { buildInteractions, buildTasks } from '../../src/report/interactions.ts';
import { openFile } from '../../src/store/driver.ts';
import { sessionHead } from '../../src/store/queries/session-head.ts';
import { providerCases } from '../helpers/cases.ts';
import { createHouse, type House } from '../helpers/house.ts';

let house: House | undefined;
afterEach(() => {
  house?.remove();
  house = undefined;
});

describe('where Copilot keeps its logs', () => {
  const rootsOf = (env: Record<string, string>, platform: NodeJS.Platform = 'linux') =>
    copilot.roots(createHost({ home: platform === 'win32' ? 'C:\\Users\\dev' : '/home/dev', env, platform }));

  it.each([
    [{}, ['/home/dev/.copilot']],
    [{ COPILOT_HOME: '/srv/copilot' }, ['/srv/copilot']],
    [{ COPILOT_HOME: '' }, ['/home/dev/.copilot']],
    [{ COPILOT_OTEL_FILE_EXPORTER_PATH: '/tmp/traces.log' }, ['/home/dev/.copilot', '/tmp/traces.log']],
    [{ COPILOT_OTEL_FILE_EXPORTER_PATH: 'traces.jsonl' }, ['/home/dev/.copilot']],
  ])('%o', (env, roots) => expect(rootsOf(env)).toEqual(roots));

  it('on Windows', () => {
    const env = { COPILOT_OTEL_FILE_EXPORTER_PATH: 'D:\\traces.jsonl' };
    expect(rootsOf(env, 'win32')).toEqual(['C:\\Users\\dev\\.copilot', 'D:\\traces.jsonl']);
  });

  it.each([
    ['session-state/11111111-aaaa/events.jsonl', true],
    ['session-state/11111111-aaaa/workspace.yaml', true],
    ['session-state/11111111-aaaa.jsonl', true],
    ['history-session-state/session_11111111-aaaa_1760187292206.json', true],
    ['session-store.db', true],
    ['otel/copilot.jsonl', true],
    ['session-store.db-wal', false],
    ['session-state/11111111-aaaa/session.db', false],
    ['session-state/11111111-aaaa/inuse.42.lock', false],
    ['session-state/11111111-aaaa/files/events.jsonl', false],
    ['session-state/.session-operation-locks/events.jsonl', false],
    ['session-state/.hidden.jsonl', false],
    ['logs/process-1.log', false],
    ['config.json', false],
  ])('%s: %s', (path, accepted) => expect(copilot.accepts(path)).toBe(accepted));
});

describe('calls that shutdowns sum up', () => {
  interface Counters {
    readonly requests: number;
    readonly input: number;
    readonly output: number;
  }
  /** A leg: what its messages say they put out, and the counters of its shutdown; without them it crashed. */
  type Leg = readonly [outputs: readonly (number | undefined)[], sum?: Readonly<Record<string, Counters>>];

  const counters = (requests: number, input: number, output: number): Counters => ({ requests, input, output });

  it.each<[what: string, legs: readonly Leg[], rows: readonly (readonly [number, number, number])[]]>([
    [
      'are added where a counter falls',
      [
        [[50], { a: counters(1, 900, 50) }],
        [[40], { a: counters(1, 700, 40) }],
      ],
      [
        [1, 900, 50],
        [1, 700, 40],
      ],
    ],
    [
      'are added where all grow but the messages speak of the leg alone',
      [
        [[50], { a: counters(1, 900, 50) }],
        [[60], { a: counters(1, 950, 60) }],
      ],
      [
        [1, 900, 50],
        [1, 950, 60],
      ],
    ],
    [
      'are the difference where the messages say so',
      [
        [[50], { a: counters(1, 900, 50) }],
        [[10], { a: counters(2, 950, 60) }],
      ],
      [
        [1, 900, 50],
        [1, 50, 10],
      ],
    ],
    [
      'are the difference where no message says anything',
      [
        [[undefined], { a: counters(1, 900, 50) }],
        [[undefined], { a: counters(2, 2000, 110) }],
      ],
      [
        [1, 900, 50],
        [1, 1100, 60],
      ],
    ],
    [
      'are the nearer of the two where neither fits',
      [
        [[50], { a: counters(1, 900, 50) }],
        [[58], { a: counters(1, 950, 60) }],
      ],
      [
        [1, 900, 50],
        [1, 950, 60],
      ],
    ],
    [
      'are added where a model is gone',
      [
        [[50], { a: counters(1, 900, 50) }],
        [[60], { b: counters(1, 950, 60) }],
      ],
      [
        [1, 900, 50],
        [1, 950, 60],
      ],
    ],
    [
      'are nothing where nothing was added, however often it is told',
      [
        [[50], { a: counters(1, 900, 50) }],
        [[], { a: counters(1, 900, 50) }],
        [[], {}],
        [[], {}],
      ],
      [[1, 900, 50]],
    ],
    [
      'begin again after a reset',
      [
        [[50], { a: counters(1, 900, 50) }],
        [[10], { a: counters(2, 950, 60) }],
        [[7], { a: counters(1, 70, 7) }],
        [[8], { a: counters(2, 150, 15) }],
      ],
      [
        [1, 900, 50],
        [1, 50, 10],
        [1, 70, 7],
        [1, 80, 8],
      ],
    ],
    [
      'reach back beyond a crash where only that fits',
      [[[50]], [[60]], [[5], { a: counters(3, 3000, 115) }]],
      [[3, 3000, 115]],
    ],
    [
      'leave what crashed before them where they do not reach it',
      [[[50]], [[5], { a: counters(1, 300, 5) }]],
      [
        [1, 0, 50],
        [1, 300, 5],
      ],
    ],
  ])('%s', async (_, legs, rows) => {
    house = await createHouse();
    writeLog(house, logOf(legs));
    const { turns } = await house.read();
    expect(turns.map((row) => [row.responses ?? 1, row.input ?? 0, row.output ?? 0])).toEqual(rows);
  });

  it('are not known where a shutdown tells of requests alone, and neither are its messages counted', async () => {
    house = await createHouse();
    writeLog(house, [
      ['session.start', { selectedModel: 'a' }],
      ['assistant.message', { messageId: 'm1', model: 'a', outputTokens: 50 }],
      ['session.shutdown', { modelMetrics: { a: { requests: 1 } } }],
      ['assistant.message', { messageId: 'm2', model: 'a', outputTokens: 7 }],
    ]);
    expect((await house.read()).turns).toMatchObject([{ output: 7, quality: 'partial' }]);
  });

  it('give way where a record tells of one of the legs they reach back to', async () => {
    house = await createHouse();
    writeLog(house, [
      ['session.start', { selectedModel: 'a' }],
      ['session.usage_record', { usage: { model: 'a', inputTokens: 900, outputTokens: 50 } }],
      ['assistant.message', { messageId: 'm1', model: 'a', outputTokens: 50 }],
      ['session.resume', {}],
      ['assistant.message', { messageId: 'm2', model: 'a', outputTokens: 7 }],
      ['session.shutdown', { modelMetrics: metricsOf({ a: counters(2, 1000, 57) }) }],
    ]);
    expect((await house.read()).turns.map((row) => row.output)).toEqual([50, 7]);
  });

  function logOf(legs: readonly Leg[]): readonly (readonly [string, object])[] {
    return legs.flatMap(([outputs, sum], i) => [
      [i === 0 ? 'session.start' : 'session.resume', { selectedModel: 'a', context: { cwd: '/srv/shop' } }] as const,
      ...outputs.map((outputTokens, k) => {
        return ['assistant.message', { messageId: `m${i}.${k}`, model: 'a', outputTokens }] as const;
      }),
      ...(sum === undefined ? [] : [['session.shutdown', { modelMetrics: metricsOf(sum) }] as const]),
    ]);
  }

  function metricsOf(sum: Readonly<Record<string, Counters>>): object {
    const metrics = Object.entries(sum).map(([model, { requests, input, output }]) => [
      model,
      { requests: { count: requests }, usage: { inputTokens: input, outputTokens: output } },
    ]);
    return Object.fromEntries(metrics);
  }
});

it('follows a session that goes on in another folder and on another branch', async () => {
  house = await createHouse();
  const answer = (id: string) =>
    ['assistant.message', { messageId: id, model: 'a', outputTokens: 5, interactionId: id, turnId: '0' }] as const;
  writeLog(house, [
    ['session.start', { selectedModel: 'a', context: { cwd: '/srv/shop', branch: 'main' } }],
    answer('m1'),
    ['session.context_changed', { cwd: '/srv/shop/api', gitRoot: '/srv/shop', branch: 'feat/pay' }],
    answer('m2'),
  ]);
  const { turns, sessions } = await house.read();
  expect(turns.map((row) => row.branch)).toEqual(['main', 'feat/pay']);
  expect(sessions).toMatchObject([{ project: '/srv/shop', branch: 'feat/pay' }]);
});

it('keeps what it read of a session that Copilot has deleted', async () => {
  house = await createHouse({ from: homeOf('streamed-usage') });
  const before = await house.read();
  rmSync(join(house.home, '.copilot'), { recursive: true });
  expect(await house.read()).toEqual(before);
});

it('tells what hooks did to the calls they ran for, and what ran within tasks', async () => {
  house = await createHouse({ from: homeOf('records-tools-hooks-agents') });
  (await house.catchUp()).db?.close();
  const db = openFile(house.store.db, { readonly: true });
  try {
    const head = sessionHead(db, 'c0910003-0000-4000-8000-000000000003');
    if (head === undefined) throw new Error('no such session');
    const { events } = buildInteractions(db, head, 100);
    const before = events.filter((event) => event.hook_type === 'preToolUse' && event.phase === 'start');
    expect(before.map((event) => event.hook_effect)).toEqual(['pass_through', 'blocked', 'modified']);
    const skills = events.filter((event) => event.kind === 'skill');
    expect(skills.map((event) => event.correlation_id === null)).toEqual([false, false, true]);
    expect(skills[0]?.correlation_id).toBe(skills[1]?.correlation_id);
    const { tasks } = buildTasks(db, head, 10);
    expect(tasks).toMatchObject([
      {
        agent_type: 'explore',
        execution_mode: 'background',
        requested_model: 'claude-haiku-4.5',
        actual_model: 'claude-haiku-4.5',
        success: true,
        duration_ms: 6000,
        tokens: { total: 3090, confidence: 'exact' },
        tool_calls: 1,
        interaction_summary: { by_kind: { hook: 2, tool: 1 }, tools_used: ['view'] },
      },
      { agent_type: 'review', execution_mode: 'sync', success: false, tokens: { total: 0 } },
    ]);
  } finally {
    db.close();
  }
});

function homeOf(name: string): string {
  const found = providerCases().find((each) => each.provider === 'copilot-cli' && each.name === name);
  if (found === undefined) throw new Error(`no case ${name}`);
  return found.home;
}

/** A session's log of these records, one a second. */
function writeLog(into: House, records: readonly (readonly [type: string, data: object])[]): void {
  const path = join(into.home, '.copilot/session-state/s1/events.jsonl');
  const lines = records.map(([type, data], i) => {
    return JSON.stringify({
      type,
      data,
      id: `e${i}`,
      timestamp: new Date(Date.UTC(2026, 5, 1, 9, 0, i)).toISOString(),
    });
  });
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${lines.join('\n')}\n`);
}
