import { appendFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { makeLogs, writeLogs } from '../helpers/made-logs.ts';
import { madeHome, startServer, type TestServer } from './server.ts';

const secret = 'a-secret-of-24-characters';
let server: TestServer;

beforeAll(async () => {
  server = await startServer(['--tier', '2', '--secret', secret], { home: madeHome(), token: secret });
});
afterAll(() => server.close());

interface Client {
  readonly socket: WebSocket;
  readonly frames: Record<string, never>[];
  opened: Promise<void>;
  closed: Promise<number>;
}

function connect(protocols: string[] = ['scopeon.v1', tokenProtocol(secret)], options = {}): Client {
  const socket = new WebSocket(`ws://127.0.0.1:${server.port}/ws/v1/metrics`, protocols, options);
  const frames: Record<string, never>[] = [];
  socket.on('message', (data) => frames.push(JSON.parse(String(data))));
  const opened = new Promise<void>((resolve, reject) => {
    socket.on('open', () => resolve());
    socket.on('error', reject);
  });
  opened.catch(() => undefined);
  const closed = new Promise<number>((resolve) => socket.on('close', resolve));
  return { socket, frames, opened, closed };
}

function tokenProtocol(token: string): string {
  return `scopeon.token.${Buffer.from(token).toString('base64url')}`;
}

async function until(holds: () => boolean, ms = 20_000): Promise<void> {
  const end = performance.now() + ms;
  while (!holds() && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 25));
  expect(holds()).toBe(true);
}

/** One more response in the first session. */
function append(): void {
  const root = join(server.home, '.claude', 'projects');
  const file = readdirSync(root, { recursive: true, encoding: 'utf8' }).find((name) =>
    name.endsWith('00000000abcd.jsonl'),
  );
  const line = {
    type: 'assistant',
    uuid: `u${performance.now()}`,
    sessionId: 'x',
    cwd: '/home/dev/shop',
    version: '2.1.80',
    isSidechain: false,
    timestamp: new Date().toISOString(),
    message: {
      id: `msg_live_${performance.now()}`,
      role: 'assistant',
      model: 'claude-opus-4-6',
      content: [{ type: 'text', text: 'CANARY' }],
      usage: { input_tokens: 10, cache_read_input_tokens: 50_000, cache_creation_input_tokens: 0, output_tokens: 100 },
    },
  };
  appendFileSync(join(root, file ?? ''), `${JSON.stringify(line)}\n`);
}

describe('the WebSocket', () => {
  it('takes the token as a protocol, answers with its own, and sends what holds at once', async () => {
    const client = connect();
    await client.opened;
    expect(client.socket.protocol).toBe('scopeon.v1');
    await until(() => client.frames.length > 0);
    expect(client.frames[0]).toMatchObject({
      type: 'snapshot',
      version: expect.any(String),
      data: {
        version: expect.any(String),
        budget_status: { daily_spent: expect.any(Number), daily_limit: 0, over_budget: false },
        token_usage: { total_turns: expect.any(Number), total_thinking_tokens: expect.any(Number) },
        cache_efficiency: { cache_hit_rate: expect.any(Number), cache_savings_usd: expect.any(Number) },
      },
    });
    const { data } = client.frames[0] as unknown as { data: { history_30d: { date: string }[] } };
    expect(data.history_30d).toHaveLength(30);
    client.socket.close();
    await client.closed;
  });

  it.each([
    ['no token', ['scopeon.v1'], {}],
    ['a wrong one', ['scopeon.v1', tokenProtocol('wrong')], {}],
  ])('with %s is 401', async (_, protocols, options) => {
    const client = connect(protocols as string[], options);
    await expect(client.opened).rejects.toThrow('401');
  });

  it('takes the token as a header too, from programs that can set one', async () => {
    const client = connect(['scopeon.v1'], { headers: { 'x-scopeon-token': secret } });
    await client.opened;
    client.socket.close();
    await client.closed;
  });

  it('tells of a line that was appended, within two seconds', async () => {
    const client = connect();
    await client.opened;
    await until(() => client.frames.length > 0);
    const turns = (): number =>
      (client.frames.at(-1) as unknown as { data: { token_usage: { total_turns: number } } }).data.token_usage
        .total_turns;
    const before = turns();
    const began = performance.now();
    append();
    await until(() => turns() === before + 1);
    expect(performance.now() - began).toBeLessThan(6_000);
    expect(client.frames.at(-1)).toMatchObject({
      data: { context_pressure: { model: 'claude-opus-4-6', fill_pct: expect.any(Number) } },
    });
    client.socket.close();
    await client.closed;
  });

  it('says nothing while nothing changes', async () => {
    const client = connect();
    await client.opened;
    await until(() => client.frames.length > 0);
    const count = client.frames.length;
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(client.frames.length).toBe(count);
    client.socket.close();
    await client.closed;
  });

  it('lets go of whoever says too much', async () => {
    const large = connect();
    await large.opened;
    large.socket.send('x'.repeat(5_000));
    expect(await large.closed).toBe(1009);
    const many = connect();
    await many.opened;
    for (let i = 0; i < 12; i++) many.socket.send('x');
    expect(await many.closed).toBe(1008);
  });

  it('has thirty-two places, and thirty-two for event streams', async () => {
    const clients = Array.from({ length: 32 }, () => connect());
    await Promise.all(clients.map((client) => client.opened));
    const late = connect();
    await expect(late.opened).rejects.toThrow('503');
    const stop = new AbortController();
    const streams = await Promise.all(
      Array.from({ length: 32 }, () =>
        fetch(server.url('/sse/v1/status'), { headers: { 'x-scopeon-token': secret }, signal: stop.signal }),
      ),
    );
    expect(streams.every((response) => response.status === 200)).toBe(true);
    const refused = await fetch(server.url('/sse/v1/status'), { headers: { 'x-scopeon-token': secret } });
    expect(refused.status).toBe(503);
    expect(await refused.json()).toMatchObject({ code: 'too_many_clients' });
    append();
    await until(() => clients.every((client) => client.frames.length >= 2));
    stop.abort();
    for (const client of clients) client.socket.close();
    await Promise.all(clients.map((client) => client.closed));
    const again = connect();
    await again.opened;
    again.socket.close();
    await again.closed;
  });
});

