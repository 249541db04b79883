import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { ListRootsRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeLogs, writeLogs } from '../helpers/made-logs.ts';
import { madeHome } from '../serve/server.ts';
import { connectClient, type Start } from './client.ts';

// Three sessions in projects of their own; which is whose follows from what a client hands over.
let home: string;
const now = Date.now();
const logs = makeLogs({
  starts: [now - 400_000_000, now - 300_000_000, now - 200_000_000, now - 100_000_000],
  turnsPerSession: 8,
});
beforeAll(() => {
  home = madeHome();
  writeLogs(home, logs);
});
afterAll(() => rmSync(join(home, '..'), { recursive: true, force: true, maxRetries: 5 }));

const newest = logs.turns.toSorted((a, b) => b.at - a.at)[0];
const others = logs.turns.filter((turn) => turn.project !== newest?.project);
const ofOther = others.toSorted((a, b) => b.at - a.at)[0];

async function usageSeenBy(start: Omit<Start, 'home'>, client?: Client) {
  const connected = await connectClient({ home, ...start }, client);
  if (client !== undefined) await new Promise((resolve) => setTimeout(resolve, 300)); // roots are asked for after the handshake
  const ask = async () => (await connected.callTool({ name: 'get_token_usage', arguments: {} })).structuredContent;
  await expect.poll(ask, { timeout: 30_000 }).toBeDefined(); // a first reading may take longer than one call waits
  const seen = await ask();
  await connected.close();
  return seen;
}

it('without a project of its own, a client is told of the newest session of the machine', async () => {
  expect(await usageSeenBy({})).toMatchObject({ session_id: newest?.session, matched: 'machine' });
});

it('the session a client names is its own, whatever is newer', async () => {
  const oldest = logs.turns[0]?.session ?? '';
  const named = new Client({ name: 'claude-code', version: '1' }, { capabilities: {} });
  expect(await usageSeenBy({ env: { CLAUDE_CODE_SESSION_ID: oldest } }, named)).toMatchObject({
    session_id: oldest,
    matched: 'client',
  });
});

it('another client that only inherits the name of a session is not taken for it', async () => {
  const oldest = logs.turns[0]?.session ?? '';
  const other = new Client({ name: 'codex-mcp-client', version: '1' }, { capabilities: {} });
  expect(await usageSeenBy({ env: { CLAUDE_CODE_SESSION_ID: oldest } }, other)).toMatchObject({ matched: 'machine' });
});

it('the folder a client names leads to the newest session of its project, not of the machine (W-28)', async () => {
  expect(await usageSeenBy({ env: { CLAUDE_PROJECT_DIR: `/home/dev/${ofOther?.project}/src/deep` } })).toMatchObject({
    session_id: ofOther?.session,
    matched: 'project',
  });
});

it('roots a client offers lead there too, before where it was started', async () => {
  const client = new Client({ name: 'with roots', version: '1' }, { capabilities: { roots: {} } });
  client.setRequestHandler(ListRootsRequestSchema, () => ({
    roots: [{ uri: `file:///home/dev/${ofOther?.project}` }],
  }));
  const elsewhere = join(home, 'elsewhere');
  mkdirSync(elsewhere);
  expect(await usageSeenBy({ cwd: elsewhere }, client)).toMatchObject({
    session_id: ofOther?.session,
    matched: 'project',
  });
});
