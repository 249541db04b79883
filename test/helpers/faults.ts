import { spawn, spawnSync } from 'node:child_process';
import { closeSync, openSync, writeSync } from 'node:fs';

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

/** In a user namespace of its own in which no directory can be watched. */
export const withoutInotify = inNamespace(['--user', '--map-root-user'], 'echo 0 > /proc/sys/user/max_inotify_watches');

/** With a file system of its own of so many KiB at `path`, which must be there; seen by others below /proc/<pid>/root. */
export function withSmallDisk(path: string, kibibytes: number): Through {
  return inNamespace(['--mount'], `mount -t tmpfs -o size=${kibibytes}k none "$0"`, path);
}

/** With a directory that nothing can be written to, whoever asks. */
export function withReadOnly(path: string): Through {
  return inNamespace(['--mount'], 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0"', path);
}

/** A file system of its own of so many KiB at `path`, for several commands one after another. */
export async function createDisk(
  path: string,
  kibibytes: number,
): Promise<{ readonly through: readonly string[]; grow(kibibytes: number): void; remove(): void }> {
  const [command = '', ...args] = withSmallDisk(path, kibibytes) ?? [];
  const keeper = spawn(command, [...args, 'sh', '-c', 'echo ready; exec sleep 600'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise((resolve) => keeper.stdout.once('data', resolve));
  const through = ['nsenter', `--target=${keeper.pid}`, '--mount'];
  return {
    through,
    grow(size) {
      const [enter = '', ...rest] = [...through, 'mount', '-o', `remount,size=${size}k`, path];
      if (spawnSync(enter, rest).status !== 0) throw new Error('the disk does not grow');
    },
    remove: () => void keeper.kill('SIGKILL'),
  };
}

function inNamespace(flags: readonly string[], prepare: string, place = 'sh'): Through {
  return usable(['unshare', ...flags, 'sh', '-c', `${prepare} && exec "$@"`, place]);
}

/** Leaves this process so many descriptors, until the returned function is called. */
export function limitDescriptors(limit: number): () => void {
  const before = prlimit(process.pid, '--nofile', '--noheadings', '-o', 'SOFT');
  prlimit(process.pid, `--nofile=${limit}:`);
  return () => void prlimit(process.pid, `--nofile=${before}:`);
}

export const canLimitFileSize = usable(['prlimit', '--fsize=1000000']) !== undefined;

/** Lets a running process write no file beyond so many bytes. */
export function limitFileSize(pid: number, bytes: number | 'unlimited'): void {
  prlimit(pid, `--fsize=${bytes}:`);
}

function prlimit(pid: number, ...args: readonly string[]): string {
  const [command = '', ...rest] = ['prlimit', '--pid', String(pid), ...args];
  const { stdout, stderr, status, error } = spawnSync(command, rest, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`prlimit failed: ${error?.message ?? stderr}`);
  return stdout.trim();
}

/** Writes a file until there is no room any more. */
export function fillUp(path: string): void {
  const fd = openSync(path, 'w');
  try {
    for (;;) writeSync(fd, Buffer.alloc(4096));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  } finally {
    closeSync(fd);
  }
}

function usable(through: readonly string[]): Through {
  const [command = '', ...rest] = through;
  if (spawnSync(command, [...rest, 'true']).status === 0) return through;
  console.info(`This machine does not let us run ${through.slice(0, 2).join(' ')}: tests that need it are skipped.`);
  return undefined;
}
