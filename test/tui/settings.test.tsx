import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadMembers } from '../../src/members.ts';
import type { Tab } from '../../src/tui/tab.ts';
import { now, type Shown, show } from './show.tsx';
import { createTestStore, type TestStore } from './store.ts';

const tabs = [...(await loadMembers<Tab>('tui/tabs')).values()].sort((a, b) => a.key.localeCompare(b.key));
let store: TestStore;
let shown: Shown;

beforeEach(async () => {
  store = await createTestStore(now);
  const shop = store.addSession({ id: 's1', project: '/home/me/shop', contextTokens: 60_000 });
  for (let at = 20; at > 0; at--) store.addTurn(shop, { at: now - at * 60_000, costUsd: 0.1, read: 1_000 });
});

afterEach(() => {
  shown.close();
  store.remove();
});

const budget = (daily: number) => ({ daily_usd: daily, weekly_usd: 0, monthly_usd: 0, providers: {}, projects: {} });
const metrics = { live: ['cost_per_turn'], insights: [] };

test('limits and figures count as they are edited, on whichever tab', async () => {
  shown = await show(store, { tabs, size: [100, 40], known: { budget: budget(5), metrics } });
  expect(shown.text()).toMatch(/\$2\.00 of \$5\.00/);
  expect(shown.text()).toContain('Cost per turn');
  await shown.edit({ answers: { budget: budget(8), metrics: { live: ['token_velocity'], insights: [] } } });
  expect(shown.text()).toMatch(/\$2\.00 of \$8\.00/);
  expect(shown.text()).not.toContain('Cost per turn');
  await shown.press('5');
  await shown.edit({ answers: { budget: budget(0), metrics } });
  expect(shown.text()).toContain('No limit is set.');
  await shown.press('1');
  expect(shown.text()).not.toMatch(/of \$/);
});

test('what is wrong with them stands in one line until it is mended, before alerts and notes', async () => {
  shown = await show(store, { tabs, size: [80, 24], collector: { phase: 'standby' } });
  expect(shown.lines()[3]).toContain('Another scopeon');
  await shown.edit({ trouble: 'config.toml line 3: key without value\u001b[2J' });
  expect(shown.lines()[3]).toMatch(/^ Settings of before hold: config\.toml line 3: key without value\\x1b\[2J *$/);
  await shown.edit({ trouble: undefined });
  expect(shown.lines()[3]).toContain('Another scopeon');
});

test('another theme counts at once, and over one that was picked before; one picked stays while others are edited', async () => {
  shown = await show(store, { tabs, size: [80, 24], colour: true });
  const accent = { standard: '\u001b[36m', 'high-contrast': '\u001b[1;96m', cockpit: '\u001b[38;2;88;196;221m' };
  expect(shown.raw()).toContain(accent.standard);
  await shown.edit({ theme: 'high-contrast' });
  expect(shown.raw()).toContain(accent['high-contrast']);
  await shown.press('\u0010', 'cockpit', '\r');
  expect(shown.raw()).toContain(accent.cockpit);
  await shown.edit({ mouse: false });
  expect(shown.raw()).toContain(accent.cockpit);
  await shown.edit({ theme: 'standard' });
  expect(shown.raw()).toContain(accent.standard);
});
