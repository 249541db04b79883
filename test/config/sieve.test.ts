import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { defaultConfig } from '../../src/config/defaults.ts';
import { warningText } from '../../src/config.ts';
import { configFixtures, eachTestHasAHome, home, loadText } from '../helpers/config-home.ts';

eachTestHasAHome();

describe('a good file', () => {
  const files = readdirSync(path.join(configFixtures, 'valid'));

  test.each(files)('%s is read without a warning', async (name) => {
    const { warnings } = await loadText(readFileSync(path.join(configFixtures, 'valid', name)));
    expect(warnings).toEqual([]);
  });

  const read = async (name: string) =>
    (await loadText(readFileSync(path.join(configFixtures, 'valid', `${name}.toml`)))).config;

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
    const files = readdirSync(path.join(configFixtures, 'invalid')).map((name) => name.replace('.toml', ''));
    expect(files.sort()).toEqual(Object.keys(wrong).sort());
  });

  const read = (name: string) => loadText(readFileSync(path.join(configFixtures, 'invalid', `${name}.toml`)));

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
    expect(error).toHaveProperty('hint', expect.stringContaining(path.join(home(), 'config.toml')));
  });

  test('but UTF-16 is a usage error too', async () => {
    const toml = Buffer.from('\ufeff[budget]\n', 'utf16le');
    await expect(loadText(toml)).rejects.toMatchObject({ code: 'usage', message: 'config.toml is not UTF-8 text' });
  });
});
