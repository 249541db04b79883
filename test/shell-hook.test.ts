import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { hookText, type Shell, shells, withHook, withoutHook } from '../src/shell-hook.ts';
import { run } from './helpers/bin.ts';
import { until } from './helpers/collector.ts';

vi.setConfig({ testTimeout: 60_000 });

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'scopeon-shell-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true, maxRetries: 5 }));

describe('the file a shell starts with', () => {
  test.each([
    ['', undefined],
    ['alias l=ls\n', 'alias l=ls\n'],
    ['alias l=ls\n\n', 'alias l=ls\n\n'],
    ['alias l=ls', 'alias l=ls\n'], // its last line gets an end
  ])('gets the hook once, the newest, and loses it again: %j', (text, left) => {
    const once = withHook(text, 'old\n');
    const again = withHook(once, 'new\nlines\n');
    expect(again).toBe(once.replace('old\n', 'new\nlines\n'));
    expect(again.split('>>> scopeon')).toHaveLength(2);
    expect(withoutHook({ path: '', before: again }).after).toBe(left);
  });

  test('keeps what came after it, and stays as it is where there is none', () => {
    const later = `${withHook('alias l=ls\n', 'hook\n')}alias m=more\n`;
    expect(withHook(later, 'hook\n')).toBe(later);
    expect(withoutHook({ path: '', before: later }).after).toBe('alias l=ls\nalias m=more\n');
    expect(withoutHook({ path: '', before: 'alias l=ls\n' }).after).toBe('alias l=ls\n');
    expect(withoutHook({ path: '', before: undefined }).after).toBeUndefined();
  });

  test('is refused where the hook has lost its end', () => {
    const cut = withHook('', 'hook\n').replace('# <<<', '# <');
    expect(() => withHook(cut, 'hook\n')).toThrow(/not the one that ends it/);
    expect(() => withoutHook({ path: '', before: cut })).toThrow(/not the one that ends it/);
  });
});

/** Two prompts after a command that failed with 3, and what is then known. */
const scripts: Readonly<Record<Shell, string>> = {
  bash: '(exit 3); __scopeon_prompt; c=$?; __scopeon_prompt; eval "d=\\"$PS1\\""; printf "%s|%s|%s" "$c" "$SCOPEON_STATUS" "$d"',
  zsh: '__scopeon_prompt; __scopeon_prompt; printf "3|%s|" "$SCOPEON_STATUS"; print -nP "$PROMPT"',
  fish: 'emit fish_prompt; emit fish_prompt; printf "3|%s|%s" "$SCOPEON_STATUS" (fish_right_prompt)',
};

for (const shell of shells) {
  const has = process.platform !== 'win32' && spawnSync(shell, ['-c', 'true']).status === 0;
  if (!has) console.warn(`skipped: the prompt of ${shell}, which is not installed`);

  describe.skipIf(!has)(`before each prompt ${shell}`, () => {
    /** A program in the place of ours that writes down what it is asked, in a folder with a name that has to be quoted. */
    function prompt(text: string | undefined, ageSecs = 0): readonly string[] {
      const folder = join(home, "it's a \\ $HOME");
      mkdirSync(folder, { recursive: true });
      const program = join(folder, 'ask');
      writeFileSync(program, `#!/bin/sh\necho "$@" >> '${join(home, 'asked')}'\n`);
      chmodSync(program, 0o755);
      const statusFile = join(folder, 'status');
      if (text !== undefined) writeFileSync(statusFile, `${text}\n${Math.floor(Date.now() / 1_000) - ageSecs}\n`);
      const hook = join(home, 'hook');
      writeFileSync(hook, hookText(shell, { command: [program], statusFile }));
      const words = shell === 'fish' ? ['--no-config'] : shell === 'zsh' ? ['-f'] : ['--norc', '--noprofile'];
      const source = `. '${hook}'\n${scripts[shell]}`;
      const { stdout } = spawnSync(shell, [...words, '-i', '-c', source], {
        encoding: 'utf8',
        env: { PATH: process.env.PATH, HOME: home, TERM: 'dumb', LANG: 'C.UTF-8' },
      });
      return stdout.slice(stdout.indexOf('3|')).split('|');
    }

    test('has the line that is kept, in the prompt too, and the exit code of before; it asks once', async () => {
      const [code, status, drawn] = prompt('⬡85 12% $4.12 $(touch x) %n \\u');
      expect(code).toBe('3');
      expect(status).toBe('⬡85 12% $4.12 $(touch x) %n \\u');
      expect(drawn).toContain('⬡85 12% $4.12 $(touch x) %n \\u');
      const asked = (): string => (existsSync(join(home, 'asked')) ? readFileSync(join(home, 'asked'), 'utf8') : '');
      await until(() => asked() !== ''); // it is there before anything stands in it
      expect(asked()).toBe('shell-status\n');
      expect(existsSync(join(home, 'x'))).toBe(false);
    });

    test('shows no line that is old, none that is not there, and nothing of a file that is something else', () => {
      expect(prompt('⬡85', 400)[1]).toBe('');
      expect(prompt(undefined)[1]).toBe('');
      expect(prompt('⬡85\nno time')[1]).toBe('');
    });
  });
}

