import { expect, test } from 'vitest';
import { closest } from '../../src/config/suggest.ts';

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
