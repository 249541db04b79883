import { expect, test } from 'vitest';
import { yearLines } from '../../src/tui/components/year-panel.ts';
import { createTheme } from '../../src/tui/theme.ts';

const day = (date: number, turns: number, costUsd: number) =>
  ({ date: `2026-04-${String(date).padStart(2, '0')}`, turns, costUsd, level: turns === 0 ? 0 : 1 }) as const;
const heading = (days: readonly ReturnType<typeof day>[]): string =>
  yearLines(days, { width: 80, theme: createTheme('standard', 'none') })[0]?.trim() ?? '';

test('the year’s heading tells the dearest day and counts the days with use', () => {
  expect(heading([day(5, 0, 0), day(6, 2, 0.5), day(7, 1, 2)])).toMatch(
    /most \$2\.00 on 2026-04-07 · 2 days with use$/,
  );
  expect(heading([day(5, 0, 0), day(6, 2, 0.5)])).toMatch(/most \$0\.50 on 2026-04-06 · 1 day with use$/);
  expect(heading([day(5, 3, 0)])).toMatch(/more {2,}1 day with use$/);
});
