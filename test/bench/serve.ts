import { type ChildProcess, spawn } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { WebSocket } from 'ws';
import { makeBenchStore } from './store.ts';

/**
 * Measures `scopeon serve` from outside over a large store: many requests at once, and what a change costs the event loop
 * with every stream taken and some clients that never read. Tells figures; judges errors alone, for machines differ.
 *
 *   npm run build && npx tsx test/bench/serve.ts [--turns 1000000] [--requests 10000] [--connections 50] [--changes 40] [--store <directory>]
 *
 * A store made before can be named; it must be no other than such a one.
 */
const { values } = parseArgs({
  options: {
    turns: { type: 'string', default: '1000000' },
    requests: { type: 'string', default: '10000' },
    connections: { type: 'string', default: '50' },
    changes: { type: 'string', default: '40' },
    store: { type: 'string' },
  },
});
const directory = mkdtempSync(join(tmpdir(), 'scopeon-serve-bench-'));
const own = values.store ?? join(directory, 'scopeon');
const project = join(directory, 'claude', 'projects', '-srv-live');
let server: ChildProcess | undefined;
let log = '';
try {
  await main();
} finally {
  server?.kill('SIGTERM');
  rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
}

async function main(): Promise<void> {
  mkdirSync(own, { recursive: true });
  mkdirSync(project, { recursive: true });
  const paths = { db: join(own, 'scopeon.db'), backups: join(own, 'backups') };
  if (!existsSync(paths.db)) {
    const store = await makeBenchStore(paths, Number(values.turns), Date.now());
    console.log(`${store.turns} turns in ${store.sessions} sessions; node ${process.version}`);
  }
  const port = await start();
  console.log(`memory after the start ${memory()}`);
  for (const path of ['/api/v1/stats', '/api/v1/sessions'])
    await load(port, path, Number(values.requests), Number(values.connections));
  await load(port, '/metrics', 20, 1);
  console.log(`memory after the requests ${memory()}`);
  await reports(port);
  console.log(`memory after the reports ${memory()}`);
  await changes(port, Number(values.changes));
  console.log(`memory at the end ${memory()}`);
}

async function start(): Promise<number> {
  const program = fileURLToPath(new URL('../../bin/scopeon.js', import.meta.url));
  const env = { ...process.env, HOME: directory, SCOPEON_HOME: own, CLAUDE_CONFIG_DIR: join(directory, 'claude') };
  server = spawn(process.execPath, [program, 'serve', '--port', '0', '--tier', '2'], { env });
  server.stdout?.resume();
  server.stderr?.setEncoding('utf8').on('data', (text: string) => (log += text));
  const port = Number(await told(/localhost:(\d+)\//));
  await told(/"watching"|Ctrl-C/);
  await new Promise((resolve) => setTimeout(resolve, 2_000)); // the logs have been looked through
  return port;
}

async function told(what: RegExp): Promise<string> {
  for (let i = 0; i < 3_000; i++) {
    const found = what.exec(log);
    if (found !== null) return found[1] ?? '';
    if (server?.exitCode !== null) break;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`the server did not say ${what}: ${log.slice(-2_000)}`);
}

/** What the main thread, which has the event loop, has used of a processor so far, in ms. Only Linux tells. */
function usedMs(): number {
  const pid = server?.pid;
  try {
    return Number(readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
  } catch {
    return Number.NaN;
  }
}

/** Resident now, and at most. Where there is no /proc: unknown. */
function memory(): string {
  try {
    const status = readFileSync(`/proc/${server?.pid}/status`, 'utf8');
    const mb = (name: string): string => (Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]) / 1024).toFixed(0);
    return `${mb('VmRSS')} MiB, at most ${mb('VmHWM')} MiB`;
  } catch {
    return 'unknown';
  }
}

async function load(port: number, path: string, requests: number, connections: number): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const times: number[] = [];
  let failed = 0;
  let left = requests;
  const began = performance.now();
  const one = (): Promise<void> =>
    new Promise((resolve) => {
      const asked = performance.now();
      const end = (isGood: boolean): void => {
        times.push(performance.now() - asked);
        if (!isGood) failed++;
        resolve();
      };
      get({ port, path, agent }, (response) => {
        response.resume();
        response.on('end', () => end(response.statusCode === 200));
      }).on('error', () => end(false));
    });
  const work = async (): Promise<void> => {
    while (left-- > 0) await one();
  };
  await Promise.all(Array.from({ length: connections }, work));
  agent.destroy();
  const seconds = (performance.now() - began) / 1_000;
  times.sort((a, b) => a - b);
  const at = (share: number): string =>
    (times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0).toFixed(1);
  console.log(
    `${path}: ${requests} requests at ${connections} connections, ${failed} failed, ${(requests / seconds).toFixed(0)}/s, ` +
      `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, at most ${at(1)} ms`,
  );
  if (failed > 0) process.exitCode = 1;
}

