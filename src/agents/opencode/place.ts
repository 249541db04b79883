import { absolutePath, type Host, pathsOf } from '../../provider.ts';

/** The same on every system. `OPENCODE_DATA_DIR` is what programs such as this one are told, not OpenCode itself. */
export function dataDirectories(host: Host): readonly string[] {
  const { join } = pathsOf(host);
  const share = absolutePath(host, host.env.XDG_DATA_HOME) ?? join(host.home, '.local', 'share');
  const told = absolutePath(host, host.env.OPENCODE_DATA_DIR);
  return [join(share, 'opencode'), ...(told === undefined ? [] : [told])];
}

/**
 * Not the directory as a whole: most of what lies in it are copies of the user's files. Nor `storage/part`, with a folder
 * for each message: what is in it is read together with the message.
 */
export function placesIn(data: string, host: Host): readonly string[] {
  const { join } = pathsOf(host);
  const databases = host.list(data).filter((name) => /^opencode-[\w.-]+\.db$/.test(name));
  return [
    ...['opencode.db', ...databases].map((name) => join(data, name)),
    join(data, 'storage', 'message'),
    join(data, 'storage', 'session'),
  ];
}

/** `OPENCODE_DB`: a path, or a name in the data directory. */
export function namedDatabase(host: Host): readonly string[] {
  const { join } = pathsOf(host);
  const name = host.env.OPENCODE_DB?.trim() ?? '';
  if (name === '' || name === ':memory:') return [];
  return [absolutePath(host, name) ?? join(dataDirectories(host)[0] ?? '', name)];
}
