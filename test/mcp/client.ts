import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';

const program = fileURLToPath(new URL('../../bin/scopeon.js', import.meta.url));

export interface Start {
  readonly home: string;
  readonly cwd?: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

function environment({ home, env }: Start): Record<string, string> {
  return { PATH: process.env.PATH ?? '', HOME: home, SCOPEON_HOME: join(home, '..', 'scopeon'), TZ: 'UTC', ...env };
}

/** The library's own client, talking to the real program. */
export async function connectClient(
  start: Start,
  client = new Client({ name: 'test', version: '1' }, { capabilities: {} }),
): Promise<Client> {
  mkdirSync(start.home, { recursive: true });
  await client.connect(
    new StdioClientTransport({
      command: process.execPath,
      args: [program, 'mcp', ...(start.args ?? [])],
      env: environment(start),
      cwd: start.cwd ?? start.home,
      stderr: 'ignore',
    }),
  );
  return client;
}

/** A client that may send anything. */
export interface RawClient {
  readonly child: ChildProcess;
  send(text: string | Buffer): void;
  /** The next message the server wrote. */
  next(): Promise<Record<string, unknown>>;
  /** Everything that came, as lines. */
  readonly lines: readonly string[];
  ended(): Promise<number | null>;
}

export function connectRaw(start: Start): RawClient {
  mkdirSync(start.home, { recursive: true });
  const child = spawn(process.execPath, [program, 'mcp', ...(start.args ?? [])], {
    env: environment(start),
    cwd: start.home,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const lines: string[] = [];
  const waiting: ((line: string) => void)[] = [];
  let given = 0;
  let rest = '';
  child.stdin.on('error', () => undefined);
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\n');
    rest = parts.pop() ?? '';
    for (const line of parts) {
      lines.push(line);
      const take = waiting.shift();
      if (take !== undefined) {
        given++;
        take(line);
      }
    }
  });
  const exit = new Promise<number | null>((resolve) => child.once('exit', resolve));
  return {
    child,
    lines,
    send: (text) => void child.stdin.write(text),
    next: async () => {
      const known = lines[given];
      if (known !== undefined) given++;
      const line = known ?? (await new Promise<string>((resolve) => waiting.push(resolve)));
      return JSON.parse(line);
    },
    ended: () => exit,
  };
}

export const initialize = `${JSON.stringify({
  jsonrpc: '2.0',
  id: 'start',
  method: 'initialize',
  params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'raw', version: '1' } },
})}\n`;
