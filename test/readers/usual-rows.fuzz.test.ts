import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rowByRow } from '../../src/agents/claude-code/session.ts';
import { takeUsualRows } from '../../src/agents/claude-code/usual-rows.ts';
import { createTeller, ToldCollector } from '../../src/ingest/told-batch.ts';
import { keyedHash } from '../../src/keyed-hash.ts';
import type { Batch, Cursor, LogFile, LogReader } from '../../src/provider.ts';
import { jsonLines } from '../../src/readers/json-lines.ts';
import { compileScanModule } from '../helpers/scan-module.ts';

/** `SCOPEON_FUZZ_RUNS=20000` for a long look. */
const numRuns = Number(process.env.SCOPEON_FUZZ_RUNS ?? 300);

const digest = keyedHash(Buffer.alloc(16));
const reference = jsonLines(rowByRow);
let parsed = 0;
let told = 0;
let swift: LogReader;

let directory: string;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'scopeon-usual-'));
  // As the provider reads, and counts the rows that are parsed all the same.
  swift = jsonLines({
    ...rowByRow,
    parse(row, context) {
      parsed++;
      rowByRow.parse(row, context);
    },
    scanner: { wasm: await compileScanModule() },
    rows: takeUsualRows,
  });
}, 60_000);
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const chance = (weight: number) => fc.integer({ min: 1, max: weight }).map((n) => n === 1);
const maybe = <T>(weight: number, value: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 20 - weight, arbitrary: fc.constant(undefined) }, { weight, arbitrary: value });
const oneOf = <T>(...values: readonly T[]) => fc.constantFrom(...values);

const time = fc.oneof(
  {
    weight: 12,
    arbitrary: fc
      .integer({ min: 0, max: 2_000_000_000 })
      .map((ms) => new Date(1_780_000_000_000 + ms * 7).toISOString()),
  },
  {
    weight: 1,
    arbitrary: oneOf<unknown>(
      '2026-02-29T00:00:00.000Z',
      '2024-02-29T23:59:59.999Z',
      '2026-13-01T00:00:00.000Z',
      '2026-11-20T12:34:56Z',
      '2026-11-20T12:34:56.789+02:00',
      '1969-12-31T23:59:59.999Z',
      '0000-01-01T00:00:00.000Z',
      'yesterday',
      '',
      17,
      null,
    ),
  },
);
const count = fc.oneof(
  { weight: 12, arbitrary: fc.nat({ max: 200_000 }) },
  { weight: 1, arbitrary: oneOf<unknown>(0, 999_999_999, 1_000_000_000, 1e13, -1, 1.5, '7', null, true, {}) },
);
const rare = oneOf<unknown>(null, 7, true, '', 'é', 'a\\b"c', 'x'.repeat(65), {}, []);
const word = (...values: readonly string[]) =>
  fc.oneof({ weight: 20, arbitrary: oneOf<unknown>(...values) }, { weight: 1, arbitrary: rare });

const usage = fc.record(
  {
    input_tokens: count,
    cache_creation_input_tokens: count,
    cache_read_input_tokens: count,
    cache_creation: fc.oneof(
      {
        weight: 9,
        arbitrary: fc.record(
          { ephemeral_5m_input_tokens: count, ephemeral_1h_input_tokens: count },
          { requiredKeys: [] },
        ),
      },
      { weight: 1, arbitrary: oneOf<unknown>(null, 'none', []) },
    ),
    output_tokens: count,
    service_tier: word('standard', 'priority', 'batch'),
    speed: maybe(2, word('fast', 'standard')),
    output_tokens_details: maybe(
      4,
      fc.record({ thinking_tokens: count, reasoning_tokens: count }, { requiredKeys: [] }),
    ),
    server_tool_use: maybe(4, fc.record({ web_search_requests: count })),
    iterations: maybe(
      1,
      oneOf<unknown>(
        null,
        [],
        [
          { type: 'message', input_tokens: 3, output_tokens: 4 },
          { type: 'message', input_tokens: 5 },
        ],
      ),
    ),
    inference_geo: oneOf('not_available', 'us'),
  },
  { requiredKeys: ['input_tokens', 'output_tokens'] },
);

