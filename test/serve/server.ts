import type { ChildProcess } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { start } from '../helpers/bin.ts';
import { makeLogs, writeLogs } from '../helpers/made-logs.ts';

/** The real program serving a home of its own. */
export interface TestServer {
  readonly port: number;
  readonly home: string;
  /** What it wrote to stderr so far. */
  readonly log: () => string;
  readonly child: ChildProcess;
  url(path: string): string;
  /** Ends it and removes its home. */
  close(): Promise<void>;
}

/** Made logs that lie well back, so that nothing of them is live. */
export function madeHome(): string {
  const home = join(mkdtempSync(join(tmpdir(), 'scopeon-serve-')), 'home');
  mkdirSync(home);
  const start_ = Date.now() - 5 * 24 * 60 * 60 * 1000;
  writeLogs(home, makeLogs({ starts: [start_, start_ + 3_600_000, start_ + 7_200_000], turnsPerSession: 12 }));
  return home;
}

export async function startServer(
  args: readonly string[],
  options: {
    readonly home?: string;
    readonly env?: Readonly<Record<string, string>>;
    readonly from?: string;
    /** To see when the logs have been read. */
    readonly token?: string;
    /** There is nothing to read. */
    readonly isEmpty?: boolean;
    /** Shows made-up sessions at work. */
    readonly isDemo?: boolean;
  } = {},
): Promise<TestServer> {
  const home = options.home ?? madeHome();
  if (options.from !== undefined) cpSync(options.from, home, { recursive: true });
  const words = options.isDemo === true ? ['demo', 'serve'] : ['serve'];
  const child = start([...words, '--port', '0', ...args], { home, env: options.env ?? {} });
  let log = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (log += text));
  child.stdout?.resume();
  const port = await portOf(child, () => log);
  if (options.isEmpty !== true) await filled(port, options.token);
  return {
    port,
    home,
    child,
    log: () => log,
    url: (path) => `http://127.0.0.1:${port}${path}`,
    async close() {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      if (child.exitCode === null) child.kill('SIGTERM');
      else return rmSync(join(home, '..'), { recursive: true, force: true, maxRetries: 5 });
      await ended;
      rmSync(join(home, '..'), { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

async function portOf(child: ChildProcess, log: () => string): Promise<number> {
  for (let i = 0; i < 600; i++) {
    const port = /http:\/\/localhost:(\d+)\//.exec(log())?.[1];
    if (port !== undefined) return Number(port);
    if (child.exitCode !== null) throw new Error(`serve ended with ${child.exitCode}: ${log()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`serve said no port: ${log()}`);
}

/** Until the logs have been read: what is asked before that is 503. */
async function filled(port: number, token: string | undefined): Promise<void> {
  const headers: Record<string, string> = token === undefined ? {} : { 'x-scopeon-token': token };
  for (let i = 0; i < 400; i++) {
    const response = await fetch(`http://127.0.0.1:${port}/api/v1/stats`, { headers });
    const text = await response.text();
    if (response.status === 401 || response.status === 403) return;
    if (response.status !== 503 && !text.includes('"total_turns":0')) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** An answer as it came over the wire. */
export interface RawAnswer {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

/** Speaks TCP: nothing is tidied up on the way. */
export function raw(port: number, request: string, host = '127.0.0.1'): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, host, () => socket.write(request));
    let text = '';
    socket.setEncoding('utf8');
    const end = (): void => {
      socket.destroy();
      const [head = '', ...rest] = text.split('\r\n\r\n');
      resolve({ status: Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0), head, body: rest.join('\r\n\r\n') });
    };
    const timer = setTimeout(end, 4_000);
    socket.on('data', (chunk: string) => {
      text += chunk;
      const [head, body] = text.split('\r\n\r\n');
      const length = Number(/content-length: (\d+)/i.exec(head ?? '')?.[1] ?? Number.NaN);
      if (body !== undefined && (Buffer.byteLength(body) >= length || /^HTTP\/1\.1 101/.test(text))) {
        clearTimeout(timer);
        end();
      }
    });
    socket.on('end', () => {
      clearTimeout(timer);
      end();
    });
    socket.on('error', reject);
  });
}
