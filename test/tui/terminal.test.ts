import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const hasTmux = process.platform !== 'win32' && spawnSync('tmux', ['-V']).status === 0;
if (!hasTmux) console.warn('skipped: the real-terminal test of the live view needs tmux, which is not installed');

/** The program in a terminal of its own, seen as a person sees it. */
describe.skipIf(!hasTmux)('in a real terminal', () => {
  let home: string;
  let socket: string;
  let turn = 0;

  beforeAll(() => {
    execFileSync(process.execPath, ['scripts/build.mjs'], { cwd: root });
    home = mkdtempSync(join(tmpdir(), 'scopeon-terminal-'));
    socket = join(home, 'tmux');
    mkdirSync(join(home, 'claude', 'projects', 'shop'), { recursive: true });
    appendTurn();
    const env = `env -i PATH="$PATH" TERM="$TERM" HOME='${home}' TZ=UTC LANG=C.UTF-8 PS1='ready> '`;
    tmux('new-session', '-d', '-s', 'view', '-x', '120', '-y', '40', `${env} sh -i`);
    tmux('set-option', '-g', 'remain-on-exit', 'on');
  }, 120_000);

  afterAll(() => {
    if (socket !== undefined) spawnSync('tmux', ['-S', socket, 'kill-server']);
    if (home !== undefined) rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  });

  const tmux = (...words: readonly string[]): string =>
    execFileSync('tmux', ['-S', socket, '-f', '/dev/null', '-u', ...words], { encoding: 'utf8' });
  const screen = (): string => tmux('capture-pane', '-p', '-t', 'view');
  const flags = (): string =>
    tmux('display-message', '-p', '-t', 'view', '#{alternate_on} #{cursor_flag} #{wrap_flag}').trim();
  const type = (...keys: readonly string[]): string => tmux('send-keys', '-t', 'view', ...keys);

  /** A response of an agent: 100,000 tokens of output at a price known to the built-in list. */
  function appendTurn(): void {
    turn++;
    const usage = {
      input_tokens: 10,
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 20_000,
      output_tokens: 100_000,
    };
    const message = {
      id: `msg_${turn}`,
      type: 'message',
      role: 'assistant',
      model: 'claude-opus-4-5-20251101',
      content: [{ type: 'text', text: 'CANARY' }],
      stop_reason: 'end_turn',
      usage,
    };
    const record = {
      type: 'assistant',
      uuid: `uuid-${turn}`,
      parentUuid: null,
      isSidechain: false,
      cwd: join(home, 'shop'),
      gitBranch: 'main',
      version: '2.1.0',
      sessionId: '00000000-0000-4000-8000-000000000001',
      requestId: `req_${turn}`,
      timestamp: new Date().toISOString(),
      message,
    };
    appendFileSync(join(home, 'claude', 'projects', 'shop', 'session.jsonl'), `${JSON.stringify(record)}\n`);
  }

  function start(): void {
    const variables = `CLAUDE_CONFIG_DIR='${home}/claude' SCOPEON_HOME='${home}/.scopeon'`;
    type(`clear; ${variables} '${process.execPath}' '${root}/bin/scopeon.js' start; echo "code=$?"`, 'Enter');
  }

  async function until(what: string, holds: () => boolean, withinMs: number): Promise<number> {
    const began = performance.now();
    while (performance.now() - began < withinMs) {
      if (holds()) return performance.now() - began;
      await new Promise((done) => setTimeout(done, 100));
    }
    throw new Error(`not within ${withinMs} ms: ${what}\n${screen()}`);
  }

  test('a new line changes the figures, resizing is safe, and q gives the terminal back', async () => {
    start();
    await until('the dashboard is there', () => /2 Sessions/.test(screen()), 20_000);
    type('2');
    await until('the session is listed', () => /▌● shop/.test(screen()), 20_000);
    await until('and watched', () => /watching/.test(screen()), 20_000);
    expect(flags()).toBe('1 0 0');
    expect(screen()).toMatch(/today \$2\.51 /);
    appendTurn();
    await until(
      'the second turn is counted',
      () => /today \$5\.02 /.test(screen()) && /shop .* 2 +\$5\.02/.test(screen()),
      4_000,
    );

    for (const [columns, rows] of [
      [60, 20],
      [20, 4],
      [150, 30],
      [80, 24],
    ] as const) {
      tmux('resize-window', '-t', 'view', '-x', String(columns), '-y', String(rows));
      const isDrawn = (): boolean => {
        const text = screen();
        if (columns < 24) return /^scopeon: too small/.test(text);
        return text.trimEnd().split('\n').length === rows && /q quit/.test(text) && text.split('scopeon').length === 2;
      };
      await until(`drawn at ${columns}×${rows}`, isDrawn, 3_000);
    }

    type('?');
    await until('help', () => /Everywhere/.test(screen()), 20_000);
    type('?', 'q');
    await until('the prompt is back', () => /code=0\nready>/.test(screen()), 20_000);
    expect(flags()).toBe('0 1 1');
  }, 90_000);

  test('Ctrl-C ends it just as cleanly, and a signal with its own code', async () => {
    start();
    await until('the session is listed', () => /shop/.test(screen()) && /q quit/.test(screen()), 20_000);
    type('C-c');
    await until('the prompt is back', () => /code=0\nready>/.test(screen()), 20_000);
    expect(flags()).toBe('0 1 1');

    start();
    await until('the session is listed', () => /shop/.test(screen()) && /q quit/.test(screen()), 20_000);
    const pid = Number(tmux('display-message', '-p', '-t', 'view', '#{pane_pid}'));
    const child = Number(
      execFileSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' })
        .trim()
        .split('\n')[0],
    );
    process.kill(child, 'SIGTERM');
    await until('the prompt is back', () => /code=143\nready>/.test(screen()), 20_000);
    expect(flags()).toBe('0 1 1');
  }, 90_000);
});

test('without a terminal it prints a page and ends well, also without any logs', () => {
  execFileSync(process.execPath, ['scripts/build.mjs'], { cwd: root });
  const home = mkdtempSync(join(tmpdir(), 'scopeon-plain-'));
  try {
    const env = {
      PATH: process.env.PATH ?? '',
      HOME: home,
      USERPROFILE: home,
      SCOPEON_HOME: join(home, '.scopeon'),
      CLAUDE_CONFIG_DIR: join(home, 'claude'),
    };
    const result = spawnSync(process.execPath, [`${root}/bin/scopeon.js`, 'start'], { env, encoding: 'utf8' });
    expect(result.stdout).toContain(join(home, 'claude', 'projects'));
    expect(result.stdout).toContain('scopeon demo');
    expect(result.stderr).toBe('');
    expect(result.status).toBe(0);
    expect(result.stdout).not.toContain('\u001b');
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}, 60_000);