const callId = oneOf('toolu_1', 'toolu_2', 'toolu_3', 'toolu_4', 'toolu_5', 'toolu_6');
const toolUse = fc.record(
  {
    type: oneOf('tool_use', 'tool_use', 'tool_use', 'server_tool_use', 'tool_use_2'),
    id: fc.oneof({ weight: 20, arbitrary: callId as fc.Arbitrary<unknown> }, { weight: 1, arbitrary: rare }),
    name: fc.oneof(
      {
        weight: 12,
        arbitrary: oneOf<unknown>('Bash', 'Read', 'Edit', 'mcp__git__log', 'mcp__a__b__c', 'mcp__x', 'Grep'),
      },
      { weight: 2, arbitrary: oneOf<unknown>('Task', 'Agent', 'Skill', 'Workflow', 'Tasks', 'Agenta', 'Workflox') },
      { weight: 1, arbitrary: rare },
    ),
    input: fc.oneof(
      {
        weight: 8,
        arbitrary: fc.record({
          command: oneOf('CANARY ls', 'CANARY "usage":{"input_tokens":5}', '{\\"id\\":\\"msg_9\\"}'),
        }) as fc.Arbitrary<unknown>,
      },
      { weight: 1, arbitrary: oneOf<unknown>({ subagent_type: 'Explore', skill: 'x' }, {}, 'CANARY', 7, null) },
    ),
  },
  { requiredKeys: ['type'] },
);
const block = fc.oneof(
  { weight: 3, arbitrary: toolUse },
  { weight: 1, arbitrary: fc.record({ type: oneOf('text', 'thinking'), text: oneOf('CANARY', 'CANARY é', '') }) },
  { weight: 1, arbitrary: oneOf<unknown>('CANARY', null, 7, {}) as fc.Arbitrary<object> },
);
/** Nothing rare in it: what makes up nearly all of a real log. */
const plainBlock = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('tool_use'),
      id: callId,
      name: oneOf('Bash', 'Read', 'mcp__git__log'),
      input: fc.record({ command: fc.constant('CANARY') }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ type: oneOf('text', 'thinking'), text: fc.constant('CANARY') }) },
);
const plainUsage = fc.record({
  input_tokens: fc.nat({ max: 9 }),
  cache_read_input_tokens: fc.nat({ max: 90_000 }),
  output_tokens: fc.nat({ max: 3 }),
  service_tier: fc.constant('standard'),
});

const messageId = fc.oneof(
  { weight: 20, arbitrary: oneOf<unknown>('msg_1', 'msg_2', 'msg_3') },
  { weight: 1, arbitrary: oneOf<unknown>('gen-1', '', 'msg', null, 7, 'msg_é', `msg_${'x'.repeat(80)}`) },
);
const model = fc.oneof(
  { weight: 20, arbitrary: oneOf<unknown>('claude-opus-4-5-20251101', 'claude-opus-4-5-20251101', 'claude-haiku-4-5') },
  { weight: 1, arbitrary: oneOf<unknown>('<synthetic>', '', null, 7, 'modèle', 'x'.repeat(70)) },
);

