import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { madeHome } from '../serve/server.ts';
import { connectRaw, initialize, type RawClient } from './client.ts';

let home: string;
let client: RawClient;
beforeEach(async () => {
  home = join(mkdtempSync(join(tmpdir(), 'scopeon-mcp-')), 'home');
  client = connectRaw({ home });
  client.send(initialize);
  expect(await client.next()).toMatchObject({ id: 'start', result: { serverInfo: { name: 'scopeon' } } });
});
afterEach(async () => {
  client.child.kill();
  await client.ended();
  rmSync(join(home, '..'), { recursive: true, force: true, maxRetries: 5 });
});

let number = 0;
/** Whatever came before, the next request is answered, and by nothing else first. */
async function stillWorks(): Promise<void> {
  const id = ++number;
  client.send(`${JSON.stringify({ jsonrpc: '2.0', id, method: 'ping' })}\n`);
  expect(await client.next()).toEqual({ jsonrpc: '2.0', id, result: {} });
}

it.each([
  ['not JSON', '{"jsonrpc":\n', -32700, null],
  ['a number', '7\n', -32600, null],
  ['a batch', '[{"jsonrpc":"2.0","id":1,"method":"ping"}]\n', -32600, null],
  ['another version', '{"jsonrpc":"1.0","id":4,"method":"ping"}\n', -32600, 4],
  ['no method', '{"jsonrpc":"2.0","id":5}\n', -32600, 5],
  ['a null id', '{"jsonrpc":"2.0","id":null,"method":"ping"}\n', -32600, null],
  ['an id that is an object', '{"jsonrpc":"2.0","id":{},"method":"ping"}\n', -32600, null],
  ['a fraction as id', '{"jsonrpc":"2.0","id":1.5,"method":"ping"}\n', -32600, null],
  ['params that are text', '{"jsonrpc":"2.0","id":6,"method":"ping","params":"x"}\n', -32602, 6],
  ['a request that is an answer too', '{"jsonrpc":"2.0","id":13,"method":"ping","result":{}}\n', -32600, 13],
  ['params that are a list', '{"jsonrpc":"2.0","id":14,"method":"ping","params":[1]}\n', -32602, 14],
  ['meta that is a number', '{"jsonrpc":"2.0","id":15,"method":"ping","params":{"_meta":5}}\n', -32602, 15],
  ['an unknown method', '{"jsonrpc":"2.0","id":7,"method":"no/such"}\n', -32601, 7],
  ['an unknown tool', '{"jsonrpc":"2.0","id":8,"method":"tools/call","params":{"name":"no_such"}}\n', -32602, 8],
  [
    'a tool called like a property',
    '{"jsonrpc":"2.0","id":9,"method":"tools/call","params":{"name":"constructor"}}\n',
    -32602,
    9,
  ],
  [
    'wrong arguments',
    '{"jsonrpc":"2.0","id":10,"method":"tools/call","params":{"name":"get_history","arguments":{"days":"x"}}}\n',
    -32602,
    10,
  ],
  [
    'an unknown resource',
    '{"jsonrpc":"2.0","id":11,"method":"resources/read","params":{"uri":"file:///etc/passwd"}}\n',
    -32002,
    11,
  ],
  ['an unknown prompt', '{"jsonrpc":"2.0","id":12,"method":"prompts/get","params":{"name":"__proto__"}}\n', -32602, 12],
])('%s is an error, and the next call works', async (_what, line, code, id) => {
  client.send(line);
  expect(await client.next()).toMatchObject({ jsonrpc: '2.0', id, error: { code } });
  await stillWorks();
});

it.each([
  ['arguments that are a list', 'tools/call', { name: 'get_history', arguments: [1] }],
  ['a call of nothing', 'tools/call', {}],
  ['a call without parameters', 'tools/call', undefined],
  ['a tool named by a number', 'tools/call', { name: 7 }],
  ['a resource without an address', 'resources/read', {}],
  ['a subscription to a list', 'resources/subscribe', { uri: ['CANARY'] }],
  ['a prompt without a name', 'prompts/get', { arguments: {} }],
  ['a level that is none', 'logging/setLevel', { level: 'CANARY' }],
  ['a page that is a number', 'tools/list', { cursor: 5 }],
  ['a beginning without its parts', 'initialize', { protocolVersion: 3 }],
])('%s: the error says what is wrong in a sentence that quotes nothing', async (_what, method, params) => {
  client.send(`${JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })}\n`);
  const { id, error } = await client.next();
  expect(id).toBe(1);
  expect(error).toMatchObject({ code: -32602, message: expect.stringMatching(/^Invalid params: \w[^{}[\]\n]+$/) });
  expect(JSON.stringify(error)).not.toContain('CANARY');
  await stillWorks();
});

