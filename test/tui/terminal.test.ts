import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { currentHolder } from '../../src/store/lease.ts';
import { openReader } from '../../src/store/open.ts';
import { buildAll, hasTmux, openTerminal, program, type Terminal } from './terminal.ts';

const limitMs = 120_000;
beforeAll(buildAll, limitMs);

/** The program in a terminal of its own, seen as a person sees it. */
describe.skipIf(!hasTmux)('in a real terminal', () => {
  let terminal: Terminal;

  beforeAll(() => {
    terminal = openTerminal();
    terminal.appendTurn();
  });

  afterAll(() => terminal?.close());

  const isShown = (): boolean => /shop/.test(terminal.screen()) && /q quit/.test(terminal.screen());
  const isOver = (code: number) => (): boolean => new RegExp(`code=${code}\\nready>`).test(terminal.screen());

  async function startOnSessions(variables = ''): Promise<void> {
    const { start, until, typeUntil, screen } = terminal;
    start('start', variables);
    await until('the tabs are there', () => /2 Sessions/.test(screen()));
    await typeUntil('2', 'the session is listed', () => /▌● shop/.test(screen()));
  }

  test(
    'a first start welcomes once; a new line changes the figures, a storm of resizing is safe, q gives the terminal back',
    async () => {
      const { start, until, type, screen, tmux, flags } = terminal;
      start();
      await until('it welcomes', () => /Welcome to scopeon/.test(screen()));
      await until('what was found is told', () => /Claude Code +1 turn · 1 session/.test(screen()));
      type('Enter');
      await until('the dashboard is there', () => /2 Sessions/.test(screen()) && !/Welcome/.test(screen()));
      type('2');
      await until('the session is listed and watched', () => /▌● shop/.test(screen()) && /watching/.test(screen()));
      expect(flags()).toBe('1 0 0');
      expect(screen()).toMatch(/today \$2\.51 /);
      terminal.appendTurn();
      await until('the turn is counted', () => /today \$5\.02 /.test(screen()) && /shop .* 2 +\$5\.02/.test(screen()));

      const resize = (columns: number, rows: number): void =>
        void tmux('resize-window', '-t', 'view', '-x', String(columns), '-y', String(rows));
      for (let at = 0; at < 30; at++) resize(20 + ((at * 37) % 180), 3 + ((at * 11) % 50));
      for (const [columns, rows] of [
        [60, 20],
        [20, 4],
        [150, 30],
        [80, 24],
      ] as const) {
        resize(columns, rows);
        const isDrawn = (): boolean => {
          const text = screen();
          if (columns < 24) return /^scopeon: too small/.test(text);
          return (
            text.trimEnd().split('\n').length === rows && /q quit/.test(text) && text.split('scopeon').length === 2
          );
        };
        await until(`drawn at ${columns}×${rows}`, isDrawn);
      }

      type('?');
      await until('help', () => /Everywhere/.test(screen()));
      type('?', 'q');
      await until('the prompt is back', isOver(0));
      expect(flags()).toBe('0 1 1');
      resize(120, 40);

      start();
      await until('a second start goes straight on', isShown);
      expect(screen()).not.toContain('Welcome');
      type('C-c');
      await until('the prompt is back', isOver(0));
      expect(flags()).toBe('0 1 1');
    },
    limitMs,
  );

  test(
    'Ctrl-Z gives the terminal to the shell and fg takes it back, and so does the signal from elsewhere',
    async () => {
      const { until, type, screen, flags, pid } = terminal;
      await startOnSessions();
      for (const stop of [() => type('C-z'), () => process.kill(pid(), 'SIGTSTP')]) {
        stop();
        await until('the shell is there', () => /ready>/.test(screen()) && flags() === '0 1 1');
        type('fg', 'Enter');
        await until('it is drawn again', () => /▌● shop/.test(screen()) && /q quit/.test(screen()));
        expect(flags()).toBe('1 0 0');
        type('?');
        await until('and hears keys', () => /Everywhere/.test(screen()));
        type('?');
      }
      await until('help is gone', () => /▌● shop/.test(screen()));
      type('q');
      await until('the prompt is back', () => flags() === '0 1 1' && /ready>$/.test(screen().trimEnd()));
    },
    limitMs,
  );

  test.each([
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)(
    '%s ends it with the terminal given back and its own code',
    async (signal, code) => {
      const { until, flags, pid } = terminal;
      await startOnSessions();
      process.kill(pid(), signal);
      await until('the prompt is back', isOver(code));
      expect(flags()).toBe('0 1 1');
    },
    limitMs,
  );

  test.each([
    ['at work', false],
    ['stopped', true],
  ])(
    '%s when its terminal is gone, it ends and gives the lease back',
    async (_how, isStopped) => {
      const own = openTerminal();
      try {
        own.appendTurn();
        own.start();
        await own.until('it welcomes', () => /Welcome to scopeon/.test(own.screen()));
        const home = own.env.SCOPEON_HOME ?? '';
        await own.until('it reads', () => holderOf(home) !== undefined);
        const pid = own.pid();
        if (isStopped) {
          own.type('C-z');
          await own.until('the shell is there', () => /ready>/.test(own.screen()) && own.flags() === '0 1 1');
        }
        own.tmux('respawn-pane', '-k', '-t', 'view', 'cat');
        await own.until('it is over', () => !isRunning(pid));
        expect(holderOf(home)).toBeUndefined();
        expect(leaseRows(home)).toBe(0);
      } finally {
        own.close();
      }
    },
    limitMs,
  );

  test(
    'a crash gives the terminal back before it is told',
    async () => {
      const { home, until, screen, flags, pid } = terminal;
      const fault = join(home, 'fault.mjs');
      const text =
        "import { isMainThread } from 'node:worker_threads';\nif (isMainThread) process.on('SIGUSR2', () => { throw new Error('made to crash'); });\n";
      writeFileSync(fault, text);
      await startOnSessions(`NODE_OPTIONS='--import=file://${fault}'`);
      process.kill(pid(), 'SIGUSR2');
      await until('the prompt is back', isOver(1));
      expect(screen()).toContain('made to crash');
      expect(flags()).toBe('0 1 1');
    },
    limitMs,
  );

  test(
    'without colour it writes none, and nothing of the mouse when that is left to the terminal',
    async () => {
      const { start, until, type, screen, tmux } = terminal;
      start('start --no-mouse', 'NO_COLOR=1');
      await until('it is shown', isShown);
      const escapes = tmux('capture-pane', '-p', '-e', '-t', 'view');
      expect(escapes.split('\u001b')).toHaveLength(1);
      expect(tmux('display-message', '-p', '-t', 'view', '#{mouse_any_flag}').trim()).toBe('0');
      type('q');
      await until('the prompt is back', isOver(0));
      await startOnSessions();
      expect(tmux('display-message', '-p', '-t', 'view', '#{mouse_any_flag}').trim()).toBe('1');
      type('q');
      await until('the prompt is back', isOver(0));
      expect(tmux('display-message', '-p', '-t', 'view', '#{mouse_any_flag}').trim()).toBe('0');
      expect(screen()).not.toMatch(/\[<\d/);
    },
    limitMs,
  );

  test(
    '--plain tells how things stand in sentences, then what changed, and draws over nothing',
    async () => {
      const { start, until, type, screen, flags } = terminal;
      start('start --plain');
      await until('it tells', () => /\d\d:\d\d Cost today \$[\d.]+, this week/.test(screen()));
      await until('of the session, too', () => /shop on main with opus-4-5: context \d+% full/.test(screen()));
      expect(flags()).toBe('0 1 1');
      const costs = (): number => screen().split('Cost today').length - 1;
      const before = costs();
      terminal.appendTurn();
      await until('the turn is told', () => costs() === before + 1);
      expect(screen().split('1 session live.')).toHaveLength(2);
      type('C-c');
      await until('the prompt is back', isOver(130));
    },
    limitMs,
  );

  test(
    'when another that reads the logs is killed, it says who that was, takes over and goes on',
    async () => {
      const { env, home, until, type, screen, start } = terminal;
      const all = { ...process.env, ...env, HOME: home, TZ: 'UTC' };
      const other = spawn(process.execPath, [program, 'serve', '--port', '0'], {
        env: all,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let said = '';
      for (const stream of [other.stdout, other.stderr]) stream.on('data', (text) => void (said += text));
      try {
        await until(
          'the other one reads',
          () => holderOf(env.SCOPEON_HOME ?? '') === other.pid || other.exitCode !== null,
        );
        expect(said).not.toContain('error');
        start();
        const standsBy = `Another scopeon \\(pid ${other.pid}\\) is ingesting`;
        await until('it says who reads', () => new RegExp(standsBy).test(screen()));
        other.kill('SIGKILL');
        await until('it takes over', () => /watching/.test(screen()) && !/Another scopeon/.test(screen()));
        type('2');
        await until('the list is shown', () => /▌● shop +/.test(screen()));
        const before = Number(/shop .*? (\d+) +\$/.exec(screen())?.[1]);
        terminal.appendTurn();
        await until('and goes on', () => Number(/shop .*? (\d+) +\$/.exec(screen())?.[1]) === before + 1);
        type('q');
        await until('the prompt is back', isOver(0));
      } finally {
        other.kill('SIGKILL');
      }
    },
    limitMs,
  );
});

/** Pid of the process that has the lease. */
function holderOf(home: string): number | undefined {
  const db = openReader({ db: join(home, 'scopeon.db'), backups: join(home, 'backups') });
  try {
    return db === undefined ? undefined : currentHolder(db, Date.now())?.pid;
  } finally {
    db?.close();
  }
}

/** Rows left behind by whoever has, or had, the lease. */
function leaseRows(home: string): number {
  const db = openReader({ db: join(home, 'scopeon.db'), backups: join(home, 'backups') });
  try {
    return Number(db?.prepare('SELECT COUNT(*) FROM lease').pluck().get());
  } finally {
    db?.close();
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test('without a terminal it prints a page and ends well, also without any logs', () => {
  const home = mkdtempSync(join(tmpdir(), 'scopeon-plain-'));
  try {
    const env = {
      PATH: process.env.PATH ?? '',
      HOME: home,
      USERPROFILE: home,
      SCOPEON_HOME: join(home, '.scopeon'),
      CLAUDE_CONFIG_DIR: join(home, 'claude'),
    };
    const result = spawnSync(process.execPath, [program, 'start'], { env, encoding: 'utf8' });
    expect(result.stdout).toContain(join(home, 'claude', 'projects'));
    expect(result.stdout).toContain('scopeon demo');
    expect(result.stderr).toBe('');
    expect(result.status).toBe(0);
    expect(result.stdout).not.toContain('\u001b');
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}, 60_000);
