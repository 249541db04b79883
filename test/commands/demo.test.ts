import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { buildProgram, createSandbox, runScopeon, type Sandbox, startScopeon } from '../helpers/run-scopeon.ts';

const mark = /^Demo data: made up, nothing of yours; removed when this ends\.\n$/;
let sandbox: Sandbox;

beforeAll(buildProgram);
beforeEach(() => {
  sandbox = createSandbox();
});
afterEach(() => rmSync(sandbox.home, { recursive: true, force: true }));

function demo(...args: readonly string[]) {
  return runScopeon(sandbox, ['demo', ...args]);
}

describe('scopeon demo', () => {
  it('shows a command on made-up data, says so, and leaves nothing behind', () => {
    const { stdout, stderr, status } = demo('export', '--level', 'sessions', '--days', '90');
    expect(stderr).toMatch(mark);
    expect(status).toBe(0);
    const sessions: { project: string; cost_usd: number | null }[] = JSON.parse(stdout);
    expect(sessions.length).toBeGreaterThan(40);
    expect([...new Set(sessions.map((session) => session.project))].sort()).toEqual([
      'billing-api',
      'data-pipeline',
      'infra',
      'scratch',
      'storefront',
    ]);
    const costs = sessions.flatMap((session) => session.cost_usd ?? []);
    expect(Math.max(...costs)).toBeLessThan(60);
    expect(Math.max(...costs)).toBeGreaterThan(5);
    expect(readdirSync(sandbox.home)).toEqual([]);
  });

  it('reads and writes nothing of the real home, whatever the environment says', () => {
    const log = join(sandbox.home, '.claude', 'projects', '-real', 'real.jsonl');
    mkdirSync(join(log, '..'), { recursive: true });
    const usage = { input_tokens: 1, output_tokens: 1 };
    writeFileSync(
      log,
      `${JSON.stringify({ type: 'assistant', timestamp: new Date().toISOString(), cwd: '/real', message: { id: 'msg_real', model: 'real-model', usage } })}\n`,
    );
    const database = join(sandbox.home, 'real.db');
    const config = join(sandbox.home, 'real.toml');
    writeFileSync(config, 'this is not TOML');
    const { stdout, status } = runScopeon(sandbox, ['demo', 'export', '--level', 'turns', '--days', '90'], {
      SCOPEON_DB: database,
      SCOPEON_CONFIG: config,
    });
    expect(status).toBe(0);
    expect(stdout).toContain('claude-opus-5-5');
    expect(stdout).not.toContain('real');
    expect(existsSync(database)).toBe(false);
    expect(existsSync(join(sandbox.home, '.scopeon'))).toBe(false);
  });

  it('without a terminal shows the status', () => {
    const { stdout, status } = demo();
    expect(status).toBe(0);
    expect(stdout).toMatch(/Today .*\$/);
  });

  it('hands options, their errors and the exit code through', () => {
    expect(demo('export', '--help').stdout).toContain('scopeon export');
    expect(demo('--help').stdout).toContain('scopeon demo');
    expect(demo('export', '--days', '0')).toMatchObject({ stdout: '', status: 2 });
    expect(demo('nonsense')).toMatchObject({ stdout: '', status: 2 });
    expect(demo('demo', 'status')).toMatchObject({ stdout: '', status: 2 });
    expect(readdirSync(sandbox.home)).toEqual([]);
  });

  it('keeps the made-up home where it is told to, and touches no folder that is in use', () => {
    const kept = demo('--keep', 'kept', 'export', '--days', '1');
    expect(kept.status).toBe(0);
    expect(kept.stderr).toContain(`kept in ${join(sandbox.home, 'kept')}`);
    expect(existsSync(join(sandbox.home, 'kept', '.claude', 'projects'))).toBe(true);
    const inHome = runScopeon(sandbox, ['export', '--level', 'turns', '--days', '90'], {
      CLAUDE_CONFIG_DIR: join(sandbox.home, 'kept', '.claude'),
    });
    expect(JSON.parse(inHome.stdout).length).toBeGreaterThan(2_000);
    const again = demo('--keep', 'kept', 'export');
    expect(again).toMatchObject({ stdout: '', status: 2 });
    expect(again.stderr).toContain('kept is not empty');
    writeFileSync(join(sandbox.home, 'file'), '');
    expect(demo('--keep', 'file').stderr).toContain('file is not a folder');
  });

  it.skipIf(process.platform === 'win32').each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
    ['SIGHUP', 129],
  ] as const)('ends on %s and takes the made-up home with it', async (signal, expected) => {
    const child = startScopeon(sandbox, ['demo', 'export', '--level', 'turns', '--days', '90']);
    await new Promise((resolve) => child.stdout.once('readable', resolve)); // more than a pipe holds: it waits for us now
    child.kill(signal);
    setTimeout(() => child.stdout.resume(), 200);
    const status = await new Promise((resolve) => child.once('close', resolve));
    expect(status).toBe(expected);
    expect(readdirSync(sandbox.home)).toEqual([]);
  });
});
