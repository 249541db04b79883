import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadMembers } from '../../src/members.ts';
import { openReader } from '../../src/store/open.ts';
import type { Tab } from '../../src/tui/tab.ts';
import { makeBenchStore } from '../bench/store.ts';
import { now, type Shown, show, widest } from './show.tsx';

const isAsked = process.env.SCOPEON_BIG_STORE === '1';
if (!isAsked)
  console.warn('skipped: frames over a million turns, which take minutes; SCOPEON_BIG_STORE=1 asks for them');
const limitMs = 600_000;
const tabs = [...(await loadMembers<Tab>('tui/tabs')).values()].sort((a, b) => a.key.localeCompare(b.key));

/** About 20,000 sessions. */
describe.skipIf(!isAsked)('over a million turns', () => {
  const home = mkdtempSync(join(tmpdir(), 'scopeon-big-'));
  const paths = { db: join(home, 'scopeon.db'), backups: join(home, 'backups') };
  const store = { reader: () => openReader(paths) };
  let shown: Shown | undefined;

  beforeAll(async () => {
    await makeBenchStore(paths, 1_000_000, now, 90);
  }, limitMs);
  afterAll(() => {
    shown?.close();
    rmSync(home, { recursive: true, force: true });
  });

  test.each([
    [60, 20],
    [80, 24],
    [120, 40],
    [200, 60],
  ])(
    'every tab fills %i × %i exactly',
    async (columns, rows) => {
      shown = await show(store, { size: [columns, rows], tabs });
      for (const tab of tabs) {
        await shown.press(tab.key);
        expect(shown.lines()).toHaveLength(rows);
        expect(widest(shown.lines())).toBeLessThanOrEqual(columns);
        expect(shown.lines().filter((line) => line.trim() !== '').length).toBeGreaterThan(5);
      }
      shown.close();
    },
    limitMs,
  );

  test(
    'the list reaches its last session, and a filter finds one project of all',
    async () => {
      shown = await show(store, { size: [120, 40], tabs });
      await shown.press('2', 'G');
      const [, last = '', count = ''] = / ([\d,]+)\/([\d,]+)$/.exec(shown.lines().at(-1) ?? '') ?? [];
      expect(last).toBe(count);
      expect(Number(count.replaceAll(',', ''))).toBeGreaterThan(15_000);
      await shown.press('/', 'project:project-5', '\r');
      expect(shown.text()).toMatch(/▌[●·] project-5 /);
      shown.close();
    },
    limitMs,
  );
});