const frame = fc.record(
  {
    isSidechain: fc.oneof(
      { weight: 20, arbitrary: fc.constant(false) as fc.Arbitrary<unknown> },
      { weight: 1, arbitrary: oneOf<unknown>(true, null, 'no') },
    ),
    cwd: word('/home/dev/work', '/home/dev/work'),
    sessionId: fc.constant('s-1'),
    version: fc.oneof(
      { weight: 30, arbitrary: fc.constant('2.1.0') as fc.Arbitrary<unknown> },
      { weight: 1, arbitrary: oneOf<unknown>('2.2.0', '', null) },
    ),
    gitBranch: fc.oneof(
      { weight: 30, arbitrary: fc.constant('main') as fc.Arbitrary<unknown> },
      { weight: 1, arbitrary: oneOf<unknown>('side', '', 'brânch', 'y'.repeat(70)) },
    ),
    uuid: word('u-1', 'u-2', 'u-3', 'u-4'),
    timestamp: time,
    requestId: oneOf('req_1', 'req_2'),
    agentId: maybe(1, word('a1', 'a2')),
    isMeta: maybe(1, oneOf<unknown>(true, false, null)),
    isCompactSummary: maybe(1, oneOf<unknown>(true, false)),
    isApiErrorMessage: maybe(1, oneOf<unknown>(true, false)),
    costUSD: maybe(1, oneOf<unknown>(0.01, null, 'x')),
    toolUseResult: maybe(
      6,
      oneOf<unknown>(
        { stdout: 'CANARY' },
        'CANARY',
        { agentId: 'a1', agentType: 'Explore', totalDurationMs: 5 },
        { agentType: 'Explore', status: 'completed' },
        { totalToolUseCount: 3 },
        { resolvedModel: 'm' },
        [1],
      ),
    ),
  },
  { requiredKeys: ['timestamp', 'sessionId', 'uuid'] },
);
/** As `frame`, without anything rare. */
const plainFrame = fc.record({
  isSidechain: fc.constant(false),
  cwd: fc.constant('/home/dev/work'),
  sessionId: fc.constant('s-1'),
  version: fc.constant('2.1.0'),
  gitBranch: fc.constant('main'),
  uuid: oneOf('u-1', 'u-2', 'u-3'),
  timestamp: fc.integer({ min: 0, max: 2_000_000_000 }).map((ms) => new Date(1_780_000_000_000 + ms * 7).toISOString()),
});

/** Some leave out what a file says but once, as its first rows may. */
const usualFrame = fc.oneof(
  { weight: 12, arbitrary: plainFrame as fc.Arbitrary<object> },
  {
    weight: 2,
    arbitrary: fc
      .tuple(plainFrame, maybe(10, fc.constant('s-1')))
      .map(([{ uuid, timestamp }, sessionId]) => ({ uuid, timestamp, ...(sessionId && { sessionId }) })),
  },
);

const answerContent = fc.oneof(
  { weight: 9, arbitrary: oneOf<unknown>('CANARY ok', [{ type: 'text', text: 'CANARY' }], '') },
  // long enough that reading pauses within a run of rows
  { weight: 1, arbitrary: fc.integer({ min: 1000, max: 120_000 }).map((size) => 'CANARY '.repeat(size / 7)) },
);
const answer = fc.record(
  {
    type: fc.constant('tool_result'),
    tool_use_id: callId,
    is_error: oneOf<unknown>(true, false, null),
    content: answerContent,
  },
  { requiredKeys: ['type', 'tool_use_id'] },
);
const userContent = fc.oneof(
  { weight: 8, arbitrary: fc.tuple(answer) as fc.Arbitrary<unknown> },
  { weight: 2, arbitrary: fc.array(fc.oneof(answer, block), { maxLength: 3 }) },
  { weight: 3, arbitrary: oneOf<unknown>('CANARY do it', '', [{ type: 'text', text: 'CANARY' }], null, 7, {}) },
);

