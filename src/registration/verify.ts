import { spawn } from 'node:child_process';
import type { ServerStart } from '../client.ts';

const waitMs = 15_000;

/** Starts the server as a client would and waits for its answer. Undefined: it answers; else why not. */
export async function verify(
  start: ServerStart,
  env: Readonly<Record<string, string | undefined>>,
): Promise<string | undefined> {
  const child = spawn(start.command, [...start.args], {
    env: { ...env, ...start.env },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const answer = await new Promise<string | undefined>((resolve) => {
    const late = setTimeout(() => resolve(`it did not answer within ${waitMs / 1000} s`), waitMs);
    let text = '';
    child.on('error', (error: NodeJS.ErrnoException) => resolve(`it does not start (${error.code})`));
    child.on('exit', (code) => resolve(`it ended with ${code}`));
    child.stdin.on('error', () => undefined); // told by its end
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString('utf8');
      if (!text.includes('\n')) return;
      clearTimeout(late);
      resolve(/"serverInfo":\{"name":"scopeon"/.test(text) ? undefined : 'it gave another answer than it should');
    });
    child.stdin.write(
      `${JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'initialize',
        params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'scopeon-init', version: '1' } },
      })}\n`,
    );
  });
  child.kill();
  return answer;
}
