import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { run } from '../helpers/bin.ts';

// Many processes: on a machine that has much else to do they take their time.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let home: string;
beforeEach(() => {
  home = join(mkdtempSync(join(tmpdir(), 'scopeon-init-')), 'home');
  mkdirSync(home);
});
afterEach(() => rmSync(join(home, '..'), { recursive: true, force: true }));

const clients = [
  ['claude', '.claude.json', '{\r\n\t"numStartups": 3,\r\n\t"mcpServers": { "other": { "command": "x" } }\r\n}\r\n'],
  ['copilot', '.copilot/mcp-config.json', '{"mcpServers":{}}'],
  [
    'codex',
    '.codex/config.toml',
    '# mine\nmodel = "x" # keep\n\n[mcp_servers.other]\ncommand = "y"\n[profiles.a]\nmodel = "z"',
  ],
  ['gemini', '.gemini/settings.json', '{\n  // why\n  "ui": { "theme": "Ä" },\n}\n'],
  ['cursor', '.cursor/mcp.json', '{ "mcpServers": { "a": 1, } }\n'],
  ['claude', '.claude.json', '{\n    "mcpServers": {},\n    "tips": { "a": [1,2] }\n}'],
  ['claude', '.claude.json', '{\n  "mcpServers": {\n    "a": { "env": {"K":"v"} }\n  }\n}\n'],
  ['vscode', '.config/Code/User/mcp.json', '\uFEFF{ "servers": {}, "inputs": [] }\n'],
] as const;

function put(path: string, text: string): string {
  const file = join(home, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text, { mode: 0o640 });
  chmodSync(file, 0o640);
  return file;
}

/** Is one text the other with something put in at a single place? */
function isInserted(text: string, into: string): boolean {
  let head = 0;
  while (head < text.length && text[head] === into[head]) head++;
  let tail = 0;
  while (tail < text.length && text.at(-1 - tail) === into.at(-1 - tail)) tail++;
  return into.length > text.length && head + tail >= text.length;
}

describe.each(clients)('%s', (client, path, text) => {
  it('is registered where it reads, keeps all else, and is taken out to the byte', async () => {
    const file = put(path, text);
    const dry = await run(['init', '--client', client, '--dry-run'], { home });
    expect(dry).toMatchObject({ code: 0 });
    expect(dry.stdout).toMatch(/^\+ .*scopeon/m);
    expect(readFileSync(file, 'utf8')).toBe(text);

    const done = await run(['init', '--client', client], { home });
    expect(done, done.stderr).toMatchObject({ code: 0 });
    expect(done.stdout).toContain('The server was started and answers.');
    const after = readFileSync(file, 'utf8');
    expect(after).toContain('bin/scopeon.js');
    expect(statSync(file).mode & 0o777).toBe(0o640);
    expect(isInserted(text, after)).toBe(true);
    expect(readFileSync(`${file}.scopeon-1.bak`, 'utf8')).toBe(text);

    const again = await run(['init', '--client', client], { home });
    expect(again.stdout).toContain('has it already');
    expect(readFileSync(file, 'utf8')).toBe(after);

    expect(await run(['init', '--client', client, '--remove'], { home })).toMatchObject({ code: 0 });
    expect(readFileSync(file, 'utf8')).toBe(text);
    expect(await run(['init', '--client', client, '--remove'], { home })).toMatchObject({ code: 0 });
    expect(readFileSync(file, 'utf8')).toBe(text);
  });
});

it('a file that was not there goes again, and one changed meanwhile loses the entry alone', async () => {
  await run(['init', '--client', 'gemini'], { home });
  const file = join(home, '.gemini/settings.json');
  expect(JSON.parse(readFileSync(file, 'utf8')).mcpServers.scopeon.args[1]).toBe('mcp');
  await run(['init', '--client', 'gemini', '--remove'], { home });
  expect(readdirSync(dirname(file)).filter((name) => name === 'settings.json')).toEqual([]);
  await run(['init', '--client', 'gemini'], { home });
  const settings = JSON.parse(readFileSync(file, 'utf8'));
  writeFileSync(file, JSON.stringify({ ...settings, later: true }));
  await run(['init', '--client', 'gemini', '--remove'], { home });
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ mcpServers: {}, later: true });
});

it('a link stays one, and what it leads to is written', async () => {
  const real = put('dotfiles/claude.json', '{}\n');
  symlinkSync(real, join(home, '.claude.json'));
  expect(await run(['init'], { home })).toMatchObject({ code: 0 });
  expect(lstatSync(join(home, '.claude.json')).isSymbolicLink()).toBe(true);
  expect(JSON.parse(readFileSync(real, 'utf8')).mcpServers.scopeon.type).toBe('stdio');
});

