import path from 'node:path';
import { allDefault, deepFreeze, defaultConfig } from './config/defaults.ts';
import { type Paths, resolvePaths } from './config/paths.ts';
import type { Config, SettingKey } from './config/schema.ts';
import { closest } from './config/suggest.ts';
import { displaySafe } from './display.ts';

export type { Paths } from './config/paths.ts';
export type { Config, SettingKey } from './config/schema.ts';

/** What the configuration may know of the machine. Handed in, so tests need no real home. */
export interface ConfigHost {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly platform: NodeJS.Platform;
  /** Settings from command-line options. A text is read as the environment's are: `'5'` does for a number, `'a,b'` for a list. */
  readonly overrides?: Readonly<Partial<Record<SettingKey, unknown>>>;
}

/** The configuration as it holds for this run, and how it came to be. Deeply frozen. */
export interface LoadedConfig {
  readonly config: Config;
  /** Everything not as it should be, in the order of file, environment, options. May be empty. */
  readonly warnings: readonly ConfigWarning[];
  readonly paths: Paths;
  /** For every setting, also those without a value, who decided it. */
  readonly sources: Readonly<Record<SettingKey, ConfigSource>>;
  /** `SCOPEON_LOG`; undefined when not set: each command has its own default. */
  readonly logLevel: LogLevel | undefined;
}

export type ConfigSource = 'option' | 'env' | 'file' | 'default';

export type LogLevel = (typeof logLevels)[number];

/** Something in the configuration that was left out, corrected or is unwise. Texts are safe for a terminal and hold no secrets. */
export interface ConfigWarning {
  /** `budget.daily_usd`, `alerts.webhooks[0].url`; for the environment the setting that its variable is for. */
  readonly key: string;
  /** Absolute path of the file the warning is about. Absent when it is about the environment or an option. */
  readonly file?: string;
  /** From 1; absent when there is no file or the line is not known. */
  readonly line?: number;
  /** Names the key (or the variable) and what is wrong with it. No full stop. */
  readonly message: string;
  /** The way out, a sentence. */
  readonly hint?: string;
}

const logLevels = ['error', 'warn', 'info', 'debug'] as const;

/**
 * Reads the configuration: option before environment before file before default, key by key. One wrong key is a warning and
 * costs itself only. Loads neither zod nor the TOML parser when there is nothing to read.
 * @throws ScopeonError `usage` when the file cannot be read or is not TOML (never silently defaults), or an override is wrong.
 */
export async function loadConfig(host: ConfigHost): Promise<LoadedConfig> {
  const paths = resolvePaths(host.env, host.home, host.platform);
  const { logLevel, warnings } = readLogLevel(host.env.SCOPEON_LOG);
  if (paths.config === undefined && !namesSetting(host.env) && Object.keys(host.overrides ?? {}).length === 0) {
    return deepFreeze({ config: defaultConfig, warnings, paths, sources: allDefault(), logLevel });
  }
  const { readConfig } = await import('./config/read.ts');
  const read = readConfig(host, paths);
  return deepFreeze({ ...read, warnings: [...read.warnings, ...warnings], paths, logLevel });
}

/** One line for people: `config.toml line 4: budget.daily_usd must be …. Write it without quotes: …`. */
export function warningText(warning: ConfigWarning): string {
  const line = warning.line === undefined ? '' : ` line ${warning.line}`;
  const place = warning.file === undefined ? '' : `${displaySafe(path.basename(warning.file))}${line}: `;
  return `${place}${warning.message}.${warning.hint === undefined ? '' : ` ${warning.hint}`}`;
}

function namesSetting(env: ConfigHost['env']): boolean {
  const prefixes = Object.keys(defaultConfig).map((section) => `SCOPEON_${section.toUpperCase()}_`);
  return Object.keys(env).some(
    (name) => name.startsWith('SCOPEON_') && prefixes.some((prefix) => name.startsWith(prefix)),
  );
}

function readLogLevel(value: string | undefined): {
  logLevel: LogLevel | undefined;
  warnings: readonly ConfigWarning[];
} {
  if (value === undefined || value === '') return { logLevel: undefined, warnings: [] };
  const logLevel = logLevels.find((level) => level === value.toLowerCase());
  if (logLevel !== undefined) return { logLevel, warnings: [] };
  const near = closest(value, logLevels);
  const warning = {
    key: 'SCOPEON_LOG',
    message: `SCOPEON_LOG must be error, warn, info or debug, not "${displaySafe(value, 40)}"`,
    hint: near === undefined ? 'Leave it out for the default.' : `Did you mean ${near}?`,
  };
  return { logLevel: undefined, warnings: [warning] };
}
