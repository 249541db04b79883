import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { parse, stringify } from 'smol-toml';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { defaultConfig, settingKeys } from '../src/config/defaults.ts';
import { keyLines } from '../src/config/lines.ts';
import { resolvePaths } from '../src/config/paths.ts';
import { configSchema } from '../src/config/schema.ts';
import { unwrap } from '../src/config/sieve.ts';
import { closest } from '../src/config/suggest.ts';
import { type ConfigHost, loadConfig, warningText } from '../src/config.ts';

const fixtures = path.join(import.meta.dirname, 'fixtures', 'config');
const example = readFileSync(path.join(import.meta.dirname, '..', 'config.example.toml'), 'utf8');
/** The example with every setting it shows in a comment switched on. */
const fullExample = example.replace(/^#(?=\S)/gm, '');

type Overrides = NonNullable<ConfigHost['overrides']>;

let home: string;

beforeEach(() => {
  home = mkdtempSync(path.join(tmpdir(), 'scopeon-config-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

function load(env: ConfigHost['env'] = {}, overrides: Overrides = {}) {
  return loadConfig({ env, home, platform: process.platform, overrides });
}

function loadText(toml: string | Uint8Array, env: ConfigHost['env'] = {}) {
  return load({ ...env, SCOPEON_CONFIG: write('config.toml', toml) });
}

function write(name: string, content: string | Uint8Array, mode = 0o600): string {
  const file = path.join(home, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, content, { mode });
  chmodSync(file, mode);
  return file;
}

describe('defaults', () => {
  test('are what the schema makes of nothing', () => {
    expect(defaultConfig).toEqual(configSchema.parse({}));
  });

  test('hold without a file, all of them with the source default', async () => {
    const { config, sources, warnings, paths } = await load();
    expect(config).toBe(defaultConfig);
    expect(warnings).toEqual([]);
    expect(new Set(Object.values(sources))).toEqual(new Set(['default']));
    expect(paths.config).toBeUndefined();
  });

  test('cost neither zod nor the TOML parser', () => {
    const imports = [...staticImports('config.ts')];
    expect(imports).toContain('./config/defaults.ts');
    expect(imports.filter((name) => !name.startsWith('node:') && !name.startsWith('./'))).toEqual([]);
  });

  test('list every setting of the schema', () => {
    const fromSchema = Object.entries(configSchema.shape).flatMap(([section, schema]) =>
      Object.keys(schema.unwrap().shape).map((key) => `${section}.${key}`),
    );
    expect([...settingKeys].sort()).toEqual(fromSchema.sort());
  });

  test('are frozen all the way down, as is a configuration that was read', async () => {
    for (const { config } of [await load(), await loadText(fullExample)]) expectFrozen(config);
  });
});

describe('config.example.toml', () => {
  test('parses to exactly the defaults, saying every one of them', async () => {
    const { config, warnings } = await loadText(example);
    expect(warnings).toEqual([]);
    expect(config).toEqual(defaultConfig);
    const written = parse(example);
    for (const key of settingKeys) {
      const [section = '', name = ''] = key.split('.');
      const preset = (defaultConfig as unknown as Record<string, Record<string, unknown>>)[section]?.[name];
      const isPlain =
        preset !== undefined && (typeof preset !== 'object' || (Array.isArray(preset) && key !== 'alerts.webhooks'));
      if (isPlain) expect({ [key]: (written[section] as Record<string, unknown>)[name] }).toEqual({ [key]: preset });
    }
  });

  test('shows the settings without a default in comments that parse without a warning', async () => {
    write('prices.toml', '');
    const { config, warnings } = await loadText(fullExample);
    expect(warnings).toEqual([]);
    expect(missing(configSchema, parse(fullExample), '')).toEqual([]);
    expect(config.alerts.webhooks).toHaveLength(3);
    expect(config.budget.providers.codex).toEqual({ daily_usd: 2, weekly_usd: 8, monthly_usd: 20 });
  });

  test('has a comment in the lines above each setting', () => {
    const lines = example.split('\n');
    const bare = lines.filter((line, i) => /^#?[a-z_.A-Z-]+ = /.test(line) && !hasCommentAbove(lines, i));
    expect(bare).toEqual([]);
  });
});

describe('a good file', () => {
  const files = readdirSync(path.join(fixtures, 'valid'));

  test.each(files)('%s is read without a warning', async (name) => {
    const { warnings } = await loadText(readFileSync(path.join(fixtures, 'valid', name)));
    expect(warnings).toEqual([]);
  });

  const read = async (name: string) =>
    (await loadText(readFileSync(path.join(fixtures, 'valid', `${name}.toml`)))).config;

  test('with one key leaves the others at their defaults', async () => {
    const config = await read('one-key-without-its-neighbours');
    expect(config).toEqual({ ...defaultConfig, budget: { ...defaultConfig.budget, daily_usd: 5 } });
  });

  test('without a section is used all the same', async () => {
    const config = await read('documented-reference-without-dashboard');
    expect(config.budget.monthly_usd).toBe(50);
    expect(config.alerts.webhooks[0]?.events).toEqual(['budget_warning', 'context_crisis']);
    expect(config.dashboard).toEqual(defaultConfig.dashboard);
  });

  test('may have a byte order mark, Windows line ends and an old spelling', async () => {
    expect((await read('byte-order-mark-and-crlf')).budget.daily_usd).toBe(5);
    expect((await read('old-spelling-of-high-contrast')).general.theme).toBe('high-contrast');
  });

  test('gives a webhook every key', async () => {
    const [first, second, third] = (await read('all-of-a-webhook')).alerts.webhooks;
    expect(first).toEqual({
      url: 'https://hooks.example.com/x',
      format: 'template',
      template: '{"text": "{{message}}"}',
      events: ['context_*', 'budget_warning'],
      min_severity: 'warning',
      projects: ['my-app'],
      providers: ['codex'],
      quiet_hours: '22:00-07:00',
      include: ['project'],
      allow_private: true,
      secret: ['whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3', { env: 'OLD_SECRET' }],
      headers: { Authorization: { env: 'TOKEN' }, 'X-Plain': 'yes' },
    });
    expect(second).toMatchObject({
      url_env: 'HOOK_URL',
      events: [],
      min_severity: 'info',
      include: [],
      allow_private: false,
    });
    expect(third?.url).toBe('http://127.0.0.1:9000/hook');
  });

  test('may name a project after a member of every object, and no other such name is found', async () => {
    const { projects, providers } = (await read('names-of-object-members-as-projects')).budget;
    expect(projects.constructor).toEqual({ daily_usd: 1, weekly_usd: 0, monthly_usd: 0 });
    expect(projects.hasOwnProperty).toBeUndefined();
    expect(providers.constructor).toBeUndefined();
    expect(defaultConfig.budget.projects.constructor).toBeUndefined();
  });
});

/** Per file: key, line, message, hint of each warning, then what must hold of the configuration. */
const wrong: Readonly<Record<string, readonly [string, number | undefined, string, string?][]>> = {
  'one-wrong-value-costs-itself-only': [
    [
      'budget.daily_usd',
      2,
      'must be an amount in US dollars, 0 for no limit, not "five"',
      'Leave it out for the default: daily_usd = 0',
    ],
  ],
  'number-in-quotes': [
    [
      'budget.monthly_usd',
      3,
      'must be an amount in US dollars, 0 for no limit, not "50"',
      'Write it without quotes: monthly_usd = 50',
    ],
  ],
  'misspelt-choice': [
    [
      'general.theme',
      2,
      'must be "standard", "high-contrast" or "cockpit", not "hi-contrast"',
      'Did you mean "high-contrast"?',
    ],
  ],
  'misspelt-key': [['budget.daily_uds', 3, 'is not a setting and has no effect', 'Did you mean budget.daily_usd?']],
  'misspelt-section': [['bugdet', 1, 'is not a setting and has no effect', 'Did you mean budget?']],
  'key-in-the-wrong-section': [
    ['general.retain_days', 2, 'is not a setting and has no effect', 'Did you mean storage.retain_days?'],
  ],
  'key-without-its-section': [['daily_usd', 1, 'is not a setting and has no effect', 'Did you mean budget.daily_usd?']],
  'key-behind-the-webhooks': [
    ['alerts.webhooks[0].bell', 3, 'is not a setting and has no effect', 'Did you mean alerts.bell?'],
  ],
  'unknown-section': [
    [
      'telemetry',
      1,
      'is not a setting and has no effect',
      'Known here: general, providers, dashboard, alerts, budget, optimizer, pricing, storage.',
    ],
  ],
  'text-for-a-list': [
    ['providers.enabled', 2, 'must be a list of provider ids, not "codex"', 'Write a list: enabled = ["codex"]'],
  ],
  'number-in-a-list-of-names': [
    [
      'providers.enabled',
      2,
      'must be a list of provider ids; 5 in it is not',
      'Leave it out for the default: enabled = []',
    ],
  ],
  'text-for-true': [['alerts.bell', 2, 'must be true or false, not "true"', 'Write it without quotes: bell = true']],
  'value-for-a-section': [['budget', 1, 'must be a table, not a number', 'Write its keys under [budget].']],
  'fraction-for-a-whole-number': [
    ['storage.retain_days', 2, 'must be a whole number of days from 1, not 1.5', 'Leave it out if you do not need it.'],
  ],
  'number-too-large': [
    [
      'general.refresh_interval_secs',
      2,
      'must be a whole number of seconds from 1, not 99999999999999999999',
      'Leave it out for the default: refresh_interval_secs = 2',
    ],
  ],
  'infinite-and-undefined-numbers': [
    [
      'budget.daily_usd',
      2,
      'must be an amount in US dollars, 0 for no limit, not Infinity',
      'Leave it out for the default: daily_usd = 0',
    ],
    [
      'budget.weekly_usd',
      3,
      'must be an amount in US dollars, 0 for no limit, not NaN',
      'Leave it out for the default: weekly_usd = 0',
    ],
  ],
  'date-for-a-number': [
    [
      'budget.daily_usd',
      2,
      'must be an amount in US dollars, 0 for no limit, not a date',
      'Leave it out for the default: daily_usd = 0',
    ],
  ],
  'retain-days-zero': [['storage.retain_days', 2, 'is 0, which keeps everything: nothing is ever deleted']],
  'negative-budgets': [
    ['budget.daily_usd', 2, 'cannot be -1; 0 is used'],
    ['budget.projects."my.app".weekly_usd', 5, 'cannot be -0.5; 0 is used'],
  ],
  'refresh-zero': [['general.refresh_interval_secs', 2, 'cannot be 0; 1 is used']],
  'rate-out-of-range': [['alerts.cache_hit_rate_min', 2, 'cannot be 120; 100 is used']],
  'wrong-limit-of-one-agent': [
    [
      'budget.providers.codex.weekly_usd',
      2,
      'must be an amount in US dollars, 0 for no limit, not true',
      'Leave it out for the default: weekly_usd = 0',
    ],
    [
      'budget.providers.aider',
      3,
      'must be a table of limits, not a number',
      'Write its keys under [budget.providers.aider].',
    ],
  ],
  'negative-price': [
    [
      'pricing.overrides.gpt-5.input',
      2,
      'must be a price in US dollars per million tokens, not -1',
      'Leave it out if you do not need it.',
    ],
    [
      'pricing.overrides.gpt-5.cache_writes',
      4,
      'is not a setting and has no effect',
      'Did you mean pricing.overrides.gpt-5.cache_write?',
    ],
  ],
  'proto-as-a-name': [
    ['optimizer.applied_presets.__proto__', 2, 'cannot be used as a name', 'Choose another name, or leave it out.'],
  ],
  'escapes-in-keys-and-values': [
    [
      'general."the\\x1b[31mme"',
      2,
      'is not a setting and has no effect',
      'Known here: theme, background, mouse, refresh_interval_secs.',
    ],
    [
      'general.theme',
      3,
      'must be "standard", "high-contrast" or "cockpit", not "\\x1b]0;owned\\x07\\u202e"',
      'Leave it out for the default: theme = "standard"',
    ],
  ],
  'webhook-address-unusable': [
    ['alerts.webhooks[0].url', 2, 'is empty; this entry is disabled'],
    ['alerts.webhooks[1].url', 5, 'is not a valid URL; this entry is disabled'],
    ['alerts.webhooks[2].url', 8, 'has the scheme ftp; only http and https are sent to; this entry is disabled'],
    ['alerts.webhooks[3]', 10, 'has no address: write one of url, url_env and url_file; this entry is disabled'],
    [
      'alerts.webhooks[4]',
      13,
      'has several addresses: write only one of url, url_env and url_file; this entry is disabled',
    ],
  ],
  'webhook-address-unwise': [
    ['alerts.webhooks[0].url', 2, 'holds a user name or password; better in headers, with { env = "NAME" }'],
    ['alerts.webhooks[1].url', 4, 'is plain http: whoever is on the way can read the alerts'],
  ],
  'webhook-filter-wrong-disables-it': [
    [
      'alerts.webhooks[0].min_severity',
      3,
      'must be "info", "warning" or "critical", not "warn"; this entry is disabled',
      'Did you mean "warning"?',
    ],
    [
      'alerts.webhooks[2].include',
      8,
      'must be a list of "session_id", "project" and "host"; "path" in it is not; this entry is disabled',
      'Leave it out for the default: include = []',
    ],
    [
      'alerts.webhooks[2].quiet_hours',
      9,
      'must be two local times such as "22:00-07:00", not "22-7"; this entry is disabled',
      'Leave it out if you do not need it.',
    ],
  ],
  'webhook-secrets-are-never-shown': [
    [
      'alerts.webhooks[0].secret',
      3,
      'must be "whsec_" and the base64 of 24 to 64 bytes, { env = "NAME" } or { file = "PATH" }, or a list of two; this entry is disabled',
    ],
    [
      'alerts.webhooks[0].routing_key',
      4,
      'must be a text, { env = "NAME" } or { file = "PATH" }, not a number; this entry is disabled',
    ],
    [
      'alerts.webhooks[0].headers.Authorization',
      6,
      'must be a text, { env = "NAME" } or { file = "PATH" }, not a list; this entry is disabled',
    ],
    ['alerts.webhooks[1].url_env', 9, 'must be the name of an environment variable; this entry is disabled'],
  ],
  'webhook-template-missing': [
    ['alerts.webhooks[0]', 1, 'has format = "template" but no template; this entry is disabled'],
  ],
  'webhooks-as-one-table': [
    [
      'alerts.webhooks',
      1,
      'must be a list of tables [[alerts.webhooks]], not a table',
      'Write each one under [[alerts.webhooks]].',
    ],
  ],
};

describe('a file with something wrong', () => {
  test('has its expectation here', () => {
    const files = readdirSync(path.join(fixtures, 'invalid')).map((name) => name.replace('.toml', ''));
    expect(files.sort()).toEqual(Object.keys(wrong).sort());
  });

  const read = (name: string) => loadText(readFileSync(path.join(fixtures, 'invalid', `${name}.toml`)));

  test.each(Object.entries(wrong))('%s is warned about', async (name, expected) => {
    const { warnings, paths } = await read(name);
    expect(warnings).toEqual(
      expected.map(([key, line, message, hint]) => ({
        key,
        file: paths.config,
        ...(line === undefined ? {} : { line }),
        message: `${key} ${message}`,
        ...(hint === undefined ? {} : { hint }),
      })),
    );
  });

  test.each(Object.keys(wrong))('%s shows no secret and no control character', async (name) => {
    const text = JSON.stringify((await read(name)).warnings.map(warningText));
    expect(text).not.toContain('SECRET');
    expect(text).not.toMatch(/\\u00|\u202e/);
  });

  test('keeps every other key', async () => {
    const { config, sources } = await read('one-wrong-value-costs-itself-only');
    expect(config.budget).toMatchObject({ daily_usd: 0, weekly_usd: 20 });
    expect(config.general.theme).toBe('cockpit');
    expect(sources['budget.daily_usd']).toBe('default');
    expect(sources['budget.weekly_usd']).toBe('file');
  });

  test('is corrected where the original did so', async () => {
    expect((await read('retain-days-zero')).config.storage.retain_days).toBeUndefined();
    const { budget } = (await read('negative-budgets')).config;
    expect(budget.daily_usd).toBe(0);
    expect(budget.projects['my.app']).toEqual({ daily_usd: 0, weekly_usd: 0, monthly_usd: 3 });
    expect((await read('refresh-zero')).config.general.refresh_interval_secs).toBe(1);
    expect((await read('rate-out-of-range')).config.alerts.cache_hit_rate_min).toBe(100);
  });

  test('loses a bad webhook and keeps the good ones', async () => {
    const urls = async (name: string) => (await read(name)).config.alerts.webhooks.map(({ url }) => url);
    expect(await urls('webhook-address-unusable')).toEqual(['https://hooks.example.com/good']);
    expect(await urls('webhook-filter-wrong-disables-it')).toEqual(['https://hooks.example.com/two']);
    expect(await urls('webhook-address-unwise')).toHaveLength(2);
  });

  test('keeps the good part of a table', async () => {
    expect((await read('wrong-limit-of-one-agent')).config.budget.providers).toEqual({
      codex: { daily_usd: 2, weekly_usd: 0, monthly_usd: 0 },
    });
    expect((await read('negative-price')).config.pricing.overrides).toEqual({ 'gpt-5': { output: 10 } });
  });

  test('makes a line that names file, line, key and way out', async () => {
    const { warnings } = await read('misspelt-key');
    expect(warnings.map(warningText)).toEqual([
      'config.toml line 3: budget.daily_uds is not a setting and has no effect. Did you mean budget.daily_usd?',
    ]);
  });
});

describe('a file that is not TOML', () => {
  test.each([
    ['unfinished text', '[budget]\ndaily_usd = 5\n\n\n\n\ntheme = "SECRET\n', 'config.toml line 7: '],
    ['the same key twice', '[budget]\ndaily_usd = 5\ndaily_usd = 6\n', 'config.toml line 3: '],
    ['two on a line', 'a = 1 b = "SECRET"\n', 'config.toml line 1: '],
    ['bare word', '[general]\ntheme = SECRET\n', 'config.toml line 2: '],
  ])('%s is a usage error with its line that quotes nothing', async (_, toml, start) => {
    const error = await loadText(toml).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ name: 'ScopeonError', code: 'usage', message: expect.stringContaining(start) });
    expect(String((error as Error).message)).not.toMatch(/SECRET|\n/);
    expect(error).toHaveProperty('hint', expect.stringContaining(path.join(home, 'config.toml')));
  });

  test('but UTF-16 is a usage error too', async () => {
    const toml = Buffer.from('\ufeff[budget]\n', 'utf16le');
    await expect(loadText(toml)).rejects.toMatchObject({ code: 'usage', message: 'config.toml is not UTF-8 text' });
  });
});

describe('where the file is', () => {
  test('SCOPEON_CONFIG that names nothing is an error that says so', async () => {
    const missing = path.join(home, 'nowhere.toml');
    await expect(load({ SCOPEON_CONFIG: missing })).rejects.toMatchObject({
      code: 'usage',
      message: `cannot read ${missing}: there is no such file`,
      hint: 'SCOPEON_CONFIG names it: correct the path or create the file.',
    });
  });

  test('a directory or a dangling link in its place is an error, not the defaults', async () => {
    await expect(load({ SCOPEON_CONFIG: home })).rejects.toMatchObject({
      message: `cannot read ${home}: it is not a file`,
    });
    mkdirSync(path.join(home, '.scopeon'));
    symlinkSync('gone.toml', path.join(home, '.scopeon', 'config.toml'));
    await expect(load()).rejects.toMatchObject({
      message: expect.stringContaining('link to a file that does not exist'),
    });
  });

  test('~/.scopeon comes first, then the XDG directory; a directory of one’s own is whole', async () => {
    const xdgFile = write('.config/scopeon/config.toml', '[budget]\ndaily_usd = 1\n');
    expect((await load()).paths.config).toBe(xdgFile);
    expect((await load({ SCOPEON_HOME: path.join(home, 'mine') })).paths.config).toBeUndefined();
    const own = write('.scopeon/config.toml', '[budget]\ndaily_usd = 2\n');
    const { config, paths } = await load();
    expect(paths.config).toBe(own);
    expect(config.budget.daily_usd).toBe(2);
    const mine = write('mine/config.toml', '[budget]\ndaily_usd = 3\n');
    expect((await load({ SCOPEON_HOME: path.join(home, 'mine') })).paths.config).toBe(mine);
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

describe('the environment', () => {
  test('has a variable for every setting, over the file', async () => {
    const values: Readonly<Record<string, string>> = {
      'general.theme': 'cockpit',
      'general.background': 'light',
      'general.mouse': 'false',
      'general.refresh_interval_secs': '7',
      'providers.enabled': 'codex, aider,',
      'providers.generic_paths': '["a,b.jsonl"]',
      'providers.generic_name': 'Mine',
      'dashboard.live_metrics': 'session_depth',
      'dashboard.insights_metrics': 'waste_score',
      'budget.daily_usd': '5.5',
      'budget.weekly_usd': '1e1',
      'budget.monthly_usd': '50',
      'budget.providers': '{"codex": {"daily_usd": 1}}',
      'budget.projects': '{"my-app": {"daily_usd": 2}}',
      'alerts.daily_cost_usd': '3',
      'alerts.cache_hit_rate_min': '0.2',
      'alerts.repeat_after_mins': '0',
      'alerts.send_resolved': 'true',
      'alerts.desktop': '1',
      'alerts.bell': 'TRUE',
      'alerts.webhooks': '[{"url": "https://hooks.example.com/x"}]',
      'pricing.override_file': 'prices.toml',
      'pricing.overrides': '{"gpt-5": {"input": 1}}',
      'storage.retain_days': '30',
      'optimizer.applied_presets': '{"codex": "balanced"}',
    };
    write('.scopeon/prices.toml', '');
    const env = Object.fromEntries(Object.entries(values).map(([key, text]) => [variable(key), text]));
    const { config, warnings, sources } = await load(env);
    expect(warnings).toEqual([]);
    expect(new Set(Object.values(sources))).toEqual(new Set(['env']));
    expect(Object.keys(values).sort()).toEqual([...settingKeys].sort());
    expect(config).toMatchObject({
      general: { theme: 'cockpit', refresh_interval_secs: 7 },
      providers: { enabled: ['codex', 'aider'], generic_paths: ['a,b.jsonl'], generic_name: 'Mine' },
      budget: { daily_usd: 5.5, weekly_usd: 10, providers: { codex: { daily_usd: 1 } } },
      alerts: { repeat_after_mins: 0, send_resolved: true, desktop: true, bell: true },
      storage: { retain_days: 30 },
      optimizer: { applied_presets: { codex: 'balanced' } },
    });
  });

  test('wins over the file and loses to an option', async () => {
    write('.scopeon/config.toml', '[budget]\ndaily_usd = 1\nweekly_usd = 1\nmonthly_usd = 1\n');
    const env = { SCOPEON_BUDGET_DAILY_USD: '2', SCOPEON_BUDGET_WEEKLY_USD: '2' };
    const { config, sources } = await load(env, { 'budget.daily_usd': 3, 'providers.enabled': 'codex,aider' });
    expect(config.budget).toMatchObject({ daily_usd: 3, weekly_usd: 2, monthly_usd: 1 });
    expect(config.providers.enabled).toEqual(['codex', 'aider']);
    expect(sources).toMatchObject({
      'budget.daily_usd': 'option',
      'budget.weekly_usd': 'env',
      'budget.monthly_usd': 'file',
      'general.theme': 'default',
    });
  });

  test.each([
    [
      'SCOPEON_BUDGET_DAILY_USD',
      'five',
      'budget.daily_usd',
      'SCOPEON_BUDGET_DAILY_USD must be an amount in US dollars, 0 for no limit, not "five"',
    ],
    ['SCOPEON_ALERTS_BELL', 'yes', 'alerts.bell', 'SCOPEON_ALERTS_BELL must be true or false, not "yes"'],
    ['SCOPEON_BUDGET_PROJECTS', '{SECRET', 'budget.projects', 'SCOPEON_BUDGET_PROJECTS is not valid JSON'],
    [
      'SCOPEON_ALERTS_WEBHOOKS',
      '[{"url": "ftp://x/SECRET"}]',
      'alerts.webhooks[0].url',
      'SCOPEON_ALERTS_WEBHOOKS[0].url has the scheme ftp; only http and https are sent to; this entry is disabled',
    ],
    [
      'SCOPEON_BUDGET_DALY_USD',
      '5',
      'SCOPEON_BUDGET_DALY_USD',
      'SCOPEON_BUDGET_DALY_USD is not a setting and has no effect',
    ],
    ['SCOPEON_LOG', 'inf', 'SCOPEON_LOG', 'SCOPEON_LOG must be error, warn, info or debug, not "inf"'],
  ])('%s=%s is a warning that names the variable, and the file stands', async (name, value, key, message) => {
    write('.scopeon/config.toml', '[budget]\ndaily_usd = 1\n');
    const { config, warnings } = await load({ [name]: value });
    expect(warnings).toEqual([expect.objectContaining({ key, message })]);
    expect(warnings[0]).not.toHaveProperty('file');
    expect(config.budget.daily_usd).toBe(1);
  });

  test('has variables of ours that are no settings, and empty ones, that count for nothing', async () => {
    const names = ['SECRET', 'SAMPLES', 'VERSION', 'INSTALL', 'STATUS', 'DB'];
    const env = Object.fromEntries(names.map((name) => [`SCOPEON_${name}`, 'x']));
    const { config, warnings } = await load({ ...env, SCOPEON_BUDGET_DAILY_USD: '', SCOPEON_HOME: '' });
    expect(warnings).toEqual([]);
    expect(config).toEqual(defaultConfig);
  });

  test('can lift a limit of the file', async () => {
    write('.scopeon/config.toml', '[storage]\nretain_days = 30\n');
    const { config, sources } = await load({ SCOPEON_STORAGE_RETAIN_DAYS: '0' });
    expect(config.storage.retain_days).toBeUndefined();
    expect(sources['storage.retain_days']).toBe('env');
  });

  test('sets the log level', async () => {
    expect((await load({ SCOPEON_LOG: 'Debug' })).logLevel).toBe('debug');
    expect((await load()).logLevel).toBeUndefined();
  });
});

describe('an option', () => {
  test.each([
    [{ 'budget.daily_usd': 'five' }, 'budget.daily_usd must be an amount in US dollars, 0 for no limit, not "five"'],
    [{ 'budget.projects': '{' }, 'budget.projects is not valid JSON'],
    [{ 'budget.daly_usd': 5 }, 'budget.daly_usd is not a setting'],
  ])('that is wrong is a usage error: %o', async (overrides, message) => {
    await expect(load({}, overrides as Overrides)).rejects.toMatchObject({
      name: 'ScopeonError',
      code: 'usage',
      message,
    });
  });
});

describe('pricing.override_file', () => {
  test('adds tables, relative to the file that names it; the configuration’s own win', async () => {
    write('team.toml', '[overrides."gpt-5"]\ninput = 1\noutput = 2\n[overrides.llama]\ninput = 0\n');
    const { config, warnings } = await loadText(
      '[pricing]\noverride_file = "team.toml"\n[pricing.overrides."gpt-5"]\ninput = 9\n',
    );
    expect(warnings).toEqual([]);
    expect(config.pricing.overrides).toEqual({ 'gpt-5': { input: 9 }, llama: { input: 0 } });
  });

  test('is warned about by its own name and line', async () => {
    const file = write('team.toml', '[overrides."gpt-5"]\ninput = "1"\n\n[overide.x]\n');
    const { warnings } = await loadText('[pricing]\noverride_file = "team.toml"\n');
    expect(warnings.map(({ key, line }) => [key, line])).toEqual([
      ['overrides.gpt-5.input', 2],
      ['overide', 4],
    ]);
    expect(new Set(warnings.map((warning) => warning.file))).toEqual(new Set([file]));
  });

  test('that is missing is a warning at the key, and one that is not TOML an error', async () => {
    const { warnings } = await loadText('[pricing]\noverride_file = "~/gone.toml"\n');
    expect(warnings).toEqual([
      expect.objectContaining({
        key: 'pricing.override_file',
        line: 2,
        message: `pricing.override_file has no effect: cannot read ${path.join(home, 'gone.toml')}: there is no such file`,
      }),
    ]);
    write('team.toml', 'a\n');
    await expect(loadText('[pricing]\noverride_file = "team.toml"\n')).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining('team.toml line 1: '),
    });
  });
});

test.skipIf(process.platform === 'win32')('a file with webhooks that others can read is warned about', async () => {
  const withHook = write('config.toml', '[alerts]\n[[alerts.webhooks]]\nurl = "https://hooks.example.com/x"\n', 0o644);
  const { warnings } = await load({ SCOPEON_CONFIG: withHook });
  expect(warnings).toEqual([
    {
      key: 'alerts.webhooks',
      file: withHook,
      line: 2,
      message: 'alerts.webhooks may hold secrets, and others can read this file',
      hint: `Run: chmod 600 ${withHook}`,
    },
  ]);
  const without = write('plain.toml', '[budget]\ndaily_usd = 1\n', 0o644);
  expect((await load({ SCOPEON_CONFIG: without })).warnings).toEqual([]);
});

describe('the line of a key', () => {
  const toml = [
    'top = 1 # not = this', // 1
    'long = """', // 2
    'a = 1', // 3
    '[not.a.table]', // 4
    '""""', // 5
    "literal = '''\\'''", // 6
    'dotted.key."quoted.part" = [ # a comment ]', // 7
    '  1, { inner = 2,', // 8
    '    \'deep\' = { x = "}" } },', // 9
    '] # end', // 10
    '', // 11
    '[ table . "sp ace" ]', // 12
    'key = 1979-05-27 07:32:00', // 13
    '[[list]]', // 14
    'name = "a"', // 15
    '[list.sub]', // 16
    'x = 1', // 17
    '[[list]]', // 18
    'name = "b"', // 19
    '[[list.nested]]', // 20
    'y = 1', // 21
    '[[list.nested]]', // 22
    'y = 2', // 23
  ].join('\n');

  test.each([
    [['top'], 1],
    [['long'], 2],
    [['a'], undefined],
    [['not'], undefined],
    [['literal'], 6],
    [['dotted'], 7],
    [['dotted', 'key', 'quoted.part'], 7],
    [['dotted', 'key', 'quoted.part', 1, 'inner'], 8],
    [['dotted', 'key', 'quoted.part', 1, 'deep', 'x'], 9],
    [['table', 'sp ace', 'key'], 13],
    [['table', 'sp ace', 'gone'], 12],
    [['list', 0, 'name'], 15],
    [['list', 0, 'sub', 'x'], 17],
    [['list', 1], 18],
    [['list', 1, 'name'], 19],
    [['list', 1, 'nested', 1, 'y'], 23],
    [['list', 1, 'nested', 0, 'y'], 21],
    [['elsewhere'], undefined],
  ] as const)('%j is in line %s', (key, line) => {
    parse(toml); // it is good TOML
    expect(keyLines(toml)(key)).toBe(line);
  });

  test('is unknown, not wrong, behind something strange', () => {
    const lines = keyLines('a = 1\n"\\U0001F600" = 1\nb = 2\n');
    expect(lines(['a'])).toBe(1);
    expect(lines(['b'])).toBeUndefined();
  });

  test('is right in any file: each value has a number of its own, found on the line of its key', () => {
    const name = fc.oneof(fc.constantFrom('a', 'b', 'c.d', '"', "'", '# x', ''), fc.string({ maxLength: 4 }));
    const { table } = fc.letrec((tie) => ({
      value: fc.oneof(
        { withCrossShrink: true },
        fc.constant(0),
        tie('table'),
        fc.array(tie('table'), { maxLength: 3 }),
      ),
      table: fc.dictionary(name, tie('value'), { maxKeys: 4 }),
    }));
    fc.assert(
      fc.property(table, (tree) => {
        const leaves: (readonly (string | number)[])[] = [];
        const toml = stringify(number(tree, [], leaves) as Record<string, unknown>);
        const [lineOf, lines] = [keyLines(toml), toml.split('\n')];
        for (const [i, leaf] of leaves.entries()) {
          expect(lines[(lineOf(leaf) ?? 0) - 1]).toMatch(new RegExp(`= ${1000 + i}\\b`));
        }
      }),
    );
  });

  test('comes to an end with any text', () => {
    const piece = fc.constantFrom('[', ']', '{', '}', '"', "'", '=', '.', ',', '\n', '#', 'a', ' ', '\\');
    fc.assert(fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => keyLines(pieces.join(''))(['a']) !== 0));
  });

  test('counts Windows line ends once', () => {
    expect(keyLines('a = 1\r\nb = 2\r\n')(['b'])).toBe(2);
  });
});

test.each([
  ['daily_uds', 'daily_usd'],
  ['Daily-USD', 'daily_usd'],
  ['dayli_usd', 'daily_usd'],
  ['daily', 'daily_usd'],
  ['themes_of_colour', 'theme'],
  ['colour', undefined],
  ['', undefined],
])('%j is nearest to %s', (word, expected) => {
  expect(closest(word, ['daily_usd', 'weekly_usd', 'theme'])).toBe(expected);
});

function variable(key: string): string {
  return `SCOPEON_${key.replace('.', '_').toUpperCase()}`;
}

/** Everything that loading a file of `src/` loads at once, followed through our own files. */
function staticImports(file: string, seen = new Set<string>()): ReadonlySet<string> {
  const source = readFileSync(path.join(import.meta.dirname, '..', 'src', file), 'utf8');
  for (const [, name = ''] of source.matchAll(/^(?:import|export) (?!type )[^;]*?from '([^']+)';/gm)) {
    if (seen.has(name)) continue;
    seen.add(name);
    if (name.startsWith('./')) staticImports(name.slice(2), seen);
  }
  return seen;
}

function expectFrozen(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  expect(Object.isFrozen(value)).toBe(true);
  for (const part of Object.values(value)) expectFrozen(part);
}

/** Keys of the schema that the values never show, also in tables with names of one's own and in any entry of a list. */
function missing(schema: z.ZodType, values: unknown, at: string): readonly string[] {
  const inner = unwrap(schema);
  const entries = Object.values(values ?? {});
  if (inner instanceof z.ZodArray && unwrap(inner.element as z.ZodType) instanceof z.ZodObject) {
    return missing(inner.element as z.ZodType, Object.assign({}, ...entries), `${at}[]`);
  }
  if (inner instanceof z.ZodRecord) {
    return entries.length === 0 ? [at] : missing(inner.valueType as z.ZodType, entries[0], `${at}.*`);
  }
  if (!(inner instanceof z.ZodObject)) return [];
  return Object.entries(inner.shape).flatMap(([key, part]) => {
    const value = (values as Record<string, unknown>)[key];
    return value === undefined ? [`${at}.${key}`] : missing(part as z.ZodType, value, `${at}.${key}`);
  });
}

/** A comment just above, or above the neighbours that share it. */
function hasCommentAbove(lines: readonly string[], i: number): boolean {
  for (let above = i - 1; above >= 0; above--) {
    const line = lines[above] ?? '';
    if (line.startsWith('# ')) return true;
    if (line === '') return false;
  }
  return false;
}

/** A copy of the tree in which each number is another one, from 1000; `leaves` gets their paths in that order. */
function number(tree: unknown, at: readonly (string | number)[], leaves: (readonly (string | number)[])[]): unknown {
  if (Array.isArray(tree)) return tree.map((item, i) => number(item, [...at, i], leaves));
  if (typeof tree === 'number') return 999 + leaves.push(at);
  const entries = Object.entries(tree as Record<string, unknown>);
  return Object.fromEntries(entries.map(([key, value]) => [key, number(value, [...at, key], leaves)]));
}
