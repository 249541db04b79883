import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { hostname, networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { run } from '../helpers/bin.ts';
import { madeHome, raw, startServer } from './server.ts';

let directory: string;
let home: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'scopeon-serve-start-'));
  home = join(directory, 'home');
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

it.each([
  [['--tier', '4'], '--tier must be 0, 1, 2 or 3'],
  [['--tier', '1.0'], '--tier must be 0, 1, 2 or 3'],
  [['--port', '70000'], '--port must be a number from 0 to 65535'],
  [['--lan'], 'LAN mode with tier 1 requires --secret <token> so metrics are not exposed to the whole network'],
  [['--lan', '--secret', '   '], 'LAN mode with tier 1 requires --secret'],
  [['--lan', '--secret', 'short'], 'at least 8 characters'],
  [['--secret-file', '/nowhere/token'], 'cannot be read'],
])('%j is a usage error', async (args, message) => {
  const outcome = await run(['serve', ...args], { home });
  expect(outcome).toMatchObject({ code: 2, stdout: '' });
  expect(outcome.stderr).toContain(message);
});

it('a secret file that others can read is refused', async () => {
  const file = join(directory, 'token');
  writeFileSync(file, 'a-secret-of-24-characters\n');
  chmodSync(file, 0o644);
  const outcome = await run(['serve', '--secret-file', file], { home });
  expect(outcome).toMatchObject({ code: 2 });
  expect(outcome.stderr).toContain('chmod 600');
});

it('a port that is taken is a failure that says so', async () => {
  const blocker = createServer();
  const port = await new Promise<number>((resolve) =>
    blocker.listen(0, '127.0.0.1', () => resolve((blocker.address() as { port: number }).port)),
  );
  const outcome = await run(['serve', '--port', String(port)], { home });
  blocker.close();
  expect(outcome).toMatchObject({ code: 1, stdout: '' });
  expect(outcome.stderr).toContain(`Port ${port} is in use. Choose another with --port.`);
});

it('takes a secret from the environment and from a file, warns of a short one and of tier 2 without one', async () => {
  const file = join(directory, 'token600');
  writeFileSync(file, 'file-secret-1\n', { mode: 0o600 });
  const fromFile = await startServer(['--secret-file', file], { home: madeHome(), token: 'file-secret-1' });
  expect((await fetch(fromFile.url('/api/v1/stats'), { headers: { 'x-scopeon-token': 'file-secret-1' } })).status).toBe(
    200,
  );
  expect(fromFile.log()).toContain('fewer than 16 characters');
  await fromFile.close();
  const fromEnv = await startServer(['--tier', '2'], {
    home: madeHome(),
    env: { SCOPEON_SECRET: 'environment-secret-1' },
    token: 'environment-secret-1',
  });
  expect((await fetch(fromEnv.url('/api/v1/stats'))).status).toBe(401);
  expect(
    (await fetch(fromEnv.url('/api/v1/stats'), { headers: { 'x-scopeon-token': 'environment-secret-1' } })).status,
  ).toBe(200);
  await fromEnv.close();
  const bare = await startServer(['--tier', '2'], { home: madeHome() });
  expect(bare.log()).toContain('Tier 2 without a secret: every user of this machine can read it.');
  await bare.close();
});

it('makes a good secret of its own, shown once, and is reached over IPv6 too', async () => {
  const server = await startServer(['--secret', 'auto'], { home: madeHome() });
  const token = /Token \(shown this once\): (\S+)/.exec(server.log())?.[1] ?? '';
  expect(Buffer.from(token, 'base64url')).toHaveLength(32);
  expect((await fetch(server.url('/api/v1/stats'), { headers: { 'x-scopeon-token': token } })).status).not.toBe(401);
  try {
    const answer = await raw(server.port, `GET /health HTTP/1.1\r\nHost: [::1]:${server.port}\r\n\r\n`, '::1');
    expect(answer.status).toBe(200);
  } catch (error) {
    expect((error as NodeJS.ErrnoException).code).toMatch(/EADDRNOTAVAIL|EAFNOSUPPORT/); // a machine without IPv6
  }
  await server.close();
});

it('on the network: reached by the addresses and the name of this machine, never by another, and not too often', async () => {
  const token = 'a-secret-of-24-characters';
  const server = await startServer(['--lan', '--secret', token], { home: madeHome(), token });
  try {
    const ask = (host: string): Promise<number> =>
      raw(server.port, `GET /health HTTP/1.1\r\nHost: ${host}\r\n\r\n`).then(({ status }) => status);
    const addresses = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
    const [own] = addresses.filter(({ family, internal }) => family === 'IPv4' && !internal);
    if (own !== undefined) {
      expect(await ask(own.address)).toBe(200);
      const reached = await raw(server.port, `GET /health HTTP/1.1\r\nHost: ${own.address}\r\n\r\n`, own.address);
      expect(reached.status).toBe(200);
    }
    for (const name of [hostname(), `${hostname()}.local`]) expect(await ask(name)).toBe(200);
    expect(await ask('evil.example')).toBe(403);
    expect(await ask('192.0.2.1')).toBe(403);
    const wild = await fetch(server.url('/api/v1/stats'), { headers: { 'x-scopeon-token': token } });
    expect(wild.headers.has('access-control-allow-origin')).toBe(false);
    const many = await Promise.all(
      Array.from({ length: 400 }, () => fetch(server.url('/health')).then(({ status }) => status)),
    );
    expect(many).toContain(429);
    expect(many).toContain(200);
  } finally {
    await server.close();
  }
});
