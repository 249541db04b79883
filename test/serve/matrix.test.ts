import { type IncomingHttpHeaders, request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadMembers } from '../../src/members.ts';
import type { RouteModule } from '../../src/serve/route.ts';
import { madeHome, type RawAnswer, raw, startServer, type TestServer } from './server.ts';

// Every route × tier × token × method over real sockets, from the route folder: no new route escapes.

const routes = await loadMembers<RouteModule>('serve/routes');
const secret = 'a-secret-of-24-characters';

/** A path that is answered with 200 where its tier is reached. */
const asked: Readonly<Record<string, string>> = {
  '/api/v1/reports/{by}': '/api/v1/reports/day',
  '/api/v1/sessions/{id}': '/api/v1/sessions/00000000-0000-4000-8000-00000000abcd',
  '/api/v1/provider-optimizations/preview': '/api/v1/provider-optimizations/preview?provider=codex&preset=balanced',
};

const paths = [...routes.values()].map((route) => ({
  path: asked[route.path] ?? route.path,
  tier: typeof route.tier === 'function' ? 1 : route.tier,
}));
const all = [...paths, { path: '/sse/v1/status?once=1', tier: 1 }];

interface Asked {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** `from`: the last part of the address asked from, for ten wrong tokens lock one out. Only Linux lets us choose. */
function ask(
  server: TestServer,
  path: string,
  { method = 'GET', headers = {}, from }: { method?: string; headers?: Record<string, string>; from: number },
): Promise<Asked> {
  const localAddress = process.platform === 'linux' ? { localAddress: `127.0.1.${from}` } : {};
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port: server.port, path, method, headers, agent: false, ...localAddress };
    const asked = request(options, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => (body += text));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
      response.on('error', reject);
    });
    asked.on('error', reject);
    asked.end();
  });
}

const right = { 'x-scopeon-token': secret };
const canGuess = process.platform === 'linux';

