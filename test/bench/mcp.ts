import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { connectClient } from '../mcp/client.ts';
import { makeBenchStore } from './store.ts';

/**
 * Measures every tool of `scopeon mcp` over a large store, from outside, with the SDK's own client: what an agent waits
 * for an answer, how much of that the server's thread worked (which another's load does not change much), and what the
 * answer costs it to read. Tells figures; judges errors alone, for machines differ.
 *
 *   npm run build && npx tsx test/bench/mcp.ts [--turns 1000000] [--calls 20] [--store <directory>]
 *
 * A store made before can be named; it must be no other than such a one.
 */
const { values } = parseArgs({
  options: {
    turns: { type: 'string', default: '1000000' },
    calls: { type: 'string', default: '20' },
    store: { type: 'string' },
  },
});
const directory = mkdtempSync(join(tmpdir(), 'scopeon-mcp-bench-'));
const own = values.store ?? join(directory, 'scopeon');

/** What tools that need to be told something are asked. */
function argumentsOf(tool: string, sessions: readonly string[]): Record<string, unknown> {
  const [a, b] = sessions;
  switch (tool) {
    case 'compare_sessions':
      return { session_id_a: a, session_id_b: b };
    case 'preview_provider_preset':
      return { provider: 'codex', preset: 'balanced' };
    case 'set_session_tags':
      return { session_id: b, tags: ['bench'] };
    case 'get_report':
      return { by: 'project' };
    case 'explain':
      return { session: a };
    default:
      return {};
  }
}

try {
  await main();
} finally {
  rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
}

async function main(): Promise<void> {
  mkdirSync(own, { recursive: true });
  const paths = { db: join(own, 'scopeon.db'), backups: join(own, 'backups') };
  if (!existsSync(paths.db)) {
    const store = await makeBenchStore(paths, Number(values.turns), Date.now());
    console.log(`${store.turns} turns in ${store.sessions} sessions; node ${process.version}`);
  }
  const client = await connectClient({ home: join(directory, 'home'), env: { SCOPEON_HOME: own } });
  const call = (name: string, args: Record<string, unknown>) => client.callTool({ name, arguments: args });
  const listed = (await call('list_sessions', { limit: 2 })).structuredContent as
    | { sessions: readonly { session_id: string }[] }
    | undefined;
  const sessions = listed?.sessions.map((session) => session.session_id) ?? [];
  const { tools } = await client.listTools();
  const { pid } = client.transport as StdioClientTransport; // as connectClient made it
  console.log(`${'tool'.padEnd(30)}   first  median     p95    work     bytes   list entry`);
  for (const tool of tools) {
    const args = argumentsOf(tool.name, sessions);
    const times: number[] = [];
    let bytes = 0;
    let workedAtFirst = 0;
    for (let i = 0; i <= Number(values.calls); i++) {
      if (i === 1) workedAtFirst = workedMs(pid);
      const began = performance.now();
      const answer = await call(tool.name, args);
      times.push(performance.now() - began);
      if (answer.isError === true) {
        process.exitCode = 1;
        console.log(`${tool.name} failed: ${JSON.stringify(answer.content)}`);
      }
      bytes = Buffer.byteLength(JSON.stringify(answer.structuredContent));
    }
    const [first = 0, ...later] = times;
    later.sort((a, b) => a - b);
    const at = (share: number): number => later[Math.min(later.length - 1, Math.floor(later.length * share))] ?? 0;
    const work = (workedMs(pid) - workedAtFirst) / later.length;
    const cells = [first, at(0.5), at(0.95), work].map((ms) => ms.toFixed(1).padStart(7)).join(' ');
    const entry = Buffer.byteLength(JSON.stringify(tool));
    console.log(`${tool.name.padEnd(30)} ${cells} ${String(bytes).padStart(9)} ${String(entry).padStart(12)}`);
  }
  await client.close();
}

/** How long the server's main thread has been on a processor, in ms. Where there is no /proc: NaN. */
function workedMs(pid: number | null): number {
  try {
    return Number(readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
  } catch {
    return Number.NaN;
  }
}