/** Long reports asked for at once, and how long the simplest question waits meanwhile: the longest the event loop was held. */
async function reports(port: number): Promise<void> {
  const kinds = ['hour', 'day', 'block', 'session', 'project', 'model'];
  const waits: number[] = [];
  let open = kinds.length;
  const asked = kinds.map(async (kind) => {
    const took: string[] = [];
    for (const since of ['', 'since=30d', `since=${new Date(Date.now() - 30 * 86_400_000 + 123_457).toISOString()}`]) {
      const began = performance.now();
      const response = await fetch(`http://127.0.0.1:${port}/api/v1/reports/${kind}?breakdown=true&${since}`);
      await response.arrayBuffer();
      if (response.status !== 200) process.exitCode = 1;
      took.push((performance.now() - began).toFixed(0));
    }
    open--;
    return `${kind} ${took.join('/')}`;
  });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  while (open > 0) {
    const began = performance.now();
    await new Promise<void>((resolve) =>
      get({ port, path: '/health', agent }, (response) => response.resume().on('end', resolve)),
    );
    waits.push(performance.now() - began);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  agent.destroy();
  console.log(`reports at once (all, 30 days, 30 ragged days), ms: ${(await Promise.all(asked)).join(', ')}`);
  waits.sort((a, b) => a - b);
  const middle = (waits[waits.length >> 1] ?? 0).toFixed(1);
  console.log(
    `/health meanwhile, ${waits.length} times: p50 ${middle} ms, at most ${(waits.at(-1) ?? 0).toFixed(1)} ms`,
  );
}

/** 24 WebSockets and 24 event streams that read, eight of each that never do, and a response every 300 ms. */
async function changes(port: number, count: number): Promise<void> {
  const frames: number[] = [];
  const sockets = await Promise.all(
    Array.from({ length: 24 }, async (_, i) => {
      const socket = new WebSocket(`ws://127.0.0.1:${port}/ws/v1/metrics`, ['scopeon.v1']);
      await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
      socket.on('message', () => i === 0 && frames.push(performance.now()));
      return socket;
    }),
  );
  const stop = new AbortController();
  for (let i = 0; i < 24; i++) {
    const response = await fetch(`http://127.0.0.1:${port}/sse/v1/status`, { signal: stop.signal });
    void response.text().catch(() => undefined);
  }
  const deaf = Array.from({ length: 16 }, (_, i) => {
    const socket = connect(port, '127.0.0.1');
    socket.pause();
    const head = `Host: 127.0.0.1\r\n${i % 2 === 0 ? '' : 'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n'}\r\n`;
    socket.write(`GET ${i % 2 === 0 ? '/sse/v1/status' : '/ws/v1/metrics'} HTTP/1.1\r\n${head}`);
    socket.on('error', () => undefined);
    return socket;
  });
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  const stillMs = 10_000;
  const before = usedMs();
  await new Promise((resolve) => setTimeout(resolve, stillMs));
  const still = usedMs() - before;
  console.log(
    `nothing changes, 32 and 32 streams: ${((still / stillMs) * 100).toFixed(2)} % of a processor in the event loop`,
  );
  const began = performance.now();
  const seen = frames.length;
  const busy = usedMs();
  const waits: number[] = [];
  for (let i = 0; i < count; i++) {
    const heard = frames.length;
    const wrote = performance.now();
    append(i);
    while (frames.length === heard && performance.now() - wrote < 10_000)
      await new Promise((resolve) => setTimeout(resolve, 5));
    waits.push(performance.now() - wrote);
  }
  const took = performance.now() - began;
  const used = usedMs() - busy - (still / stillMs) * took;
  waits.sort((a, b) => a - b);
  const sent = frames.length - seen;
  console.log(
    `${count} responses, ${sent} snapshots to 64 streams: ${(used / sent).toFixed(2)} ms in the event loop each, ` +
      `seen after ${(waits[waits.length >> 1] ?? 0).toFixed(0)} ms (median), ${(waits.at(-1) ?? 0).toFixed(0)} ms (at most)`,
  );
  stop.abort();
  for (const socket of sockets) socket.terminate();
  for (const socket of deaf) socket.destroy();
}

function append(number: number): void {
  const usage = {
    input_tokens: 10,
    cache_read_input_tokens: 50_000,
    cache_creation_input_tokens: 0,
    output_tokens: 100,
  };
  const message = {
    id: `msg_live_${Date.now()}_${number}`,
    role: 'assistant',
    model: 'claude-opus-4-8',
    content: [],
    usage,
  };
  const line = { type: 'assistant', sessionId: 'live', cwd: '/srv/live', timestamp: new Date().toISOString(), message };
  appendFileSync(join(project, 'live.jsonl'), `${JSON.stringify(line)}\n`);
}
