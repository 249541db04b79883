import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { providersSchema } from '../../src/report/provider-schema.ts';
import { run } from '../helpers/bin.ts';

const work = realpathSync(mkdtempSync(join(tmpdir(), 'scopeon-providers-')));
afterAll(() => rmSync(work, { recursive: true, force: true }));

const line = `${JSON.stringify({
  type: 'assistant',
  timestamp: '2026-04-10T10:00:00.000Z',
  message: { id: 'msg_1', model: 'claude-opus-4-6', content: [], usage: { input_tokens: 3, output_tokens: 4 } },
})}\n`;

let homes = 0;
function makeHome(folder = '.claude'): string {
  const home = join(work, String(homes++), 'home');
  mkdirSync(join(home, folder, 'projects/x'), { recursive: true });
  writeFileSync(join(home, folder, 'projects/x/a.jsonl'), `${line}not json CANARY\n`);
  return home;
}

async function json(home: string, env: Record<string, string> = {}, args: readonly string[] = []) {
  const { code, stdout, stderr } = await run(['providers', '--json', ...args], { home, env });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const { providers } = providersSchema.parse(JSON.parse(stdout));
  return new Map(providers.map((provider) => [provider.id, provider]));
}

it('tells what is found, where it was looked for and what was skipped', async () => {
  const home = makeHome();
  expect((await json(home)).get('claude-code')).toMatchObject({
    enabled: true,
    found: true,
    files: 1,
    sessions: 1,
    turns: 1,
    records: 1,
    skipped: { invalid: 1, oversize: 0 },
    roots: expect.arrayContaining([
      { path: '~/.claude/projects', exists: true },
      { path: '~/.config/claude/projects', exists: false },
    ]),
  });
  const { code, stdout, stderr } = await run(['providers'], { home });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain('~/.claude/projects');
  expect(stdout).not.toContain(home);
  expect(stdout).toContain('1 invalid');
});

it.each([[[]], [['--no-ingest']]])('tells where it looked when nothing is there (%s)', async (args) => {
  const home = join(work, 'empty/home');
  const provider = (await json(home, {}, args)).get('claude-code');
  expect(provider).toMatchObject({ found: false, files: 0, turns: 0 });
  expect(provider?.roots?.length).toBeGreaterThan(0);
  expect((await run(['providers'], { home })).stdout).toContain('No agent’s logs were found.');
});

it('does not read what providers.enabled leaves out, and shows that', async () => {
  const home = makeHome();
  const env = { SCOPEON_PROVIDERS_ENABLED: 'aider' };
  expect((await json(home, env)).get('claude-code')).toMatchObject({ enabled: false, found: true, files: 0, turns: 0 });
  expect((await run(['providers'], { home, env })).stdout).toContain('claude-code (off)');
});

it('prints names of folders so that a terminal obeys none of them', async () => {
  const home = join(work, 'hostile/home');
  mkdirSync(home, { recursive: true });
  const folder = join(home, 'a\u001b[31m\nb\u202e');
  mkdirSync(join(folder, 'projects'), { recursive: true });
  const { code, stdout } = await run(['providers'], { home, env: { CLAUDE_CONFIG_DIR: folder } });
  expect(code).toBe(0);
  expect(stdout).toContain('\\x1b');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
  expect(stdout).not.toMatch(/[\u001b\u202e]/);
});
