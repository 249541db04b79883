import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { madeHome, type RawAnswer, raw, startServer, type TestServer } from './server.ts';

const secret = 'a-secret-of-24-characters';
let server: TestServer;
let open: TestServer;

beforeAll(async () => {
  [server, open] = await Promise.all([
    startServer(
      ['--tier', '2', '--secret', secret, '--allow-host', 'box.example', '--allow-origin', 'http://tool.example:3000'],
      { home: madeHome(), token: secret },
    ),
    startServer(['--tier', '1'], { home: madeHome() }),
  ]);
});
afterAll(() => Promise.all([server.close(), open.close()]));

const get = (headers: readonly string[], target = '/health'): string =>
  `GET ${target} HTTP/1.1\r\n${headers.map((header) => `${header}\r\n`).join('')}\r\n`;

describe('the Host header', () => {
  it.each([
    ['localhost', 200],
    ['LOCALHOST:1', 200],
    ['127.0.0.1:99', 200],
    ['[::1]', 200],
    ['box.example', 200],
    ['evil.example', 403],
    ['localhost.evil.example', 403],
    ['127.0.0.1.evil.example', 403],
    ['evil.example#localhost', 403],
    ['localhost@evil.example', 403],
    ['127.0.0.2', 403],
    ['0.0.0.0', 403],
    ['2130706433', 200], // 127.0.0.1 written as one number
    ['', 403],
  ])('%s: %i', async (host, status) => {
    const answer = await raw(server.port, get([`Host: ${host}`]));
    expect(answer.status).toBe(status);
    if (status === 403)
      expect(JSON.parse(answer.body)).toEqual({ error: 'Host header not allowed', code: 'host_not_allowed' });
  });

  it('given twice, or not at all, or with another authority in the target', async () => {
    expect((await raw(server.port, get(['Host: localhost', 'Host: evil.example']))).status).not.toBe(200);
    expect((await raw(server.port, get([]))).status).toBe(400);
    expect((await raw(server.port, 'GET /health HTTP/1.0\r\n\r\n')).status).toBe(403);
    expect((await raw(server.port, get(['Host: localhost'], 'http://evil.example/health'))).status).toBe(403);
    expect((await raw(server.port, get(['Host: localhost'], 'http://localhost/health'))).status).toBe(200);
  });

  it('is not taken from forwarded headers', async () => {
    const answer = await raw(
      server.port,
      get(['Host: evil.example', 'X-Forwarded-Host: localhost', 'Forwarded: host=localhost']),
    );
    expect(answer.status).toBe(403);
  });
});

describe('an upgrade', () => {
  const target = '/ws/v1/metrics';
  const upgrade = (headers: readonly string[], to = target): Promise<RawAnswer> =>
    raw(
      open.port,
      get(
        [
          ...headers,
          'Connection: Upgrade',
          'Upgrade: websocket',
          'Sec-WebSocket-Version: 13',
          'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
        ],
        to,
      ),
    );

  it.each([
    [['Host: localhost'], 101],
    [['Host: [::1]:7'], 101],
    [['Host: evil.example'], 403],
    [['Host: evil.example', 'X-Forwarded-Host: localhost', 'Forwarded: host=localhost'], 403],
    [['Host: localhost.evil.example'], 403],
    [['Host: localhost', 'Origin: null'], 403],
    [['Host: localhost', 'Origin: http://evil.example'], 403],
    [['Host: localhost', 'Origin: http://localhost:1'], 403],
    [['Host: localhost', 'Sec-Fetch-Site: cross-site'], 403],
    [['Host: localhost', 'Sec-Fetch-Site: same-site'], 403],
    [['Host: localhost', 'Sec-Fetch-Site: same-origin'], 101],
  ])('with %j: %i', async (headers, status) => {
    const answer = await upgrade(headers);
    expect(answer.status).toBe(status);
    if (status === 403) expect(JSON.parse(answer.body).code).toMatch(/^(host|origin)_not_allowed$/);
  });

  it('with its own origin is let in, in absolute form for another authority or elsewhere it is not', async () => {
    expect((await upgrade(['Host: localhost', `Origin: http://localhost:${open.port}`])).status).toBe(101);
    expect((await upgrade(['Host: localhost'], `http://localhost${target}`)).status).toBe(101);
    expect((await upgrade(['Host: localhost'], `http://evil.example${target}`)).status).toBe(403);
    expect((await upgrade(['Host: localhost'], '/api/v1/stats')).status).toBe(404);
    expect((await upgrade(['Host: localhost'], '/nothing')).status).toBe(404);
    expect((await upgrade(['Host: localhost', 'Host: evil.example'])).status).not.toBe(101);
    expect((await upgrade([])).status).toBe(400);
    expect((await upgrade(['Host: localhost'], `${target}?${'a'.repeat(2_048)}`)).status).toBe(414);
  });
});