test('scopeon shell-status has the line and keeps it; without data it is empty and no failure', async () => {
  const own = join(home, 'scopeon');
  const logs = join(home, 'user', '.claude', 'projects', 'shop');
  expect(await run(['shell-status'], { home: join(home, 'user') })).toEqual({ code: 0, stdout: '', stderr: '' });
  mkdirSync(logs, { recursive: true });
  const record = {
    type: 'assistant',
    uuid: 'u1',
    sessionId: '00000000-0000-4000-8000-000000000001',
    requestId: 'r1',
    cwd: '/home/me/shop',
    version: '2.1.0',
    timestamp: new Date().toISOString(),
    message: {
      id: 'm1',
      role: 'assistant',
      model: 'claude-opus-4-5-20251101',
      content: [{ type: 'text', text: 'CANARY' }],
      usage: {
        input_tokens: 10,
        cache_creation_input_tokens: 0,
        cache_read_input_tokens: 20_000,
        output_tokens: 100_000,
      },
    },
  };
  writeFileSync(join(logs, '00000000-0000-4000-8000-000000000001.jsonl'), `${JSON.stringify(record)}\n`);
  // The first reading is not for what runs behind a prompt.
  expect((await run(['shell-status'], { home: join(home, 'user') })).stdout).toBe('');
  expect((await run(['status', '--json'], { home: join(home, 'user') })).code).toBe(0);
  const { code, stdout, stderr } = await run(['shell-status'], { home: join(home, 'user') });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/^⬡\d+ \d+% \$2\.51\n$/);
  const [line, at] = readFileSync(join(own, 'status'), 'utf8').split('\n');
  expect(line).toBe(stdout.trim());
  expect(Math.abs(Number(at) - Date.now() / 1_000)).toBeLessThan(600);
});

test('scopeon shell-hook prints, shows what it would change, installs and takes out', async () => {
  const user = join(home, 'user');
  mkdirSync(user);
  const file = join(user, '.bashrc');
  writeFileSync(file, 'alias l=ls\n');
  const hook = (...words: readonly string[]) => run(['shell-hook', '--shell', 'bash', ...words], { home: user });
  const printed = (await hook()).stdout;
  expect(printed).toContain('__scopeon_prompt');
  const dry = (await hook('--install', '--dry-run')).stdout;
  expect(dry).toContain(`${file} would change:\n+ \n+ # >>> scopeon`);
  expect(readFileSync(file, 'utf8')).toBe('alias l=ls\n');
  expect((await hook('--install')).stdout).toContain(`Written to ${file}.`);
  expect(readFileSync(file, 'utf8')).toContain(printed);
  expect((await hook('--install')).stdout).toContain('has it already');
  expect((await hook('--remove')).stdout).toContain(`Taken out of ${file}.`);
  expect(readFileSync(file, 'utf8')).toBe('alias l=ls\n');
  expect(await run(['shell-hook', '--shell', 'tcsh'], { home: user })).toMatchObject({ code: 2 });
});
