import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadMembers } from '../../src/members.ts';
import type { RouteModule } from '../../src/serve/route.ts';
import { madeHome, startServer, type TestServer } from './server.ts';

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

describe.each([0, 1, 2, 3])('at tier %i with a secret', (tier) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer(['--tier', String(tier), '--secret', secret], { home: madeHome(), token: secret });
  });
  afterAll(() => server.close());

  it.each(all)('$path', async ({ path, tier: needed }) => {
    const ask = (method: string, token?: string): Promise<Response> =>
      fetch(server.url(path), { method, headers: token === undefined ? {} : { 'x-scopeon-token': token } });
    const reached = tier >= needed;

    const right = await ask('GET', secret);
    expect(right.status, 'right token').toBe(reached ? 200 : 403);
    if (!reached) {
      expect(await right.json()).toEqual({
        error: `This endpoint requires tier ${needed} or higher. Restart with 'scopeon serve --tier ${needed}'`,
        code: 'tier_too_low',
      });
    } else await right.text();

    // Tier comes before token: whoever may not have it learns nothing by guessing. Few tries, or the lock-out speaks.
    if (path === all[0]?.path) {
      const wrong = await ask('GET', 'wrong');
      expect(wrong.status, 'wrong token').toBe(reached ? 401 : 403);
      const none = await ask('GET');
      expect(none.status, 'no token').toBe(reached ? 401 : 403);
      if (reached) {
        expect(none.headers.get('www-authenticate')).toBe('Bearer');
        expect(await none.json()).toMatchObject({ code: 'unauthorized' });
      }
      expect((await fetch(server.url(path), { headers: { authorization: `Bearer ${secret}` } })).status).toBe(
        reached ? 200 : 403,
      );
    }

    const head = await ask('HEAD', secret);
    expect(head.status, 'HEAD').toBe(reached ? 200 : 403);
    expect(await head.text()).toBe('');
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      const refused = await ask(method, secret);
      expect(refused.status, method).toBe(405);
      expect(refused.headers.get('allow')).toBe('GET, HEAD, OPTIONS');
      expect(await refused.json()).toMatchObject({ code: 'method_not_allowed' });
    }
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

  it.each(['project', 'branch', 'tag'])('takes no filter by %s', async (name) => {
    expect((await fetch(server.url(`/api/v1/reports/day?${name}=shop`))).status).toBe(403);
  });
});