describe('the Origin header', () => {
  it.each([
    [() => `http://localhost:${server.port}`, 200],
    [() => `http://127.0.0.1:${server.port}`, 200],
    [() => `http://box.example:${server.port}`, 200],
    [() => 'http://tool.example:3000', 200],
    [() => 'http://localhost', 403],
    [() => 'http://localhost:1', 403],
    [() => `https://localhost:${server.port}`, 403],
    [() => 'null', 403],
    [() => 'file://', 403],
    [() => `http://localhost:${server.port}.evil.example`, 403],
    [() => `http://evil.example:${server.port}`, 403],
    [() => 'http://tool.example:3000.evil.example', 403],
    [() => 'http://tool.example', 403],
  ])('%s: %i', async (origin, status) => {
    const answer = await raw(server.port, get(['Host: localhost', `Origin: ${origin()}`]));
    expect(answer.status).toBe(status);
    if (status === 403)
      expect(JSON.parse(answer.body)).toEqual({ error: 'Origin not allowed', code: 'origin_not_allowed' });
  });

  it('of another page is refused before the token is looked at, on sockets and streams too', async () => {
    const headers = ['Host: localhost', 'Origin: http://evil.example', `x-scopeon-token: ${secret}`];
    expect((await raw(server.port, get(headers, '/sse/v1/status'))).status).toBe(403);
    const upgrade = [
      'Upgrade: websocket',
      'Connection: Upgrade',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
    ];
    const answer = await raw(server.port, get([...headers, ...upgrade], '/ws/v1/metrics'));
    expect(answer.status).toBe(403);
    expect(JSON.parse(answer.body)).toMatchObject({ code: 'origin_not_allowed' });
  });

  it('let in by name is named in the answer, no other ever is', async () => {
    const named = await raw(server.port, get(['Host: localhost', 'Origin: http://tool.example:3000']));
    expect(named.head).toContain('Access-Control-Allow-Origin: http://tool.example:3000');
    const own = await raw(server.port, get(['Host: localhost', `Origin: http://localhost:${server.port}`]));
    expect(own.head).not.toMatch(/access-control/i);
  });

  it('may ask beforehand only when it is let in', async () => {
    const ask = (origin: string): string =>
      `OPTIONS /api/v1/stats HTTP/1.1\r\nHost: localhost\r\nOrigin: ${origin}\r\nAccess-Control-Request-Method: GET\r\n\r\n`;
    const allowed = await raw(server.port, ask('http://tool.example:3000'));
    expect(allowed.status).toBe(204);
    expect(allowed.head).toMatch(/Access-Control-Allow-Headers: x-scopeon-token/);
    expect((await raw(server.port, ask('http://evil.example'))).status).toBe(403);
    expect((await raw(server.port, 'OPTIONS /api/v1/stats HTTP/1.1\r\nHost: localhost\r\n\r\n')).status).toBe(405);
  });
});

