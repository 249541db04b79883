import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openFile } from '../../src/store/driver.ts';
import { storedProviders } from '../../src/store/providers.ts';
import { run } from '../helpers/bin.ts';
import { createHouse, type House } from '../helpers/house.ts';

let house: House;
beforeEach(async () => {
  house = await createHouse();
  const log = join(house.home, '.claude/projects/-srv-shop/s1.jsonl');
  mkdirSync(dirname(log), { recursive: true });
  writeFileSync(
    log,
    `${JSON.stringify({
      type: 'assistant',
      timestamp: '2026-04-10T10:00:00.000Z',
      message: { id: 'msg_1', model: 'claude-opus-4-6', content: [], usage: { input_tokens: 3, output_tokens: 4 } },
    })}\n`,
  );
});
afterEach(() => house.remove());

function stored() {
  const db = openFile(house.store.db, { readonly: true });
  try {
    return new Map(storedProviders(db).map((provider) => [provider.id, provider]));
  } finally {
    db.close();
  }
}

it('the store tells of every provider, where its logs were looked for and what they hold', async () => {
  await house.read();
  expect(stored().get('claude-code')).toMatchObject({
    title: 'Claude Code',
    enabled: true,
    failure: null,
    quietSince: null,
    capabilities: { mcp_identity: { level: 'exact', note: null }, interaction_tokens: { level: 'estimated' } },
    roots: expect.arrayContaining([
      { root: join(house.home, '.claude/projects'), exists: true },
      { root: join(house.home, '.config/claude/projects'), exists: false },
    ]),
  });
});

it('a provider that is left out is told as such, also when nothing else is new', async () => {
  await house.read();
  const env = { SCOPEON_PROVIDERS_ENABLED: 'nobody' };
  expect((await run(['status'], { home: house.home, env })).code).toBe(0);
  const roots = expect.arrayContaining([{ root: join(house.home, '.claude/projects'), exists: true }]);
  expect(stored().get('claude-code')).toMatchObject({ enabled: false, roots });
});

it('a command line without logs shows that its agent is here, and is not read', async () => {
  const transcript = join(house.home, '.cursor/projects/shop/agent-transcripts/a.jsonl');
  mkdirSync(dirname(transcript), { recursive: true });
  writeFileSync(transcript, '{"role":"user","message":"CANARY"}\n');
  await house.read();
  const cursor = stored().get('cursor');
  expect(cursor?.signs.filter((sign) => sign.exists)).toEqual([
    { path: join(house.home, '.cursor/projects'), what: 'transcripts of its command line', exists: true },
  ]);
  expect(cursor?.unrecorded).toContain('not recorded locally');
  const { stdout } = await run(['providers'], { home: house.home });
  expect(stdout).toMatch(/cursor +0 +0 +0/);
  expect(stdout).toContain('~/.cursor/projects (transcripts of its command line: not read)');
});

it.each([
  ['capabilities', 'no JSON'],
  ['capabilities', '{"skills":{"level":"exact","note":null}}'],
  ['capabilities', '17'],
  ['capabilities', 'null'],
  ['roots', '[{"root":7,"exists":true}]'],
  ['roots', '{}'],
  ['roots', ''],
])(
  'a damaged row (%s: %s) is told as one, stops nobody, and is written anew by the next reading',
  async (column, value) => {
    await house.read();
    const before = stored();
    const db = openFile(house.store.db);
    db.prepare(`UPDATE provider SET ${column} = ? WHERE id = 'codex'`).run(value);
    db.close();
    const damaged = stored();
    expect(damaged.get('codex')).toMatchObject({
      title: 'Codex',
      roots: [],
      failure: 'what the database says of codex is damaged; the next report that reads logs mends it',
    });
    expect(damaged.get('claude-code')).toEqual(before.get('claude-code'));
    const env = { SCOPEON_HOME: join(house.path, 'scopeon') };
    const { code, stdout, stderr } = await run(['providers', '--no-ingest'], { home: house.home, env });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.replace(/\s+/g, ' ')).toContain('what the database says of codex is damaged');
    (await house.catchUp()).db?.close();
    expect(stored()).toEqual(before);
  },
);
