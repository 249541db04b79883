import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { startServer, type TestServer } from './server.ts';

/**
 * What the original program's clients read, recorded field by field: an answer may have more and no less, and each keeps
 * its type and unit. `?`: may be null. `=a|b`: one of these. A list's one item tells of each; it must have one, but where
 * the item is a text.
 */
type Shape = string | { readonly [name: string]: Shape } | readonly [Shape];
const recorded: Readonly<Record<string, { readonly [name: string]: Shape }>> = JSON.parse(
  readFileSync(new URL('../fixtures/original/http.json', import.meta.url), 'utf8'),
);

let server: TestServer;
beforeAll(async () => {
  // Sessions at work with all there can be in one: subagents, MCP servers, compactions, a context that fills.
  server = await startServer(['--tier', '3', '--timezone', 'UTC'], {
    isDemo: true,
  });
}, 60_000);
afterAll(() => server.close());

const units: Readonly<Record<string, (value: unknown) => boolean>> = {
  text: (value) => typeof value === 'string',
  bool: (value) => typeof value === 'boolean',
  float: (value) => Number.isFinite(value),
  int: (value) => Number.isSafeInteger(value),
  ms: (value) => Number.isSafeInteger(value) && Number(value) > Date.UTC(2015, 0, 1),
  pct: (value) => Number.isFinite(value) && Number(value) >= 0 && Number(value) <= 100,
  ratio: (value) => Number.isFinite(value) && Number(value) >= 0 && Number(value) <= 1,
  date: (value) => typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value),
  url: (value) => typeof value === 'string' && URL.canParse(value),
  version: (value) => typeof value === 'string' && /^\d+\.\d+\.\d+/.test(value),
};

