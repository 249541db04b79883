import { expect, it } from 'vitest';
import { darkAfterMs, isDark } from '../../src/metrics/silence.ts';

const hour = 3_600_000;

it('a provider goes dark after three times the pause it hardly ever exceeds, an hour at least', () => {
  expect(darkAfterMs([])).toBe(hour);
  expect(darkAfterMs(Array.from({ length: 100 }, () => 1_000))).toBe(hour);
  // 0 to 100 minutes: 95 of 100 lie below 95.
  expect(darkAfterMs(Array.from({ length: 101 }, (_, i) => i * 60_000))).toBe(3 * 95 * 60_000);
});

it.each([
  ['whose files do not change', null, 10 * hour, false],
  ['of which no file was read', 0, null, false],
  ['silent within its habit', 0, hour, false],
  ['silent beyond it', 0, hour + 1, true],
])('one %s', (_, quietSince, lastChangeAt, dark) => {
  expect(isDark(quietSince, lastChangeAt, () => [])).toBe(dark);
});
