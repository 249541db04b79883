import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { parse, TomlError } from 'smol-toml';
import type { z } from 'zod';
import type { ConfigHost, ConfigSource, ConfigWarning, LoadedConfig, SettingKey } from '../config.ts';
import { displaySafe } from '../display.ts';
import { ScopeonError } from '../errors.ts';
import { allDefault, settingKeys } from './defaults.ts';
import { type KeyPath, keyLines } from './lines.ts';
import { expandHome, type Paths } from './paths.ts';
import { type Config, configSchema, overrideFileSchema } from './schema.ts';
import { keyText, type Listener, rejected, sieve } from './sieve.ts';
import { closest } from './suggest.ts';
import { valueOfText } from './text.ts';

/** Values from one place, by section and key, and what to tell of them. */
interface Layer {
  readonly source: ConfigSource;
  readonly values: unknown;
  readonly listener: Listener;
}

/** Sections with those of their keys that are set. */
type Settings = Record<string, Record<string, unknown>>;

/** The slow half of `loadConfig`: file, environment and options, checked. @throws ScopeonError `usage`, as said there */
export function readConfig(host: ConfigHost, paths: Paths): Pick<LoadedConfig, 'config' | 'warnings' | 'sources'> {
  const warnings: ConfigWarning[] = [];
  const layers = [
    fileLayer(paths.config, host, warnings),
    environmentLayer(host, warnings),
    optionLayer(host, warnings),
  ];
  const sources = allDefault();
  const settings: Settings = {};
  for (const { source, values, listener } of layers) {
    // Only sections and keys of the schema pass the sieve, each section a table.
    const kept = sieve(configSchema, values, [], listener) as Settings;
    for (const [section, keys] of Object.entries(kept)) {
      settings[section] = { ...settings[section], ...keys };
      for (const key of Object.keys(keys)) sources[`${section}.${key}` as SettingKey] = source;
    }
  }
  const config: Config = configSchema.parse(settings);
  const listener = layers.find(({ source }) => source === sources['pricing.override_file'])?.listener;
  const shared = listener === undefined ? {} : sharedPrices(config, host, paths, listener, warnings);
  if (Object.keys(shared).length > 0 && sources['pricing.overrides'] === 'default')
    sources['pricing.overrides'] = 'file';
  return { config: withPlainTables(config, shared), warnings, sources };
}

function fileLayer(file: string | undefined, host: ConfigHost, warnings: ConfigWarning[]): Layer {
  if (file === undefined) return { source: 'file', values: {}, listener: fileListener('', () => undefined, warnings) };
  const toml = readToml(file, host.env.SCOPEON_CONFIG ? 'SCOPEON_CONFIG' : undefined);
  const listener = fileListener(file, keyLines(toml.text), warnings);
  warnIfReadableByOthers(file, toml.values, host.platform, listener);
  return { source: 'file', values: toml.values, listener };
}

function environmentLayer(host: ConfigHost, warnings: ConfigWarning[]): Layer {
  const variables = new Map(settingKeys.map((key) => [`SCOPEON_${key.replace('.', '_').toUpperCase()}`, key]));
  const sections = new Set(settingKeys.map((key) => key.slice(0, key.indexOf('.'))));
  const values: Settings = {};
  const add = (key: string, message: string, hint: string | undefined) => warnings.push(warning(key, message, hint));
  for (const [name, text] of Object.entries(host.env)) {
    if (text === undefined || text === '') continue;
    const key = variables.get(name);
    if (key !== undefined) setText(values, key, text, (message, hint) => add(key, `${name} ${message}`, hint));
    else if ([...sections].some((section) => name.startsWith(`SCOPEON_${section.toUpperCase()}_`))) {
      const near = closest(name, variables.keys());
      const hint = near === undefined ? undefined : `Did you mean ${near}?`;
      add(displaySafe(name), `${displaySafe(name)} is not a setting and has no effect`, hint);
    }
  }
  const tell = (at: KeyPath, message: string, hint?: string) => {
    const [section, key, ...rest] = at;
    add(keyText(at), `${keyText([`SCOPEON_${section}_${key}`.toUpperCase(), ...rest])} ${message}`, hint);
  };
  return { source: 'env', values, listener: { wrong: tell, note: tell } };
}

function optionLayer(host: ConfigHost, warnings: ConfigWarning[]): Layer {
  const values: Settings = {};
  const fail = (message: string, hint: string | undefined): never => {
    throw new ScopeonError('usage', message, { hint });
  };
  for (const [name, value] of Object.entries(host.overrides ?? {})) {
    const key = settingKeys.find((known) => known === name);
    if (key === undefined) {
      const near = closest(name, settingKeys);
      fail(`${displaySafe(name)} is not a setting`, near === undefined ? undefined : `Did you mean ${near}?`);
    } else if (typeof value === 'string')
      setText(values, key, value, (message, hint) => fail(`${key} ${message}`, hint));
    else if (value !== undefined) set(values, key, value);
  }
  const listener: Listener = {
    wrong: (at, message, hint) => fail(`${keyText(at)} ${message}`, hint),
    note: (at, message, hint) => warnings.push(warning(keyText(at), `${keyText(at)} ${message}`, hint)),
  };
  return { source: 'option', values, listener };
}

