import { lstatSync } from 'node:fs';
import path from 'node:path';

/** Where our own files lie. Every path is absolute; nothing is created, and only `config` is known to exist. */
export interface Paths {
  /** Our directory: `SCOPEON_HOME`, else `~/.scopeon`. */
  readonly home: string;
  /** The database: `SCOPEON_DB`, else `scopeon.db` in `home`. */
  readonly db: string;
  /** The configuration file to read, undefined when there is none. One named by `SCOPEON_CONFIG` is given as named, found or not. */
  readonly config: string | undefined;
  /** Beside the database. */
  readonly hmacKey: string;
  /** Directory, beside the database. */
  readonly backups: string;
  /** In the cache directory of the system, or in `home` when `SCOPEON_HOME` is set. */
  readonly logFile: string;
  /** The ready-made prompt line; lies with the log file. */
  readonly statusFile: string;
}

type Env = Readonly<Record<string, string | undefined>>;

/** Works out every path from the environment. An empty variable counts as not set; a leading `~/` is the home directory. */
export function resolvePaths(
  env: Env,
  home: string,
  platform: NodeJS.Platform,
  exists: (file: string) => boolean = isThere,
): Paths {
  const { join, dirname } = platform === 'win32' ? path.win32 : path.posix;
  const own = absolute(env.SCOPEON_HOME, home, platform);
  const directory = own ?? join(home, '.scopeon');
  const db = absolute(env.SCOPEON_DB, home, platform) ?? join(directory, 'scopeon.db');
  const cache = own ?? join(cacheDirectory(env, home, platform), 'scopeon');
  const isNamed = absolute(env.SCOPEON_CONFIG, home, platform) !== undefined;
  const candidates = configPlaces(env, home, platform);
  return {
    home: directory,
    db,
    config: isNamed ? candidates[0] : candidates.find(exists),
    hmacKey: join(dirname(db), 'hmac.key'),
    backups: join(dirname(db), 'backups'),
    logFile: join(cache, 'scopeon.log'),
    statusFile: join(cache, 'status'),
  };
}

/** Where the configuration file may lie, the first that is there counts: a single place where it is named. */
export function configPlaces(env: Env, home: string, platform: NodeJS.Platform): readonly string[] {
  const { join } = platform === 'win32' ? path.win32 : path.posix;
  const named = absolute(env.SCOPEON_CONFIG, home, platform);
  if (named !== undefined) return [named];
  const own = absolute(env.SCOPEON_HOME, home, platform);
  // A directory of one's own is whole: the files of the usual places must not leak into it.
  if (own !== undefined) return [join(own, 'config.toml')];
  return [
    join(home, '.scopeon', 'config.toml'),
    join(xdg(env.XDG_CONFIG_HOME, platform) ?? join(home, '.config'), 'scopeon', 'config.toml'),
  ];
}

/** `~/x` below the home directory, anything else as it is. */
export function expandHome(file: string, home: string, platform: NodeJS.Platform): string {
  const { join } = platform === 'win32' ? path.win32 : path.posix;
  if (file === '~') return home;
  return /^~[/\\]/.test(file) ? join(home, file.slice(2)) : file;
}

function absolute(value: string | undefined, home: string, platform: NodeJS.Platform): string | undefined {
  if (value === undefined || value === '') return undefined;
  return (platform === 'win32' ? path.win32 : path.posix).resolve(expandHome(value, home, platform));
}

function cacheDirectory(env: Env, home: string, platform: NodeJS.Platform): string {
  if (platform === 'darwin') return path.posix.join(home, 'Library', 'Caches');
  if (platform === 'win32') return env.LOCALAPPDATA || path.win32.join(home, 'AppData', 'Local');
  return xdg(env.XDG_CACHE_HOME, platform) ?? path.posix.join(home, '.cache');
}

/** The XDG rules ignore a path that is not absolute. */
function xdg(value: string | undefined, platform: NodeJS.Platform): string | undefined {
  if (value === undefined) return undefined;
  return (platform === 'win32' ? path.win32 : path.posix).isAbsolute(value) ? value : undefined;
}

/** A dangling link or a directory we may not search counts as there: reading it then says so, in place of silent defaults. */
function isThere(file: string): boolean {
  try {
    return lstatSync(file, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return true;
  }
}
