import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../../bin/scopeon.js', import.meta.url));

export interface Outcome {
  /** Exit code; undefined when a signal ended it. */
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** Home directory; the store is put into `scopeon` beside it unless `env` says otherwise. */
  readonly home: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Command and arguments to run the program with, such as `prlimit`. */
  readonly through?: readonly string[];
  readonly uid?: number;
}

/** Starts the real program with nothing of this process's environment but the path. */
export function start(args: readonly string[], options: RunOptions): ChildProcess {
  mkdirSync(options.home, { recursive: true });
  const [command = process.execPath, ...rest] = [...(options.through ?? []), process.execPath, program, ...args];
  return spawn(command, rest, {
    cwd: options.home,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH,
      HOME: options.home,
      SCOPEON_HOME: join(options.home, '..', 'scopeon'),
      TZ: 'UTC',
      ...options.env,
    },
    ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
  });
}

/** Runs the real program to its end. */
export function run(args: readonly string[], options: RunOptions): Promise<Outcome> {
  return outcomeOf(start(args, options));
}

export async function outcomeOf(child: ChildProcess): Promise<Outcome> {
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  return { code: code ?? undefined, stdout, stderr };
}
