import { expect, test } from 'vitest';
import { countdownText } from '../../src/tui/components/figures.ts';

test('a countdown has seconds only when there are few minutes left', () => {
  const [second, minute, hour] = [1_000, 60_000, 3_600_000];
  const left = [
    [26 * hour, '1d 2h'],
    [hour, '1h 00m'],
    [hour - 400, '1h 00m'],
    [hour - second, '59m'],
    [47 * minute + 59 * second, '47m'],
    [10 * minute, '10m'],
    [10 * minute - second, '9m 59s'],
    [58 * second, '58s'],
  ] as const;
  expect(left.map(([ms]) => countdownText(ms))).toEqual(left.map(([, text]) => text));
});
