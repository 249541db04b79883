import { statSync } from 'node:fs';
import { resolvePaths } from './config/paths.ts';
import { type LoadedConfig, loadConfig } from './config.ts';

/** The settings as they stand, for programs that run for long. */
export interface FollowedConfig {
  /** Another object after every change. */
  readonly loaded: LoadedConfig;
  /** Reads them again when the file is another than before. One that cannot be read leaves those that held, and is told of. */
  look(): Promise<void>;
}

/** @throws ScopeonError `usage`, as `loadConfig` does, when they cannot be read at the start */
export async function followConfig({
  env,
  home,
  notice,
}: {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly notice: (sentence: string) => void;
}): Promise<FollowedConfig> {
  const { platform } = process;
  const load = (): Promise<LoadedConfig> => loadConfig({ env, home, platform });
  const stampNow = (): string => stampOf(resolvePaths(env, home, platform).config);
  let stamp = stampNow();
  let loaded = await load();
  return {
    get loaded() {
      return loaded;
    },
    async look() {
      const next = stampNow();
      if (next === stamp) return;
      stamp = next;
      try {
        loaded = await load();
      } catch (error) {
        notice((error as Error).message);
      }
    },
  };
}

/** Changes when the file does, or comes or goes. */
function stampOf(path: string | undefined): string {
  if (path === undefined) return '';
  try {
    const { mtimeMs, size, ino } = statSync(path);
    return `${path}:${mtimeMs}:${size}:${ino}`;
  } catch {
    return '';
  }
}