describe.each([0, 1, 2, 3])('at tier %i with a secret', (tier) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer(['--tier', String(tier), '--secret', secret], { home: madeHome(), token: secret });
  });
  afterAll(() => server.close());

  it.each(all.map((each, i) => ({ ...each, from: i + 1 })))('$path', async ({ path, tier: needed, from }) => {
    const reached = tier >= needed;
    const good = reached ? 200 : 403;
    const tooLow = {
      error: `This endpoint requires tier ${needed} or higher. Restart with 'scopeon serve --tier ${needed}'`,
      code: 'tier_too_low',
    };
    for (const headers of [right, { authorization: `Bearer ${secret}` }]) {
      const answer = await ask(server, path, { headers, from });
      expect(answer.status, 'right token').toBe(good);
      if (!reached) expect(JSON.parse(answer.body)).toEqual(tooLow);
    }
    const head = await ask(server, path, { method: 'HEAD', headers: right, from });
    expect([head.status, head.body], 'HEAD').toEqual([good, '']);
    if (canGuess || path === all[0]?.path) {
      // Tier comes before token: whoever may not have it learns nothing by guessing.
      const wrongs = [{}, { 'x-scopeon-token': 'wrong' }, { authorization: 'Bearer wrong' }, { 'x-scopeon-token': '' }];
      for (const method of ['GET', 'HEAD'])
        for (const headers of wrongs as Record<string, string>[]) {
          const answer = await ask(server, path, { method, headers, from });
          expect(answer.status, `${method} ${JSON.stringify(headers)}`).toBe(reached ? 401 : 403);
          if (reached) expect(answer.headers['www-authenticate']).toBe('Bearer');
          if (method === 'GET')
            expect(JSON.parse(answer.body)).toMatchObject({ code: reached ? 'unauthorized' : 'tier_too_low' });
        }
    }
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND'])
      for (const headers of [right, {}] as Record<string, string>[]) {
        const refused = await ask(server, path, { method, headers, from });
        expect(refused.status, method).toBe(405);
        expect(refused.headers.allow).toBe('GET, HEAD, OPTIONS');
        expect(JSON.parse(refused.body)).toMatchObject({ code: 'method_not_allowed' });
      }
  });

  it.each(['/', '/health', '/assets/page.js', '/assets/page.css', '/assets/icon.svg'])(
    '%s is open, holds no data and takes no other method',
    async (path) => {
      for (const headers of [{}, { 'x-scopeon-token': 'wrong' }] as Record<string, string>[]) {
        const answer = await ask(server, path, { headers, from: 200 });
        expect(answer.status).toBe(200);
        expect(answer.body).not.toMatch(/total_turns"|claude-opus-4-6|shop/);
      }
      expect((await ask(server, path, { method: 'POST', headers: right, from: 200 })).status).toBe(405);
    },
  );

  it('the WebSocket: the same before the protocol changes', async () => {
    const upgrade = (headers: readonly string[], method = 'GET'): Promise<RawAnswer> =>
      raw(
        server.port,
        `${method} /ws/v1/metrics HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n${headers.map((header) => `${header}\r\n`).join('')}\r\n`,
      );
    const reached = tier >= 1;
    const protocol = `Sec-WebSocket-Protocol: scopeon.v1, scopeon.token.${Buffer.from(secret).toString('base64url')}`;
    for (const header of [`x-scopeon-token: ${secret}`, `Authorization: Bearer ${secret}`, protocol])
      expect((await upgrade([header])).status, header).toBe(reached ? 101 : 403);
    expect((await upgrade([protocol])).head).not.toContain('scopeon.token');
    const wrongs = ['x-a: b', 'x-scopeon-token: wrong', 'Sec-WebSocket-Protocol: scopeon.v1, scopeon.token.d3Jvbmc'];
    for (const header of canGuess ? wrongs : wrongs.slice(0, 1)) {
      const refused = await upgrade([header]);
      expect(refused.status, header).toBe(reached ? 401 : 403);
      expect(refused.head).toMatch(/content-security-policy: default-src 'none'/i);
      expect(JSON.parse(refused.body)).toMatchObject({ code: reached ? 'unauthorized' : 'tier_too_low' });
    }
    expect((await upgrade([`x-scopeon-token: ${secret}`], 'POST')).status).toBe(405);
  });

  it('tells without a token that it runs, and shows the page', async () => {
    const health = await fetch(server.url('/health'));
    expect(await health.json()).toMatchObject({ status: 'ok', tier, version: expect.any(String) });
    const page = await fetch(server.url('/'));
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(await page.text()).toContain('<title>scopeon</title>');
  });

  it('refuses an unknown path whatever the token', async () => {
    const response = await fetch(server.url('/api/v1/nothing'));
    expect(response.status).toBe(404);
    expect(await response.json()).toEqual({ error: 'Not found', code: 'not_found' });
  });
});