describe('what a browser says of the page that asks', () => {
  it('may be another site where that is let in by name, on streams too', async () => {
    const named = ['Host: localhost', 'Origin: http://tool.example:3000', 'Sec-Fetch-Site: cross-site'];
    const token = `x-scopeon-token: ${secret}`;
    expect((await raw(server.port, get([...named, token], '/api/v1/stats'))).status).toBe(200);
    expect((await raw(server.port, get([...named, token], '/sse/v1/status?once=1'))).status).toBe(200);
    const foreign = ['Host: localhost', 'Sec-Fetch-Site: cross-site', token];
    expect((await raw(server.port, get(foreign, '/sse/v1/status?once=1'))).status).toBe(403);
  });

  it.each([
    ['/api/v1/stats', 'cross-site', [], 403],
    ['/api/v1/stats', 'same-site', [], 403],
    ['/api/v1/stats', 'same-origin', [], 200],
    ['/api/v1/stats', 'none', [], 200],
    ['/', 'cross-site', ['Sec-Fetch-Mode: navigate', 'Sec-Fetch-Dest: document'], 200],
    ['/', 'cross-site', ['Sec-Fetch-Mode: no-cors', 'Sec-Fetch-Dest: iframe'], 403],
    ['/', 'cross-site', ['Sec-Fetch-Mode: navigate', 'Sec-Fetch-Dest: iframe'], 403],
    ['/assets/page.js', 'cross-site', ['Sec-Fetch-Mode: no-cors', 'Sec-Fetch-Dest: script'], 403],
  ])('%s from %s %j: %i', async (target, site, more, status) => {
    const answer = await raw(open.port, get(['Host: localhost', `Sec-Fetch-Site: ${site}`, ...more], target));
    expect(answer.status).toBe(status);
  });
});

describe('the parser', () => {
  it('refuses long addresses, long headers and what is no HTTP', async () => {
    expect((await raw(open.port, get(['Host: localhost'], `/${'a'.repeat(2_048)}`))).status).toBe(414);
    expect((await raw(open.port, get(['Host: localhost', `X: ${'a'.repeat(17_000)}`]))).status).toBe(431);
    expect((await raw(open.port, 'nonsense\r\n\r\n')).status).toBe(400);
    expect((await raw(open.port, 'GET / HTTP/1.1\r\nHost: localhost\r\nA\r\n\r\n')).status).toBe(400);
    expect((await raw(open.port, get(['Host: localhost']))).status).toBe(200);
  });

  it('never reads a body: what follows it is not a request of its own', async () => {
    const smuggled = 'GET /api/v1/stats HTTP/1.1\r\nHost: localhost\r\n\r\n';
    const answer = await raw(
      open.port,
      `GET /health HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${smuggled.length}\r\n\r\n${smuggled}`,
    );
    expect(answer.status).toBe(200);
    expect(answer.head).toMatch(/connection: close/i);
    expect(answer.body).not.toContain('total_sessions');
  });

  it('takes no way out of the page’s files', async () => {
    for (const target of [
      '/assets/../../package.json',
      '/assets/%2e%2e/package.json',
      '/assets/..%2fpackage.json',
      '//etc/passwd',
    ])
      expect((await raw(open.port, get(['Host: localhost'], target))).status, target).toBe(404);
  });
});

describe('the token', () => {
  it('is not taken from the address or a cookie', async () => {
    const cookie = await raw(
      server.port,
      get(['Host: localhost', `Cookie: token=${secret}; x-scopeon-token=${secret}`], '/api/v1/stats'),
    );
    expect(cookie.status).toBe(401);
    const query = await raw(server.port, get(['Host: localhost'], `/api/v1/stats?token=${secret}`));
    expect(query.status).toBe(401);
  });

  it('stands in no log and no list of processes', async () => {
    await fetch(server.url('/api/v1/stats?who=CANARYQUERY'), { headers: { 'x-scopeon-token': secret } });
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(server.log()).not.toContain(secret);
    expect(server.log()).not.toContain('CANARYQUERY');
    expect(server.log()).toContain('"route":"/api/v1/stats"');
    if (process.platform === 'linux') {
      const { readFileSync } = await import('node:fs');
      expect(readFileSync(`/proc/${server.child.pid}/cmdline`, 'utf8')).not.toContain(secret);
    }
  });

  it('guessed wrong ten times locks the address out, also for the right one', async () => {
    const victim = await startServer(['--tier', '1', '--secret', secret], { home: madeHome() });
    try {
      const ask = (token: string): Promise<Response> =>
        fetch(victim.url('/api/v1/stats'), { headers: { 'x-scopeon-token': token } });
      const statuses: number[] = [];
      for (let i = 0; i < 12; i++) statuses.push((await ask('wrong')).status);
      expect(statuses).toContain(429);
      const right = await ask(secret);
      expect(right.status).toBe(429);
      expect(Number(right.headers.get('retry-after'))).toBeGreaterThan(0);
      expect((await fetch(victim.url('/health'))).status).toBe(200);
    } finally {
      await victim.close();
    }
  });
});
