import { expect, test } from 'vitest';
import { loadConfig } from '../src/config.ts';
import { shownSettings } from '../src/shown-settings.ts';

test('settings are shown with their source; addresses, secrets and headers of webhooks are not', async () => {
  const secret = `whsec_${Buffer.from('CANARY'.repeat(6)).toString('base64')}`;
  const webhooks = [
    {
      url: 'https://hooks.example.com/CANARY/path',
      secret: secret,
      headers: { authorization: 'CANARY-token' },
    },
  ];
  const env = { SCOPEON_BUDGET_DAILY_USD: '5', SCOPEON_HOME: '/nowhere' };
  const loaded = await loadConfig({
    env,
    home: '/nowhere',
    platform: 'linux',
    overrides: { 'alerts.webhooks': webhooks },
  });
  const shown = shownSettings(loaded, { env, home: '/nowhere' });
  const line = (name: string) => shown.lines.find((each) => each.name === name);
  expect(line('budget.daily_usd')).toEqual({ name: 'budget.daily_usd', value: '5', source: 'env' });
  expect(line('storage.retain_days')).toEqual({ name: 'storage.retain_days', value: '', source: 'default' });
  expect(line('alerts.webhooks')?.value).toMatch(/^https:\/\/hooks\.example\.com\/#[0-9a-f]{6}$/);
  expect(JSON.stringify(shown)).not.toMatch(/CANARY|whsec_/);
});