it('comments beside the entry stay when it is taken out of a file that was changed since', async () => {
  const file = put(
    '.gemini/settings.json',
    '{\n  "mcpServers": {\n    // the tracker\n    "tracker": { "command": "x" } // CANARY 1\n    // CANARY 2\n  }\n}\n',
  );
  await run(['init', '--client', 'gemini'], { home });
  const registered = readFileSync(file, 'utf8').replace('"tracker"', '"renamed"');
  writeFileSync(file, registered.replace('"scopeon"', '/* CANARY 3 */\n    "scopeon"'));
  await run(['init', '--client', 'gemini', '--remove'], { home });
  const left = readFileSync(file, 'utf8');
  expect(left).not.toContain('scopeon');
  for (const comment of ['// the tracker', 'CANARY 1', 'CANARY 2', 'CANARY 3']) expect(left).toContain(comment);
  expect(await run(['init', '--client', 'gemini', '--dry-run'], { home })).toMatchObject({ code: 0 }); // it still parses

  const toml = put(
    '.codex/config.toml',
    'a = 1 # CANARY 5\n\n[mcp_servers.scopeon]\n# ours\ncommand = "x"\nargs = [\n  "y",\n]\n\n# CANARY 6\n[mcp_servers.other]\ncommand = "z"\n',
  );
  expect(await run(['init', '--client', 'codex', '--remove'], { home })).toMatchObject({ code: 0 });
  expect(readFileSync(toml, 'utf8')).toBe('a = 1 # CANARY 5\n\n# CANARY 6\n[mcp_servers.other]\ncommand = "z"\n');
  writeFileSync(toml, '[mcp_servers.scopeon]\ncommand = "x"\n\n# CANARY 7\n');
  await run(['init', '--client', 'codex', '--remove'], { home });
  expect(readFileSync(toml, 'utf8')).toContain('# CANARY 7');

  writeFileSync(file, '{"mcpServers":{"scopeon":{"command":"x"}, // CANARY 4\n"tracker":{"command":"y"}},"n":1}');
  await run(['init', '--client', 'gemini', '--remove'], { home });
  expect(readFileSync(file, 'utf8')).toBe('{"mcpServers":{ // CANARY 4\n"tracker":{"command":"y"}},"n":1}');
  writeFileSync(file, '{"mcpServers":{"tracker":{"command":"y"}, "scopeon":{"command":"x"}},"n":1}');
  await run(['init', '--client', 'gemini', '--remove'], { home });
  expect(readFileSync(file, 'utf8')).toBe('{"mcpServers":{"tracker":{"command":"y"}},"n":1}');
});