/** Rows of which nothing, or a hook, is told. */
const plainQuiet = oneOf<object>(
  { type: 'file-history-snapshot', snapshot: { a: { type: 'CANARY' } } },
  { type: 'queue-operation', operation: 'dequeue' },
  { type: 'summary', summary: 'CANARY' },
  { type: 'system', subtype: 'turn_duration', durationMs: 5 },
  { type: 'progress', data: { type: 'hook_progress', hookEvent: 'PostToolUse', hookName: 'PostToolUse:Bash' } },
  { type: 'progress', data: { type: 'hook_progress', hookEvent: 'Stop', command: 'CANARY' } },
  { type: 'progress', data: { type: 'bash_progress', output: 'CANARY' } },
);
const hookWord = word('PostToolUse', 'Stop', 'claude-haiku-4-5', 'standard');
const oddQuiet = fc.oneof(
  fc.record(
    {
      type: oneOf<unknown>(
        'summary',
        'mode',
        'relocated',
        'permission-mode',
        'Summary',
        'summarY',
        'frame-linkx',
        'systen',
        'progresz',
        '',
        7,
      ),
      subtype: oneOf<unknown>('turn_duration', 'odd'),
      message: maybe(
        3,
        oneOf<unknown>({ id: 'msg_1', usage: { input_tokens: -1 } }, 'CANARY', { content: [{ type: 'tool_use' }] }),
      ),
    },
    { requiredKeys: ['type'] },
  ),
  fc.record(
    {
      subtype: oneOf<unknown>(
        'turn_duration',
        'informational',
        'bridge_status',
        'turn_duratio',
        'compact_boundary',
        'microcompact_boundary',
        'stop_hook_summary',
        'api_error',
        'odd',
        '',
        null,
        7,
      ),
      type: fc.constant('system'),
    },
    { requiredKeys: ['type'] },
  ),
  fc.record(
    {
      type: fc.constant('progress'),
      data: fc.oneof(
        {
          weight: 9,
          arbitrary: fc.record(
            {
              type: oneOf<unknown>(
                'hook_progress',
                'hook_progress',
                'hook_progress',
                'hook_progresz',
                'mcp_progress',
                'agent_progress',
                'agent_progresz',
                null,
                7,
              ),
              hookEvent: hookWord,
              hookName: hookWord,
              agentId: oneOf('a1', 'a2'),
              message: maybe(
                6,
                oneOf<unknown>(
                  { type: 'user', uuid: 'u-9' },
                  {
                    type: 'assistant',
                    message: { id: 'msg_2', model: 'claude-haiku-4-5', usage: { input_tokens: 3 } },
                  },
                ),
              ),
            },
            { requiredKeys: [] },
          ) as fc.Arbitrary<unknown>,
        },
        { weight: 1, arbitrary: oneOf<unknown>('CANARY', null, [], 7) },
      ),
    },
    { requiredKeys: ['type'] },
  ),
);
const scantFrame = fc.record(
  {
    cwd: word('/home/dev/work', '/home/dev/work'),
    version: oneOf<unknown>('2.1.0', '2.1.0', '2.1.0', '2.2.0'),
    gitBranch: oneOf<unknown>('main', 'main', 'main', 'side', ''),
    uuid: word('u-1', 'u-2', 'u-3', 'u-4'),
    timestamp: time,
  },
  { requiredKeys: [] },
);

const row: fc.Arbitrary<object> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .tuple(fc.oneof(usualFrame, oneOf<object>({}, { sessionId: 's-1' })), plainQuiet)
      .map(([head, rest]) => ({ ...head, ...rest })),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(fc.oneof(scantFrame, frame), oddQuiet).map(([head, rest]) => ({ ...head, ...rest })),
  },
  {
    weight: 10,
    arbitrary: fc
      .tuple(
        usualFrame,
        oneOf('msg_1', 'msg_2', 'msg_3'),
        oneOf('claude-opus-4-5-20251101', 'claude-opus-4-5-20251101', 'claude-haiku-4-5'),
        plainUsage,
        fc.array(plainBlock, { maxLength: 2 }),
      )
      .map(([head, id, name, used, content]) => ({
        ...head,
        type: 'assistant',
        message: { id, model: name, role: 'assistant', content, usage: used },
      })),
  },
  {
    weight: 8,
    arbitrary: fc.tuple(usualFrame, callId, answerContent).map(([head, id, content]) => ({
      ...head,
      type: 'user',
      message: { role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content }] },
    })),
  },
  {
    weight: 2,
    arbitrary: usualFrame.map((head) => ({
      ...head,
      type: 'user',
      message: { role: 'user', content: 'CANARY please' },
    })),
  },
  {
    weight: 6,
    arbitrary: fc
      .tuple(
        frame,
        messageId,
        model,
        usage,
        fc.oneof(fc.array(block, { maxLength: 4 }) as fc.Arbitrary<unknown>, oneOf<unknown>('CANARY', null)),
      )
      .map(([head, id, name, used, content]) => ({
        ...head,
        type: 'assistant',
        message: { id, model: name, content, usage: used },
      })),
  },
  {
    weight: 4,
    arbitrary: fc.tuple(frame, userContent).map(([head, content]) => ({ type: 'user', message: { content }, ...head })),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(
        frame,
        oneOf<object>(
          { type: 'system', subtype: 'compact_boundary' },
          { type: 'summary' },
          { type: 'odd' },
          { type: 'assistant' },
          { type: 'assistant', message: 'CANARY' },
          { type: 'progress', data: { type: 'hook_progress', hookEvent: 'x' } },
        ),
      )
      .map(([head, rest]) => ({ ...head, ...rest })),
  },
);