it.each([
  ['a notification nobody knows', '{"jsonrpc":"2.0","method":"notifications/no/such"}\n'],
  ['a notification of a request', '{"jsonrpc":"2.0","method":"tools/list"}\n'],
  ['a notification of another version', '{"jsonrpc":"1.0","method":"ping"}\n'],
  ['an answer to nothing', '{"jsonrpc":"2.0","id":99,"result":{}}\n'],
  ['an empty line', '\n\r\n  \n'],
])('%s is never answered', async (_what, line) => {
  client.send(line);
  await stillWorks();
});

it('half lines, lines cut within a letter and several in one are read as they are meant (W-46)', async () => {
  const bytes = Buffer.from(
    '{"jsonrpc":"2.0","id":"ä€😀","method":"ping"}\n{"jsonrpc":"2.0","id":2,"method":"ping"}\r\n',
  );
  for (const byte of bytes) client.send(Buffer.from([byte]));
  expect(await client.next()).toEqual({ jsonrpc: '2.0', id: 'ä€😀', result: {} });
  expect(await client.next()).toEqual({ jsonrpc: '2.0', id: 2, result: {} });
});

it('a line of 5 MB is refused once and skipped to its end', async () => {
  const piece = 'x'.repeat(1024 * 1024);
  for (let i = 0; i < 5; i++) client.send(piece);
  client.send('{"jsonrpc":"2.0","id":1,"method":"ping"}\n');
  expect(await client.next()).toMatchObject({ id: null, error: { code: -32600 } });
  await stillWorks();
});

it('a flood is answered in whole', async () => {
  const count = 2_000;
  client.send(Array.from({ length: count }, (_, id) => `{"jsonrpc":"2.0","id":${id},"method":"ping"}\n`).join(''));
  const ids = new Set<unknown>();
  for (let i = 0; i < count; i++) ids.add((await client.next()).id);
  expect(ids.size).toBe(count);
  await stillWorks();
});

it('ends with 0 within two seconds when the client closes its end', async () => {
  const began = performance.now();
  client.child.stdin?.end();
  expect(await client.ended()).toBe(0);
  // Generous: what is checked is that it does not wait for the reading of logs.
  expect(performance.now() - began).toBeLessThan(10_000);
});

it('ends quietly when nobody reads any more', async () => {
  client.child.stdout?.destroy();
  client.send('{"jsonrpc":"2.0","id":1,"method":"tools/list"}\n'.repeat(50));
  expect(await client.ended()).toBe(0);
});

it('a configuration that cannot be read is for the user: the agent is told no more, and it works once mended', async () => {
  const logs = madeHome();
  const settings = join(logs, '..', 'scopeon');
  mkdirSync(settings, { recursive: true });
  writeFileSync(join(settings, 'config.toml'), 'CANARY = [\n');
  const other = connectRaw({ home: logs });
  const ask = async (id: number, method: string, params = {}): Promise<Record<string, unknown>> => {
    other.send(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`);
    return other.next();
  };
  const call = { name: 'get_token_usage', arguments: {} };
  other.send(initialize);
  await other.next();
  for (const round of [1, 2]) {
    const { result } = await ask(round, 'tools/call', call);
    expect(result).toMatchObject({ isError: true });
    expect(JSON.stringify(result)).toContain('unavailable');
    expect(await ask(round + 10, 'tools/list')).toMatchObject({ error: { code: -32603 } });
  }
  expect(other.lines.join()).not.toMatch(/CANARY|config\.toml|scopeon-serve/);
  writeFileSync(join(settings, 'config.toml'), '');
  // A first reading may take longer than one call waits.
  const answered = async (): Promise<unknown> => (await ask(30, 'tools/call', call)).result;
  await expect.poll(answered, { timeout: 60_000 }).toMatchObject({ structuredContent: {} });
  other.child.stdin?.end();
  expect(await other.ended()).toBe(0);
  rmSync(join(logs, '..'), { recursive: true, force: true, maxRetries: 5 });
}, 90_000);

it('writes nothing but protocol', async () => {
  const other = connectRaw({ home: madeHome() });
  other.send(initialize);
  other.send('{"jsonrpc":"2.0","method":"notifications/initialized"}\n');
  other.send('{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"list_sessions"}}\n');
  await other.next();
  await other.next();
  other.child.stdin?.end();
  await other.ended();
  for (const line of other.lines) expect(JSON.parse(line)).toMatchObject({ jsonrpc: '2.0' });
});
