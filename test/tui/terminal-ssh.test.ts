import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openReader } from '../../src/store/open.ts';
import { buildAll, hasTmux, openTerminal, type Terminal } from './terminal.ts';

const sshd = '/usr/sbin/sshd';
const isAsked = process.env.SCOPEON_TEST_SSH !== undefined;
// A server that runs as root wants a folder of the system's, which is not ours to make.
const canServe = existsSync(sshd) && (process.getuid?.() !== 0 || existsSync('/run/sshd'));
if (isAsked && !(hasTmux && canServe))
  console.warn('skipped: the tests over ssh need tmux, an sshd that can be started, and its /run/sshd for root');

const limitMs = 120_000;

/** Run with SCOPEON_TEST_SSH=1: starts a server of its own on this machine, with keys that are thrown away. */
describe.skipIf(!isAsked || !hasTmux || !canServe)('over ssh', () => {
  let folder: string;
  let server: ChildProcess;
  let terminal: Terminal;

  beforeAll(async () => {
    buildAll();
    folder = mkdtempSync(join(tmpdir(), 'scopeon-ssh-'));
    const keys = ['host', 'user'].map((name) => join(folder, name));
    for (const key of keys) execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
    copyFileSync(join(folder, 'user.pub'), join(folder, 'authorized'));
    const port = await freePort();
    const settings = [
      `Port ${port}`,
      'ListenAddress 127.0.0.1',
      `HostKey ${join(folder, 'host')}`,
      `AuthorizedKeysFile ${join(folder, 'authorized')}`,
      'PidFile none',
      'StrictModes no',
      'UsePAM no',
      'PasswordAuthentication no',
      'PermitRootLogin prohibit-password',
    ];
    writeFileSync(join(folder, 'config'), `${settings.join('\n')}\n`);
    server = spawn(sshd, ['-D', '-e', '-f', join(folder, 'config')], { stdio: 'ignore' });
    const options = [
      ...['-tt', '-p', String(port), '-i', join(folder, 'user'), '-o', 'UserKnownHostsFile=/dev/null'],
      ...['-o', 'StrictHostKeyChecking=no', '-o', 'LogLevel=ERROR', '-o', 'ConnectionAttempts=20'],
    ];
    const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
    terminal = openTerminal(
      100,
      30,
      (command) => `ssh ${options.join(' ')} ${userInfo().username}@127.0.0.1 ${quoted(command)}`,
    );
    terminal.appendTurn();
    await terminal.until('the other side is there', () => /ready>/.test(terminal.screen()));
  }, limitMs);

  afterAll(() => {
    terminal?.close();
    server?.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  const isShown = (): boolean => /● shop/.test(terminal.screen()) && /q quit/.test(terminal.screen());

  test(
    'keys, resizing, suspending and quitting work as at hand; a cut connection leaves no process and no lease',
    async () => {
      const { start, until, type, screen, flags, tmux, typeUntil } = terminal;
      start();
      await until('it welcomes', () => /Welcome to scopeon/.test(screen()));
      type('Enter');
      await until('the dashboard', () => /2 Sessions/.test(screen()) && !/Welcome/.test(screen()));
      await typeUntil('2', 'the session is listed', isShown);
      expect(flags()).toBe('1 0 0');
      tmux('resize-window', '-t', 'view', '-x', '60', '-y', '20');
      await until('drawn anew', () => /3 Conf {2}/.test(screen()) && screen().trimEnd().split('\n').length === 20);
      type('C-z');
      await until('the shell is there', () => /ready>/.test(screen()) && flags() === '0 1 1');
      type('fg', 'Enter');
      await until('it is drawn again', isShown);
      type('q');
      await until('the prompt is back', () => flags() === '0 1 1' && /ready>$/.test(screen().trimEnd()));

      start();
      await until('it is shown', () => /2 Sess/.test(screen()) && lease() !== undefined);
      const pid = lease();
      const children = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' }).split('\n');
      for (const [, child] of children.flatMap((row) => [/^\s*(\d+)\s+(\d+)\s+sshd/.exec(row) ?? []]))
        if (child !== undefined && Number(child) !== server.pid && isBelow(Number(child), server.pid ?? 0))
          process.kill(Number(child), 'SIGKILL');
      await until('it is over', () => pid !== undefined && spawnSync('kill', ['-0', String(pid)]).status !== 0);
      expect(lease()).toBeUndefined();
    },
    limitMs,
  );

  /** Pid of whoever has the lease, or had it and did not give it back. */
  function lease(): number | undefined {
    const home = terminal.env.SCOPEON_HOME ?? '';
    const db = openReader({ db: join(home, 'scopeon.db'), backups: join(home, 'backups') });
    try {
      return db?.prepare<[], number>('SELECT pid FROM lease').pluck().get();
    } finally {
      db?.close();
    }
  }
});

/** Is a process one of those another has started? */
function isBelow(pid: number, top: number): boolean {
  for (let at = pid; at > 1; ) {
    const parent = Number(spawnSync('ps', ['-o', 'ppid=', '-p', String(at)], { encoding: 'utf8' }).stdout);
    if (parent === top) return true;
    at = parent;
  }
  return false;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