/** A line: mostly one row as an agent writes it. */
const line = fc.oneof(
  { weight: 40, arbitrary: row.map((value) => JSON.stringify(value)) },
  { weight: 1, arbitrary: fc.tuple(row, row).map(([a, b]) => JSON.stringify(a) + JSON.stringify(b)) },
  { weight: 1, arbitrary: row.map((value) => `${JSON.stringify(value)}\r`) },
  { weight: 1, arbitrary: row.map((value) => ` ${JSON.stringify(value, undefined, 1).replaceAll('\n', ' ')} `) },
  { weight: 1, arbitrary: row.map((value) => JSON.stringify(value, undefined, 1)) },
  { weight: 1, arbitrary: row.map((value) => `${JSON.stringify(value)}CANARY`) },
  { weight: 1, arbitrary: row.map((value) => JSON.stringify(value).slice(0, -9)) },
  { weight: 1, arbitrary: oneOf('', '\0\0', 'CANARY', '[]', '{}') },
  { weight: 1, arbitrary: row.map((value) => JSON.stringify(value).replace('"type":"', '"type":"user","type":"')) },
);

const place = oneOf(
  'p/s-1.jsonl',
  'p/s-1.jsonl',
  'p/s-1.jsonl',
  'p/s-1/subagents/agent-a1.jsonl',
  'p/agent-a1.jsonl',
  'p/s-1/subagents/agent-acompact-2.jsonl',
);
const log = fc.record({
  lines: fc.array(line, { minLength: 1, maxLength: 60 }),
  place,
  cut: fc.nat({ max: 1000 }),
  ends: chance(2),
});

/** `asTold`: responses become events behind it, as they do when another thread reads. */
function read(
  reader: LogReader,
  content: Buffer,
  relativePath: string,
  stops: readonly number[],
  asTold = false,
): Batch[] {
  const collector = asTold ? new ToldCollector() : undefined;
  const tell = createTeller();
  const path = join(directory, 'log.jsonl');
  writeFileSync(path, content);
  const fd = openSync(path, 'r');
  const batches: Batch[] = [];
  try {
    let from: Cursor | undefined;
    for (const [i, sizeBytes] of stops.entries()) {
      const file = {
        fd,
        path,
        relativePath,
        sizeBytes,
        scope: '1:1',
        number: 1,
        scratch: directory,
        takeTail: i === stops.length - 1,
      };
      const log: LogFile = {
        ...file,
        digest,
        told: collector,
        beside: () => undefined,
        namesBeside: () => [],
        bytesBeside: () => undefined,
      };
      for (const batch of reader(log, from)) {
        const responses = structuredClone(collector?.close()); // as the other thread gets it
        const events = responses === undefined ? batch.events : tell(responses, batch.events);
        told += events.length - batch.events.length;
        batches.push(structuredClone({ ...batch, events })); // its notes go on changing
        from = JSON.parse(JSON.stringify(batch.cursor)); // as it is kept
      }
    }
  } finally {
    closeSync(fd);
  }
  return batches;
}