it('an alert comes as a frame of its own, on both streams, once', async () => {
  const other = await startServer(['--tier', '1'], {
    home: madeHome(),
    env: { SCOPEON_BUDGET_DAILY_USD: '0.0001' },
  });
  const frames: { type: string; alert_type?: string }[] = [];
  const socket = new WebSocket(`ws://127.0.0.1:${other.port}/ws/v1/metrics`, ['scopeon.v1']);
  socket.on('message', (data) => frames.push(JSON.parse(String(data))));
  await new Promise((resolve) => socket.on('open', resolve));
  const stop = new AbortController();
  const events = await fetch(other.url('/sse/v1/status'), { signal: stop.signal });
  let text = '';
  const reading = (async () => {
    for await (const chunk of events.body ?? []) text += Buffer.from(chunk).toString('utf8');
  })().catch(() => undefined);
  await until(() => frames.length > 0 && text.includes('status'));
  writeLogs(other.home, makeLogs({ starts: [Date.now() - 60_000], turnsPerSession: 6, seed: 9, stepMs: 1 }));
  const alerts = () => frames.filter(({ alert_type }) => alert_type === 'budget_warning');
  await until(() => alerts().length > 0 && /event: alert\ndata: .*budget_warning/.test(text), 20_000);
  expect(alerts()).toHaveLength(1);
  expect(alerts()[0]).toMatchObject({ type: 'alert', severity: 'critical', message: expect.any(String) });
  expect(JSON.stringify(alerts())).not.toMatch(/project|session_id/);
  const metrics = await (await fetch(other.url('/metrics'))).text();
  expect(metrics).toContain('scopeon_alert_firing{type="budget_warning"} 1');
  stop.abort();
  socket.close();
  await reading;
  await other.close();
});

describe('the event stream', () => {
  it('sends each status unnamed and by name, with ids and a time to wait', async () => {
    const response = await fetch(server.url('/sse/v1/status?once=1'), { headers: { 'x-scopeon-token': secret } });
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    const text = await response.text();
    expect(text).toMatch(/^retry: 3000\n\nid: 1\ndata: (\{.*\})\n\nid: 1\nevent: status\ndata: \1\n\n$/);
    const status = JSON.parse(/^data: (.*)$/m.exec(text)?.[1] ?? '');
    expect(status).toEqual({
      fill_pct: expect.any(Number),
      daily_cost_usd: expect.any(Number),
      cache_hit_rate_pct: expect.any(Number),
      predicted_turns_remaining: status.predicted_turns_remaining,
      should_compact: false,
    });
    expect(status.cache_hit_rate_pct).toBeGreaterThan(1); // a percentage, not a ratio
  });
});

it('on a signal streams are told goodbye and the process ends', async () => {
  const other = await startServer(['--tier', '1'], { home: madeHome() });
  const socket = new WebSocket(`ws://127.0.0.1:${other.port}/ws/v1/metrics`, ['scopeon.v1']);
  await new Promise((resolve) => socket.on('open', resolve));
  const closed = new Promise<number>((resolve) => socket.on('close', resolve));
  const ended = new Promise<number | null>((resolve) => other.child.on('exit', resolve));
  other.child.kill('SIGTERM');
  expect(await closed).toBe(1001);
  expect(await ended).toBe(143);
  await other.close();
});
