import { statSync } from 'node:fs';
import { configPlaces } from './config/paths.ts';
import { type LoadedConfig, loadConfig, type SettingKey, warningText } from './config.ts';

/** The settings as they stand, for programs that run for long. */
export interface FollowedConfig {
  /** Another object after every change. A setting that an edit made unusable keeps the value it had. */
  readonly loaded: LoadedConfig;
  /** What is wrong with the file since it was edited, in one line; undefined: nothing, or it was so from the start. */
  readonly trouble: string | undefined;
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
  const places = configPlaces(env, home, platform);
  const stampNow = (): string => places.map(stampOf).join();
  let stamp = stampNow();
  let loaded = await load();
  const known = new Set(loaded.warnings.map(({ key, message }) => `${key} ${message}`));
  let trouble: string | undefined;
  return {
    get loaded() {
      return loaded;
    },
    get trouble() {
      return trouble;
    },
    async look() {
      const next = stampNow();
      if (next === stamp) return;
      stamp = next;
      try {
        const edited = await load();
        const fresh = edited.warnings.find(({ key, message }) => !known.has(`${key} ${message}`));
        trouble = fresh === undefined ? undefined : warningText(fresh);
        loaded = withUnusableKept(edited, loaded);
      } catch (error) {
        trouble = (error as Error).message;
        notice(trouble);
      }
    },
  };
}

/** What is warned of and now at its default was set to something before: that stays. */
function withUnusableKept(edited: LoadedConfig, before: LoadedConfig): LoadedConfig {
  const kept = edited.warnings
    .map((warning) => warning.key as SettingKey) // or a key within one, or one of no setting: then no source has it
    .filter((key) => edited.sources[key] === 'default' && before.sources[key] === 'file');
  if (kept.length === 0) return edited;
  const config = structuredClone(edited.config) as Record<string, Record<string, unknown>>; // sections of keys, as the schema has them
  for (const key of kept) {
    const [section = '', name = ''] = key.split('.');
    const values: Readonly<Record<string, Readonly<Record<string, unknown>>>> = before.config;
    config[section] = { ...config[section], [name]: values[section]?.[name] };
  }
  return {
    ...edited,
    config: config as LoadedConfig['config'], // every key with a value that was checked
    sources: { ...edited.sources, ...Object.fromEntries(kept.map((key) => [key, 'file'])) },
  };
}

/** Changes when the file does, or comes or goes. */
function stampOf(path: string): string {
  try {
    const stat = statSync(path, { throwIfNoEntry: false }); // mostly there is none, and an error is dear
    return stat === undefined ? '' : `${stat.mtimeMs}:${stat.size}:${stat.ino}`;
  } catch {
    return '';
  }
}
