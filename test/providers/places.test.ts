import { expect, it } from 'vitest';
import { loadMember } from '../../src/members.ts';
import type { Host, Provider } from '../../src/provider.ts';

/** A machine on which these directories hold these names and nothing else. */
function machine(
  platform: NodeJS.Platform,
  env: Host['env'] = {},
  directories: Readonly<Record<string, readonly string[]>> = {},
): Host {
  return {
    home: platform === 'win32' ? 'C:\\Users\\dev' : '/home/dev',
    env,
    platform,
    list: (directory) => directories[directory] ?? [],
    read: () => undefined,
    generic: { paths: [], name: '' },
  };
}

const appData = { APPDATA: 'D:\\Roaming', LOCALAPPDATA: 'D:\\Local' };

it.each<[provider: string, host: Host, roots: readonly string[]]>([
  ['cursor', machine('linux'), ['/home/dev/.config/Cursor/User/globalStorage/state.vscdb']],
  ['cursor', machine('linux', { XDG_CONFIG_HOME: '/conf' }), ['/conf/Cursor/User/globalStorage/state.vscdb']],
  ['cursor', machine('darwin'), ['/home/dev/Library/Application Support/Cursor/User/globalStorage/state.vscdb']],
  ['cursor', machine('win32', appData), ['D:\\Roaming\\Cursor\\User\\globalStorage\\state.vscdb']],
  ['cursor', machine('win32'), ['C:\\Users\\dev\\AppData\\Roaming\\Cursor\\User\\globalStorage\\state.vscdb']],
  ['ollama', machine('linux'), ['/home/dev/.ollama/db.sqlite']],
  ['ollama', machine('darwin'), ['/home/dev/Library/Application Support/Ollama/db.sqlite']],
  ['ollama', machine('win32', appData), ['D:\\Local\\Ollama\\db.sqlite']],
  ['ollama', machine('win32'), ['C:\\Users\\dev\\AppData\\Local\\Ollama\\db.sqlite']],
  ['qwen-code', machine('linux'), ['/home/dev/.qwen/projects', '/home/dev/.qwen/tmp']],
  [
    'opencode',
    machine('darwin'),
    [
      '/home/dev/.local/share/opencode/opencode.db',
      '/home/dev/.local/share/opencode/storage/message',
      '/home/dev/.local/share/opencode/storage/session',
    ],
  ],
  [
    'opencode',
    machine(
      'linux',
      { XDG_DATA_HOME: '/data', OPENCODE_DATA_DIR: '~/copy', OPENCODE_DB: 'mine.sqlite' },
      { '/data/opencode': ['opencode.db', 'opencode-dev.db', 'opencode-dev.db-wal', 'log', 'opencode-.txt'] },
    ),
    [
      '/data/opencode/opencode.db',
      '/data/opencode/opencode-dev.db',
      '/data/opencode/storage/message',
      '/data/opencode/storage/session',
      '/home/dev/copy/opencode.db',
      '/home/dev/copy/storage/message',
      '/home/dev/copy/storage/session',
      '/data/opencode/mine.sqlite',
    ],
  ],
  [
    'opencode',
    machine('win32', { OPENCODE_DB: 'E:\\a.db' }),
    [
      'C:\\Users\\dev\\.local\\share\\opencode\\opencode.db',
      'C:\\Users\\dev\\.local\\share\\opencode\\storage\\message',
      'C:\\Users\\dev\\.local\\share\\opencode\\storage\\session',
      'E:\\a.db',
    ],
  ],
])('logs of %s are looked for where it writes them (%#)', async (id, host, roots) => {
  const provider = await loadMember<Provider>('providers', id);
  expect(provider.roots(host)).toEqual(roots);
});

it.each<[host: Host, signs: readonly string[]]>([
  [machine('linux'), ['/home/dev/.config/Cursor/User', '/home/dev/.cursor/projects', '/home/dev/.cursor/chats']],
  [
    machine('linux', { XDG_CONFIG_HOME: '/conf' }),
    ['/conf/Cursor/User', '/home/dev/.cursor/projects', '/home/dev/.cursor/chats'],
  ],
  [
    machine('darwin'),
    [
      '/Applications/Cursor.app',
      '/home/dev/Library/Application Support/Cursor/User',
      '/home/dev/.cursor/projects',
      '/home/dev/.cursor/chats',
    ],
  ],
  [
    machine('win32', appData),
    ['D:\\Roaming\\Cursor\\User', 'C:\\Users\\dev\\.cursor\\projects', 'C:\\Users\\dev\\.cursor\\chats'],
  ],
])('Cursor shows itself without a log, too (%#)', async (host, signs) => {
  const cursor = await loadMember<Provider>('providers', 'cursor');
  expect(cursor.signs?.(host).map((sign) => sign.path)).toEqual(signs);
});
