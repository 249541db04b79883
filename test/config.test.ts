import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { defaultConfig, settingKeys } from '../src/config/defaults.ts';
import { type ConfigOverrides, eachTestHasAHome, home, load, loadText, notYet, write } from './helpers/config-home.ts';

eachTestHasAHome();

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
    expect(warnings.map(({ message }) => message)).toEqual([expect.stringContaining(notYet)]);
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
    await expect(load({}, overrides as ConfigOverrides)).rejects.toMatchObject({
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
        message: `pricing.override_file has no effect: cannot read ${path.join(home(), 'gone.toml')}: there is no such file`,
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

function variable(key: string): string {
  return `SCOPEON_${key.replace('.', '_').toUpperCase()}`;
}
