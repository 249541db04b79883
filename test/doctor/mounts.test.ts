import { realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { fileSystemOf, isNetworkFileSystem } from '../../src/doctor/mounts.ts';

describe('the file system of a directory', () => {
  const directory = realpathSync(tmpdir());
  const mounts =
    (...lines: readonly (readonly [string, string])[]) =>
    (): string =>
      lines
        .map(([point, kind], index) => `${index} 1 0:1 / ${point} rw,relatime shared:1 - ${kind} source rw\n`)
        .join('');

  it('is that of the innermost mount around it', () => {
    expect(fileSystemOf(directory, mounts(['/', 'ext4'], [directory, 'nfs4'], [`${directory}/below`, 'xfs']))).toBe(
      'nfs4',
    );
    expect(fileSystemOf(directory, mounts(['/', 'ext4'], [`${directory}x`, 'nfs4']))).toBe('ext4');
  });

  it('is that of the last mount on a point', () => {
    expect(fileSystemOf(directory, mounts(['/', 'ext4'], ['/', 'overlay']))).toBe('overlay');
  });

  it('is unknown where the system does not say', () => {
    const silent = (): string => {
      throw new Error('not Linux');
    };
    expect(fileSystemOf(directory, silent)).toBe(undefined);
    expect(fileSystemOf('/nowhere/at/all', mounts(['/', 'ext4']))).toBe(undefined);
    expect(fileSystemOf(directory, () => 'garbage\n - \n')).toBe(undefined);
  });
});

it.each([
  ['nfs4', true],
  ['cifs', true],
  ['smb3', true],
  ['9p', true],
  ['fuse.sshfs', true],
  ['ext4', false],
  ['overlay', false],
  ['btrfs', false],
  ['fuse.encfs', false],
])('%s lies on another machine: %s', (kind, isNetwork) => {
  expect(isNetworkFileSystem(kind)).toBe(isNetwork);
});