describe('usual rows come to the same without a record of each', () => {
  test('whatever stands between them, and wherever reading pauses', { timeout: 120_000 }, () => {
    let records = 0;
    parsed = told = 0;
    fc.assert(
      fc.property(log, ({ lines, place: relativePath, cut, ends }) => {
        const content = Buffer.from(lines.join('\n') + (ends ? '\n' : ''));
        const stops = [Math.floor((content.length * cut) / 1000), content.length];
        const expected = read(reference, content, relativePath, stops);
        for (const batch of expected) records += batch.records;
        expect(read(swift, content, relativePath, stops)).toEqual(expected);
        expect(read(swift, content, relativePath, stops, true)).toEqual(expected);
      }),
      { numRuns },
    );
    expect(parsed / records / 2).toBeLessThan(0.9); // it would hold as well if none were usual
    expect(told / records).toBeGreaterThan(0.02);
  });

  const minute = (n: number) => new Date(1_780_000_000_000 + n * 60_000).toISOString();
  const head = (n: number) => ({ timestamp: minute(n), gitBranch: 'main', version: '2.1.0' });
  const first = { ...head(0), type: 'user', uuid: 'u-0', cwd: '/w', message: { content: 'CANARY' } };
  const turn = (n: number, content: readonly object[] = [], tier = 'standard', id = `msg_${n}`) => ({
    ...head(n),
    type: 'assistant',
    message: { id, model: 'claude-opus-4-5', content, usage: { output_tokens: n % 7, service_tier: tier } },
  });
  const call = (id: string, name = 'Bash') => ({ type: 'tool_use', id, name, input: { command: 'CANARY' } });
  const answered = (n: number, id: string, size = 6) => ({
    ...head(n),
    type: 'user',
    message: { content: [{ type: 'tool_result', tool_use_id: id, content: 'CANARY'.padEnd(size) }] },
  });
  const times = <T>(count: number, make: (n: number) => T): T[] => Array.from({ length: count }, (_, n) => make(n));
  const wide = (text: string, n: number) => `${text}${n}`.padEnd(64, '_');

  test('a call of a key that was there before takes the answer from it, whoever made the event', () => {
    const stop = (n: number) => ({ ...head(n), type: 'system', subtype: 'compact_boundary' });
    const rows = [
      first,
      turn(1, [call('x')]),
      turn(2),
      stop(3),
      turn(4, [call('x')], 'standard', 'msg_1'),
      answered(5, 'x', 9),
      turn(6),
      stop(7),
      answered(8, 'x', 30),
      turn(9),
    ];
    const content = Buffer.from(rows.map((value) => `${JSON.stringify(value)}\n`).join(''));
    const expected = read(reference, content, 'p/s-1.jsonl', [content.length]);
    for (const asTold of [false, true])
      expect(read(swift, content, 'p/s-1.jsonl', [content.length], asTold)).toEqual(expected);
  });

  // What is told has its place in the module: none of it may be lost, or told of another, when that is full.
  test.each<[what: string, rows: readonly object[]]>([
    ['turns', times(3000, (n) => turn(n))],
    ['prompts', times(3000, (n) => ({ ...head(n), type: 'user', uuid: `u-${n}`, message: { content: '' } }))],
    [
      'calls of a turn',
      times(60, (n) =>
        turn(
          n,
          times(40, (i) => call(`toolu_${n}_${i}`)),
        ),
      ),
    ],
    [
      'open calls',
      [...times(400, (n) => turn(n, [call(`toolu_${n}`)])), turn(400, [call('last')]), answered(400, 'last')],
    ],
    [
      'answered calls',
      times(300, (n) => [
        turn(
          n,
          times(16, (i) => call(`${n}-${i}`)),
        ),
        ...times(16, (i) => answered(n, `${n}-${i}`)),
      ]).flat(),
    ],
    [
      'copies with calls',
      times(2000, (n) => [turn(n, [call(`${n}`)], 'standard', 'msg_1'), answered(n, `${n}`)]).flat(),
    ],
    ['names', times(5000, (n) => [turn(n, [call(`${n}`, `T${n}`)]), answered(n, `${n}`, 500)]).flat()],
    [
      'long names and ids',
      times(6000, (n) => [
        turn(n, [call(wide('c', n), wide('T', n))], wide('t', n), wide('msg_', n)),
        answered(n, wide('c', n)),
      ]).flat(),
    ],
    ['names that come again', times(9000, (n) => turn(n, [], `t${n % 5000}`))],
  ])('more %s than there is room for', { timeout: 60_000 }, (_, rows) => {
    const content = Buffer.from([first, ...rows].map((value) => `${JSON.stringify(value)}\n`).join(''));
    for (const relativePath of ['p/s-1.jsonl', 'p/s-1/subagents/agent-a1.jsonl']) {
      const stops = [Math.floor(content.length / 3), content.length];
      const expected = read(reference, content, relativePath, stops);
      for (const asTold of [false, true]) expect(read(swift, content, relativePath, stops, asTold)).toEqual(expected);
    }
  });
});
