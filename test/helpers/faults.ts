import { spawnSync } from 'node:child_process';

/** What to run a command through so that it meets a fault. Undefined: this machine does not let us. */
type Through = readonly string[] | undefined;

/** Without root's right to pass over permissions. */
export const withoutPrivilege: Through =
  process.platform === 'win32'
    ? undefined
    : process.getuid?.() === 0
      ? usable(['setpriv', '--bounding-set=-dac_override,-dac_read_search'])
      : [];

/** With at most so many file descriptors. */
export function withDescriptors(limit: number): Through {
  return usable(['prlimit', `--nofile=${limit}`]);
}

/** Leaves this process so many descriptors, until the returned function is called. */
export function limitDescriptors(limit: number): () => void {
  const prlimit = (...args: readonly string[]): string => {
    const { stdout, status } = spawnSync(tools.prlimit, ['--pid', String(process.pid), ...args], { encoding: 'utf8' });
    if (status !== 0) throw new Error('prlimit failed');
    return stdout.trim();
  };
  const before = prlimit('--nofile', '--noheadings', '-o', 'SOFT');
  prlimit(`--nofile=${limit}:`);
  return () => void prlimit(`--nofile=${before}:`);
}

const tools = { prlimit: 'prlimit' } as const;

function usable(through: readonly string[]): Through {
  const [command = '', ...rest] = through;
  return spawnSync(command, [...rest, 'true']).status === 0 ? through : undefined;
}
