import { expect, test } from 'vitest';
import { ageing } from '../../src/tui/components/ageing.ts';

/** When it was time within so many seconds, looked at every two; `changes` at the times given. */
function drawnAt(seconds: number, { live = true, changes = [] as readonly number[] } = {}): readonly number[] {
  let at = 0;
  const isDue = ageing(2_000, () => changes.filter((second) => second <= at).length);
  const drawn: number[] = [];
  for (at = 0; at <= seconds; at += 2) if (isDue(at * 1_000, live)) drawn.push(at);
  return drawn;
}

test('ages that tick are drawn every time', () => {
  expect(drawnAt(10, { changes: [1, 3, 5, 7, 9] })).toEqual([0, 2, 4, 6, 8, 10]);
});

test('what stands still is drawn more and more seldom, until something changes', () => {
  expect(drawnAt(90)).toEqual([0, 4, 12, 28, 48, 68, 88]);
  expect(drawnAt(60, { changes: [49] })).toEqual([0, 4, 12, 28, 48, 50, 54]);
});

test('while nothing is live ages are minutes and more', () => {
  expect(drawnAt(60, { live: false, changes: [1, 3, 5, 7, 9] })).toEqual([0, 20, 40, 60]);
});

test('whoever wants it more seldom gets it so', () => {
  const isDue = ageing(60_000, () => 0);
  expect([0, 60_000, 120_000].map((now) => isDue(now, false))).toEqual([true, true, true]);
});