function setText(
  values: Settings,
  key: SettingKey,
  text: string,
  wrong: (message: string, hint: string) => void,
): void {
  const [section, name] = key.split('.') as [keyof typeof configSchema.shape, string];
  const keys: Record<string, z.ZodType> = configSchema.shape[section].unwrap().shape;
  try {
    set(values, key, valueOfText(keys[name] as z.ZodType, text)); // settingKeys are the keys of the schema (tested)
  } catch {
    // The parser's own words quote the text, which may hold a secret.
    wrong('is not valid JSON', 'Tables are written as JSON, such as {"name": {"key": 1}}.');
  }
}

function set(values: Settings, key: SettingKey, value: unknown): void {
  const [section = '', name = ''] = key.split('.');
  values[section] = { ...values[section], [name]: value };
}

/** Price overrides of `pricing.override_file`, without those that the configuration itself has. A missing file is a warning. */
function sharedPrices(config: Config, host: ConfigHost, paths: Paths, listener: Listener, warnings: ConfigWarning[]) {
  const named = config.pricing.override_file;
  if (named === undefined) return {};
  const system = host.platform === 'win32' ? path.win32 : path.posix;
  const base = paths.config === undefined ? paths.home : system.dirname(paths.config);
  const file = system.resolve(base, expandHome(named, host.home, host.platform));
  let toml: ReturnType<typeof readToml>;
  try {
    toml = readToml(file, 'pricing.override_file');
  } catch (error) {
    if (!(error instanceof ScopeonError) || error.cause instanceof TomlError) throw error;
    listener.wrong(
      ['pricing', 'override_file'],
      `has no effect: ${error.message}`,
      'Correct the path, or leave it out.',
    );
    return {};
  }
  const kept = sieve(overrideFileSchema, toml.values, [], fileListener(file, keyLines(toml.text), warnings));
  return kept === rejected ? {} : overrideFileSchema.parse(kept).overrides;
}

/** @throws ScopeonError `usage`, with the parser's error as cause when the text is not TOML. Quotes nothing of the text. */
function readToml(file: string, namedBy: string | undefined): { readonly text: string; readonly values: unknown } {
  const text = readText(file, namedBy);
  try {
    return { text, values: parse(text, { integersAsBigInt: 'asNeeded' }) };
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const reason = (error.message.split('\n')[0] ?? '').replace('Invalid TOML document: ', '');
    const message = `${displaySafe(path.basename(file))} line ${error.line}: ${displaySafe(reason)}`;
    throw new ScopeonError('usage', message, {
      hint: `Correct ${displaySafe(file)}; nothing in it was used.`,
      cause: error,
    });
  }
}

function readText(file: string, namedBy: string | undefined): string {
  let bytes: Uint8Array;
  try {
    if (!statSync(file).isFile()) throw Object.assign(new Error('not a file'), { code: 'EISDIR' }); // a pipe would be waited for
    bytes = readFileSync(file);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const reasons: Record<string, string> = {
      ENOENT: namedBy !== undefined ? 'there is no such file' : 'it is a link to a file that does not exist',
      EISDIR: 'it is not a file',
      EACCES: 'permission denied',
      EPERM: 'permission denied',
    };
    const hint =
      namedBy === undefined
        ? 'Mend it, or remove it to use the defaults.'
        : `${namedBy} names it: correct the path or create the file.`;
    throw new ScopeonError('usage', `cannot read ${displaySafe(file)}: ${reasons[code] ?? code}`, {
      hint,
      cause: error,
    });
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    const message = `${displaySafe(path.basename(file))} is not UTF-8 text`;
    throw new ScopeonError('usage', message, { hint: `Save ${displaySafe(file)} as UTF-8.`, cause: error });
  }
}

/** Webhook addresses are secrets; a file without them may be as open as its owner likes. */
function warnIfReadableByOthers(file: string, values: unknown, platform: NodeJS.Platform, listener: Listener): void {
  if (platform === 'win32' || (statSync(file).mode & 0o077) === 0) return;
  const webhooks = configSchema.shape.alerts.unwrap().shape.webhooks;
  const holder = (values as { alerts?: { webhooks?: unknown } }).alerts?.webhooks;
  if (webhooks.safeParse(holder ?? []).data?.length === 0) return;
  listener.note(
    ['alerts', 'webhooks'],
    'may hold secrets, and others can read this file',
    `Run: chmod 600 ${displaySafe(file)}`,
  );
}

function fileListener(file: string, lineOf: (at: KeyPath) => number | undefined, warnings: ConfigWarning[]): Listener {
  const tell = (at: KeyPath, message: string, hint?: string) => {
    const line = lineOf(at);
    warnings.push({
      ...warning(keyText(at), `${keyText(at)} ${message}`, hint),
      file,
      ...(line === undefined ? {} : { line }),
    });
  };
  return { wrong: tell, note: tell };
}

function warning(key: string, message: string, hint: string | undefined): ConfigWarning {
  return { key, message, ...(hint === undefined ? {} : { hint }) };
}

/** Tables with names chosen by others get no prototype, so that looking up `constructor` finds nothing. */
function withPlainTables(config: Config, shared: Config['pricing']['overrides']): Config {
  const plain = <T>(table: Readonly<Record<string, T>>): Readonly<Record<string, T>> =>
    Object.assign(Object.create(null), table);
  return {
    ...config,
    budget: { ...config.budget, providers: plain(config.budget.providers), projects: plain(config.budget.projects) },
    optimizer: { applied_presets: plain(config.optimizer.applied_presets) },
    pricing: { ...config.pricing, overrides: plain({ ...shared, ...config.pricing.overrides }) },
  };
}
