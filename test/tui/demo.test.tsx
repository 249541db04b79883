import { afterAll, beforeAll, expect, test } from 'vitest';
import { createWorld } from '../../src/demo/world.ts';
import { loadMembers } from '../../src/members.ts';
import { openReader } from '../../src/store/open.ts';
import type { Tab } from '../../src/tui/tab.ts';
import { createHouse, type House } from '../helpers/house.ts';
import { now, show, widest } from './show.tsx';

const tabs = [...(await loadMembers<Tab>('tui/tabs')).values()].sort((a, b) => a.key.localeCompare(b.key));
const limits = { daily_usd: 25, weekly_usd: 100, monthly_usd: 300 };
const budget = { ...limits, providers: {}, projects: { 'billing-api': { ...limits, monthly_usd: 40 } } };
/** What is in sight on each tab from 80 columns on. */
const inSight: Readonly<Record<string, readonly RegExp[]>> = {
  Dashboard: [/storefront fix\/cart-total/, /Context +\d+%/],
  Sessions: [/▌● storefront/],
  Config: [/Settings/],
  Insights: [/Health \d+ of 100/],
  Budget: [/Today +━+─* +\d+% +\$[\d.]+ of/],
  Providers: [/claude-code/, /codex/],
  Agents: [/storefront +\S+ .*\$\d/],
};

let house: House;

beforeAll(async () => {
  house = await createHouse({ now: () => now, keepTimes: true });
  createWorld(house.home, now);
  (await house.catchUp()).db?.close();
}, 120_000);
afterAll(() => house.remove());

/** Two months of two agents, as the demo shows them. */
test.each(tabs.map((tab) => [tab.title, tab] as const))('%s shows the demo in every size', async (title, tab) => {
  const shown = await show(
    { reader: () => openReader(house.store) },
    { tabs, size: [120, 40], known: { budget, metrics: { live: [], insights: [] } } },
  );
  try {
    await shown.press(tab.key);
    for (const [columns, rows] of [
      [120, 40],
      [80, 24],
      [200, 60],
      [60, 20],
      [24, 5],
    ] as const) {
      await shown.resize(columns, rows);
      expect(shown.lines()).toHaveLength(rows);
      expect(widest(shown.lines())).toBeLessThanOrEqual(columns);
      expect(shown.text()).not.toMatch(/undefined|NaN|Infinity|\[object|\bnull\b/);
      if (columns >= 80) for (const words of inSight[title] ?? []) expect(shown.text()).toMatch(words);
    }
  } finally {
    shown.close();
  }
});