it('a dry run shows the entry and nothing else, though the file is one line or the entry was changed', async () => {
  const file = put('.claude.json', '{"apiKey":"CANARY","mcpServers":{"other":{"command":"CANARY"}},"oauth":"CANARY"}');
  const dry = await run(['init', '--dry-run'], { home });
  expect(dry.stdout).toMatch(/would change, at "mcpServers":\n\+ {3}"scopeon": \{\n/);
  expect(dry.stdout + dry.stderr).not.toContain('CANARY');
  writeFileSync(
    file,
    '{"apiKey":"CANARY","mcpServers":{"scopeon":{"command":"mine","env":{"KEY":"CANARY"},"headers":{"a":"CANARY"}}}}',
  );
  for (const more of [[], ['--remove']]) {
    const { stdout, stderr } = await run(['init', '--dry-run', ...more], { home });
    expect(stdout).toMatch(/^- .*"command": "mine"/m);
    expect(stdout).toContain('"KEY": "…"');
    expect(stdout + stderr).not.toContain('CANARY');
  }
  const toml = put('.codex/config.toml', 'mine = "CANARY" # [mcp_servers.scopeon]\n');
  expect((await run(['init', '--client', 'codex', '--dry-run'], { home })).stdout).not.toContain('CANARY');
  expect(readFileSync(toml, 'utf8')).toContain('CANARY');
});

it('a link that leads to nothing yet stays one, and so it is after removal', async () => {
  const link = join(home, '.claude.json');
  symlinkSync(join('dotfiles', 'claude.json'), link);
  expect(await run(['init'], { home })).toMatchObject({ code: 0 });
  expect(lstatSync(link).isSymbolicLink()).toBe(true);
  expect(readFileSync(join(home, 'dotfiles', 'claude.json'), 'utf8')).toContain('"scopeon"');
  expect(await run(['init', '--remove'], { home })).toMatchObject({ code: 0 });
  expect(lstatSync(link).isSymbolicLink()).toBe(true);
  expect(readdirSync(join(home, 'dotfiles'))).toEqual([]);
  rmSync(link);
  symlinkSync('.claude.json', link);
  const circle = await run(['init'], { home });
  expect(circle).toMatchObject({ code: 1 });
  expect(circle.stderr).toContain('ELOOP');
});

it('a client that hands on nothing is told where the logs are; the old location is written when asked for', async () => {
  const env = { CLAUDE_CONFIG_DIR: `${join(home, 'claude')},work`, CODEX_HOME: join(home, 'codex') };
  await run(['init', '--client', 'codex'], { home, env });
  const entry = readFileSync(join(home, 'codex', 'config.toml'), 'utf8');
  expect(entry).toContain(`CLAUDE_CONFIG_DIR = "${join(home, 'claude')},${join(home, 'work')}"`);
  expect(await run(['init', '--old-location'], { home, env })).toMatchObject({ code: 0 });
  const settings = join(home, 'claude', 'settings.json');
  expect(JSON.parse(readFileSync(settings, 'utf8')).mcpServers.scopeon.args[1]).toBe('mcp');
  expect(await run(['init', '--old-location', '--remove'], { home, env })).toMatchObject({ code: 0 });
  expect(readdirSync(dirname(settings)).filter((name) => !name.endsWith('.bak'))).toEqual([]);
  expect(await run(['init', '--client', 'gemini', '--old-location'], { home })).toMatchObject({ code: 2 });
});

it.each([
  ['claude', '.claude.json', '{ "a": ', 'is not valid JSON'],
  ['claude', '.claude.json', '[]', 'is not a JSON object'],
  ['claude', '.claude.json', '{ "mcpServers": [] }', 'has a "mcpServers" that is not an object'],
  ['codex', '.codex/config.toml', 'a = ', 'is not valid TOML'],
  ['codex', '.codex/config.toml', 'mcp_servers = 3', 'has a "mcp_servers" that is not a table'],
])('%s: %s that is %s is left alone with a clear error', async (client, path, text, message) => {
  const file = put(path, text);
  const outcome = await run(['init', '--client', client], { home });
  expect(outcome).toMatchObject({ code: 1 });
  expect(outcome.stderr).toContain(message);
  expect(readFileSync(file, 'utf8')).toBe(text);
  expect(readdirSync(dirname(file)).filter((name) => name.endsWith('.bak'))).toEqual([]);
});

it.each([
  [
    'a table with brackets in its name after it',
    '[mcp_servers.scopeon]\ncommand = "old"\n\n[projects."/home/u/[id]"]\ntrust_level = "trusted"\n',
  ],
  [
    'text that looks like it',
    'note = """\n[mcp_servers.scopeon]\nfoo\n[other]\n"""\n[mcp_servers.scopeon]\ncommand = "old"\n',
  ],
  ['servers written inline', 'mcp_servers = { a = { command = "x" } }\n'],
])('codex: %s is kept, or the file is left alone with a clear error', async (_what, text) => {
  const file = put('.codex/config.toml', text);
  const { code, stderr } = await run(['init', '--client', 'codex'], { home });
  const after = readFileSync(file, 'utf8');
  if (code === 0) {
    expect(after).toContain('trusted');
    return;
  }
  expect(code).toBe(1);
  expect(stderr).toContain('only you can edit');
  expect(after).toBe(text);
});

it('taken out after having been registered twice, nothing of it is left', async () => {
  const file = put('.claude.json', '{ "n": 1 }\n');
  await run(['init'], { home });
  await run(['init'], { home, env: { SCOPEON_HOME: join(home, 'elsewhere') } });
  await run(['init', '--remove'], { home });
  expect(readFileSync(file, 'utf8')).toBe('{ "n": 1 }\n');
});

it('knows its clients, honours their homes, and is also called init-copilot', async () => {
  const outcome = await run(['init', '--client', 'emacs'], { home });
  expect(outcome).toMatchObject({ code: 2 });
  expect(outcome.stderr).toContain('claude, codex, copilot, cursor, gemini, vscode');
  const elsewhere = join(home, 'copilot');
  expect(await run(['init-copilot'], { home, env: { COPILOT_HOME: elsewhere } })).toMatchObject({ code: 0 });
  expect(JSON.parse(readFileSync(join(elsewhere, 'mcp-config.json'), 'utf8')).mcpServers.scopeon).toMatchObject({
    type: 'local',
    tools: ['*'],
  });
});
