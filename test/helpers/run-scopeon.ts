import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const program = join(root, 'bin', 'scopeon.js');

export interface Sandbox {
  readonly home: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Makes dist/ what the sources say; quick when it is already. */
export function buildProgram(): void {
  execFileSync(process.execPath, [join(root, 'scripts', 'build.mjs')], { stdio: 'pipe' });
}

/** A home with nothing in it, and the environment in which a program finds that one only. */
export function createSandbox(): Sandbox {
  const home = mkdtempSync(join(realpathSync(tmpdir()), 'scopeon-test-'));
  const env = {
    PATH: process.env.PATH ?? '',
    ...(process.platform === 'win32' ? { SystemRoot: process.env.SystemRoot ?? '' } : {}),
    TMPDIR: home,
    TEMP: home,
    TMP: home,
    HOME: home,
    USERPROFILE: home,
    TZ: 'UTC',
    SCOPEON_HOME: join(home, '.scopeon'),
    CLAUDE_CONFIG_DIR: join(home, '.claude'),
  };
  return { home, env };
}

/** Runs the built program to its end: output, errors and exit code apart. */
export function runScopeon(sandbox: Sandbox, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { stdout, stderr, status } = spawnSync(process.execPath, [program, ...args], {
    cwd: sandbox.home,
    env: { ...sandbox.env, ...env },
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024, // 256 MiB
  });
  return { stdout, stderr, status };
}

/** Starts the built program; the caller listens and ends it. */
export function startScopeon(sandbox: Sandbox, args: readonly string[]) {
  return spawn(process.execPath, [program, ...args], {
    cwd: sandbox.home,
    env: sandbox.env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}