/** Where an answer is not as recorded, one line each. */
function departures(value: unknown, shape: Shape, path: string): readonly string[] {
  if (typeof shape === 'string') {
    const [unit = ''] = shape.split('?');
    if (value === null && shape.endsWith('?')) return [];
    const holds = unit.startsWith('=')
      ? unit.slice(1).split('|').includes(String(value))
      : units[unit]?.(value) === true;
    return holds ? [] : [`${path} is ${JSON.stringify(value)}, not ${shape}`];
  }
  if (Array.isArray(shape)) {
    if (!Array.isArray(value)) return [`${path} is no list`];
    const [item] = shape as readonly [Shape];
    if (value.length === 0) return typeof item === 'string' ? [] : [`${path} is empty: nothing was seen of it`];
    return value.flatMap((each, i) => departures(each, item, `${path}[${i}]`));
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [`${path} is no object`];
  const fields = new Map(Object.entries(value));
  return Object.entries(shape).flatMap(([name, inner]) =>
    fields.has(name) ? departures(fields.get(name), inner, `${path}.${name}`) : [`${path}.${name} is missing`],
  );
}

async function answer<Answer = unknown>(path: string): Promise<Answer> {
  const response = await fetch(server.url(path));
  expect(response.status, path).toBe(200);
  return (await response.json()) as Answer;
}

/** The session with the most to tell: of the newest, one that started subagents and called MCP servers. */
async function richSession(): Promise<string> {
  const { sessions } = await answer<{ sessions: { id: string }[] }>('/api/v1/sessions?limit=40');
  for (const { id } of sessions) {
    const { tasks } = await answer<{ tasks: unknown[] }>(`/api/v1/tasks?session_id=${id}`);
    const { events } = await answer<{ events: { kind: string }[] }>(`/api/v1/interactions?session_id=${id}&limit=1000`);
    if (tasks.length > 0 && events.some((event) => event.kind === 'mcp')) return id;
  }
  throw new Error('no session has tasks and MCP calls');
}

const routes = Object.keys(recorded).filter((name) => name.startsWith('GET '));

it.each(routes)('%s', async (name) => {
  const path = name.slice('GET '.length);
  const ofSession = /interactions|tasks/.test(path) ? `?limit=1000&session_id=${await richSession()}` : '';
  expect(departures(await answer(path + ofSession), recorded[name] ?? {}, name)).toEqual([]);
});

it('answers HEAD as GET, and lists the newest session first', async () => {
  const { sessions } = await answer<{ sessions: { last_turn_at: number }[] }>('/api/v1/sessions');
  expect(sessions).toHaveLength(20);
  expect(sessions.map((each) => each.last_turn_at)).toEqual(
    sessions.map((each) => each.last_turn_at).toSorted((a, b) => b - a),
  );
  const events = await answer<{ count: number; events: { timestamp: number }[] }>('/api/v1/interactions?limit=5');
  expect(events.count).toBe(events.events.length);
  expect(events.events.map((each) => each.timestamp)).toEqual(
    events.events.map((each) => each.timestamp).toSorted((a, b) => a - b),
  );
  expect((await fetch(server.url('/api/v1/stats'), { method: 'HEAD' })).status).toBe(200);
  const { daily_rollups_30d: days } = await answer<{ daily_rollups_30d: { date: string }[] }>('/api/v1/budget');
  expect(days.map(({ date }) => date)).toEqual(days.map(({ date }) => date).toSorted());
});

/** A live session has told enough to say how many turns are left. */
async function predicted<Frame>(frame: () => Promise<Frame>, left: (frame: Frame) => unknown): Promise<Frame> {
  let last = await frame();
  for (let i = 0; i < 200 && left(last) === null; i++) last = await frame();
  return last;
}

it('WebSocket /ws/v1/metrics', async () => {
  type Snapshot = { data: { context_pressure: { predicted_turns_remaining?: number | null } } };
  const frame = await predicted<Snapshot>(
    () =>
      new Promise((resolve, reject) => {
        const socket = new WebSocket(`ws://127.0.0.1:${server.port}/ws/v1/metrics`);
        socket.on('error', reject);
        socket.on('message', (data) => {
          const read: Snapshot & { type: string } = JSON.parse(String(data));
          if (read.type !== 'snapshot') return;
          resolve(read);
          socket.terminate();
        });
      }),
    ({ data }) => data.context_pressure.predicted_turns_remaining ?? null,
  );
  expect(departures(frame, recorded['WebSocket /ws/v1/metrics'] ?? {}, 'frame')).toEqual([]);
});

it('SSE /sse/v1/status', async () => {
  const status = await predicted<{ predicted_turns_remaining: number | null }>(
    async () => {
      const text = await (await fetch(server.url('/sse/v1/status?once=1'))).text();
      return JSON.parse(/^data: (.*)$/m.exec(text)?.[1] ?? '');
    },
    (each) => each.predicted_turns_remaining,
  );
  expect(departures(status, recorded['SSE /sse/v1/status'] ?? {}, 'status')).toEqual([]);
  expect(Object.keys(status).sort()).toEqual(Object.keys(recorded['SSE /sse/v1/status'] ?? {}).sort());
});

it('Prometheus /metrics', async () => {
  const response = await fetch(server.url('/metrics'));
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  const text = await response.text();
  const values = Object.fromEntries(
    [...text.matchAll(/^(scopeon_\w+) (\S+)$/gm)].map(([, name = '', value]) => [name, Number(value)]),
  );
  expect(departures(values, recorded['Prometheus /metrics'] ?? {}, 'metrics')).toEqual([]);
  expect(values.scopeon_budget_daily_used_pct).toBe(0); // no limit is set
});

it('is recorded whole: no route that the original had is left out', () => {
  expect(routes.map((name) => name.slice('GET '.length).split('?')[0])).toEqual(
    expect.arrayContaining([
      '/health',
      ...['stats', 'budget', 'sessions', 'context', 'interactions', 'tasks'].map((name) => `/api/v1/${name}`),
      ...['capabilities', 'optimizations', 'optimizations/preview'].map((name) => `/api/v1/provider-${name}`),
    ]),
  );
});
