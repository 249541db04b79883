import { mkdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { resolvePaths } from '../../src/config/paths.ts';
import { eachTestHasAHome, home, load, write } from '../helpers/config-home.ts';

eachTestHasAHome();

describe('where the file is', () => {
  test('SCOPEON_CONFIG that names nothing is an error that says so', async () => {
    const missing = path.join(home(), 'nowhere.toml');
    await expect(load({ SCOPEON_CONFIG: missing })).rejects.toMatchObject({
      code: 'usage',
      message: `cannot read ${missing}: there is no such file`,
      hint: 'SCOPEON_CONFIG names it: correct the path or create the file.',
    });
  });

  test('a directory or a dangling link in its place is an error, not the defaults', async () => {
    await expect(load({ SCOPEON_CONFIG: home() })).rejects.toMatchObject({
      message: `cannot read ${home()}: it is not a file`,
    });
    mkdirSync(path.join(home(), '.scopeon'));
    symlinkSync('gone.toml', path.join(home(), '.scopeon', 'config.toml'));
    await expect(load()).rejects.toMatchObject({
      message: expect.stringContaining('link to a file that does not exist'),
    });
  });

  test('~/.scopeon comes first, then the XDG directory; a directory of one’s own is whole', async () => {
    const xdgFile = write('.config/scopeon/config.toml', '[budget]\ndaily_usd = 1\n');
    expect((await load()).paths.config).toBe(xdgFile);
    expect((await load({ SCOPEON_HOME: path.join(home(), 'mine') })).paths.config).toBeUndefined();
    const own = write('.scopeon/config.toml', '[budget]\ndaily_usd = 2\n');
    const { config, paths } = await load();
    expect(paths.config).toBe(own);
    expect(config.budget.daily_usd).toBe(2);
    const mine = write('mine/config.toml', '[budget]\ndaily_usd = 3\n');
    expect((await load({ SCOPEON_HOME: path.join(home(), 'mine') })).paths.config).toBe(mine);
  });

  const none = () => false;

  test.each([
    ['linux', {}, '/home/me/.cache/scopeon'],
    ['linux', { XDG_CACHE_HOME: '/var/c' }, '/var/c/scopeon'],
    ['linux', { XDG_CACHE_HOME: 'relative' }, '/home/me/.cache/scopeon'],
    ['darwin', { XDG_CACHE_HOME: '/var/c' }, '/home/me/Library/Caches/scopeon'],
    ['linux', { SCOPEON_HOME: '/data/s' }, '/data/s'],
    ['darwin', { SCOPEON_HOME: '~/s' }, '/home/me/s'],
  ] as const)('on %s with %o the cache files lie in %s', (platform, env, cache) => {
    const paths = resolvePaths(env, '/home/me', platform, none);
    expect([paths.statusFile, paths.logFile]).toEqual([`${cache}/status`, `${cache}/scopeon.log`]);
  });

  test('on Windows they lie in LOCALAPPDATA', () => {
    const paths = resolvePaths({ LOCALAPPDATA: 'D:\\Local' }, 'C:\\Users\\me', 'win32', none);
    expect(paths.statusFile).toBe('D:\\Local\\scopeon\\status');
    expect(paths.db).toBe('C:\\Users\\me\\.scopeon\\scopeon.db');
    expect(resolvePaths({}, 'C:\\Users\\me', 'win32', none).logFile).toBe(
      'C:\\Users\\me\\AppData\\Local\\scopeon\\scopeon.log',
    );
  });

  test('the key and the backups lie beside the database, wherever it is', () => {
    expect(resolvePaths({}, '/home/me', 'linux', none)).toEqual({
      home: '/home/me/.scopeon',
      db: '/home/me/.scopeon/scopeon.db',
      config: undefined,
      hmacKey: '/home/me/.scopeon/hmac.key',
      backups: '/home/me/.scopeon/backups',
      logFile: '/home/me/.cache/scopeon/scopeon.log',
      statusFile: '/home/me/.cache/scopeon/status',
    });
    expect(resolvePaths({ SCOPEON_HOME: '', SCOPEON_DB: '/data/a.db' }, '/home/me', 'linux', none)).toMatchObject({
      home: '/home/me/.scopeon',
      db: '/data/a.db',
      hmacKey: '/data/hmac.key',
      backups: '/data/backups',
    });
  });

  test('an XDG directory of one’s own is looked into, a relative one is not', () => {
    const all = (seen: string[]) => (file: string) => {
      seen.push(file);
      return false;
    };
    const seen: string[] = [];
    resolvePaths({ XDG_CONFIG_HOME: '/etc/me' }, '/home/me', 'linux', all(seen));
    resolvePaths({ XDG_CONFIG_HOME: 'etc' }, '/home/me', 'linux', all(seen));
    expect(seen.filter((file) => !file.includes('.scopeon'))).toEqual([
      '/etc/me/scopeon/config.toml',
      '/home/me/.config/scopeon/config.toml',
    ]);
  });
});