describe('without a secret on this machine', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer(['--tier', '3']);
  });
  afterAll(() => server.close());

  it.each(paths)('$path answers what its schema says', async ({ path }) => {
    const response = await fetch(server.url(path));
    expect(response.status).toBe(200);
    const route = [...routes.values()].find((each) => (asked[each.path] ?? each.path) === path);
    if (route?.answer !== undefined) route.answer.parse(await response.json());
    else await response.text();
  });

  it('has every security header on answers and errors alike', async () => {
    for (const path of ['/', '/health', '/api/v1/stats', '/nothing', '/api/v1/sessions?limit=0']) {
      const { headers } = await fetch(server.url(path));
      expect(headers.get('content-security-policy'), path).toBe(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
          `connect-src 'self' ws://127.0.0.1:${server.port}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
      );
      expect(Object.fromEntries(headers), path).toMatchObject({
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'no-referrer',
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
        'permissions-policy': 'camera=(), microphone=(), geolocation=(), payment=(), usb=()',
        'cache-control': 'no-store',
        vary: 'Origin',
        'x-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
        'content-type': expect.stringContaining('charset=utf-8'),
      });
      for (const name of [
        'server',
        'x-powered-by',
        'set-cookie',
        'strict-transport-security',
        'access-control-allow-origin',
      ])
        expect(headers.has(name), `${path} ${name}`).toBe(false);
    }
  });

  it.each([
    ['/api/v1/sessions?limit=0', 'limit must be a whole number from 1 to 1000'],
    ['/api/v1/sessions?limit=-1', 'limit must be a whole number from 1 to 1000'],
    ['/api/v1/sessions?limit=1.5', 'limit must be a whole number from 1 to 1000'],
    ['/api/v1/sessions?limit=5&limit=6', 'limit must be a whole number from 1 to 1000'],
    ['/api/v1/interactions?session_id=a%20b', 'session_id must be an id of at most 128 characters'],
    ['/api/v1/reports/day?since=2026-02-30', 'since must be a date such as 2026-04-01, today, 7d or an instant'],
    ['/api/v1/reports/day?timezone=Mars/Base', 'timezone must be an IANA name such as Europe/Berlin'],
    ['/api/v1/reports/nothing', expect.stringContaining('by must be one of hour, day')],
  ])('%s is 400: %s', async (path, error) => {
    const response = await fetch(server.url(path));
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({ error, code: 'bad_request' });
  });

  it('ignores parameters it does not know, and counts a limit above 1000 as 1000', async () => {
    expect((await fetch(server.url('/api/v1/stats?x=1'))).status).toBe(200);
    expect((await fetch(server.url('/api/v1/sessions?limit=5000'))).status).toBe(200);
  });

  it.each([
    ['/api/v1/interactions?session_id=nobody'],
    ['/api/v1/tasks?session_id=nobody'],
    ['/api/v1/provider-capabilities?session_id=nobody'],
    ['/api/v1/sessions/nobody'],
  ])('%s is 404', async (path) => {
    const response = await fetch(server.url(path));
    expect(response.status).toBe(404);
    expect(await response.json()).toEqual({ error: 'No such session', code: 'no_such_session' });
  });

  it('pages through sessions without losing or repeating one', async () => {
    const seen: string[] = [];
    for (let before = ''; ; ) {
      const response = await fetch(server.url(`/api/v1/sessions?limit=1${before}`));
      const { sessions, next_before } = (await response.json()) as {
        sessions: { id: string }[];
        next_before: number | null;
      };
      seen.push(...sessions.map((session) => session.id));
      if (next_before === null) break;
      before = `&before=${next_before}`;
    }
    expect(seen).toHaveLength(3);
    expect(new Set(seen).size).toBe(3);
  });

  it('describes itself: every route with its parameters and answer', async () => {
    const response = await fetch(server.url('/api/v1/openapi.json'));
    const api = (await response.json()) as {
      openapi: string;
      paths: Record<string, { get: { parameters: { name: string }[] } }>;
    };
    expect(api.openapi).toBe('3.1.0');
    expect(Object.keys(api.paths).sort()).toEqual([...routes.values()].map((route) => route.path).sort());
    expect(api.paths['/api/v1/sessions']?.get.parameters.map((each) => each.name)).toEqual([
      'limit',
      'before',
      'provider',
      'project',
    ]);
  });

  it('never names a path of this machine', async () => {
    for (const { path } of paths) {
      const text = await (await fetch(server.url(path))).text();
      expect(text, path).not.toContain(server.home);
      expect(text, path).not.toMatch(/\/home\/dev/);
    }
  });
});

describe('what tier 1 tells', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer(['--tier', '1']);
  });
  afterAll(() => server.close());

  it('holds no name of a session, project, branch or private model', async () => {
    for (const { path } of paths.filter((each) => each.tier <= 1)) {
      const text = await (await fetch(server.url(path))).text();
      if (path.endsWith('openapi.json')) continue;
      expect(text, path).not.toMatch(/-abcd"|shop|infra|feature\/pay|nobody-lists-this/);
    }
    const models = await (await fetch(server.url('/api/v1/reports/model'))).text();
    expect(models).toContain('claude-opus-4-6');
    expect(models).toContain('"other"');
    expect(models).not.toContain('nobody-lists-this');
  });

  it.each(['project', 'branch', 'session', 'tag', 'tool', 'agent'])('has no report by %s', async (by) => {
    const response = await fetch(server.url(`/api/v1/reports/${by}`));
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({ code: 'tier_too_low' });
  });

  it('takes no filter by a model it would not name', async () => {
    const filtered = (model: string): Promise<Response> => fetch(server.url(`/api/v1/reports/day?model=${model}`));
    expect((await filtered('nobody-lists-this')).status).toBe(403);
    expect((await filtered('nobody')).status).toBe(403);
    expect((await filtered('claude-opus-4-6')).status).toBe(200);
  });

  it.each(['project', 'branch', 'tag'])('takes no filter by %s', async (name) => {
    expect((await fetch(server.url(`/api/v1/reports/day?${name}=shop`))).status).toBe(403);
  });
});
