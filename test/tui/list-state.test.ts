import { describe, expect, test } from 'vitest';
import {
  firstState,
  type ListAction,
  type ListState,
  reduceList,
  selectedIndex,
  windowStart,
} from '../../src/tui/components/list-state.ts';

const given = { ids: [11, 12, 13, 14, 15], page: 2, lastScroll: 10 };
const doing = (...actions: readonly ListAction[]) =>
  actions.reduce<ListState>((state, action) => reduceList(state, action, given), firstState);

describe('the list', () => {
  test('moves within its ends and by pages', () => {
    expect(doing('down', 'down').selected).toBe(13);
    expect(doing('down', 'up', 'up').selected).toBe(11);
    expect(doing('page-down', 'page-down', 'page-down').selected).toBe(15);
    expect(doing('last', 'page-up').selected).toBe(13);
    expect(doing('last', 'first').selected).toBeUndefined();
  });

  test('keeps the session when the order changes, the place when the session is gone', () => {
    const state = doing('down', 'down');
    expect(selectedIndex(state, [13, 11, 12])).toBe(0);
    expect(selectedIndex(state, [11, 12, 14, 15])).toBe(2);
    expect(selectedIndex(state, [11])).toBe(0);
    expect(selectedIndex(state, [])).toBe(0);
  });

  test('pins what it opens and scrolls it within its length', () => {
    const open = doing('open');
    expect(open).toMatchObject({ view: 'detail', selected: 11, scroll: 0 });
    expect(doing('open', 'down', 'page-down').scroll).toBe(3);
    expect(doing('open', 'last', 'down').scroll).toBe(10);
    expect(doing('open', 'down', 'back')).toMatchObject({ view: 'list', selected: 11, scroll: 0 });
    expect(reduceList(firstState, 'open', { ...given, ids: [] })).toBe(firstState);
  });

  test('goes round the orders', () => {
    expect(doing('sort').sort).toBe('oldest');
    expect(doing('sort', 'sort').sort).toBe('costliest');
    expect(doing('sort', 'sort', 'sort').sort).toBe('newest');
  });
});

test.each([
  [0, 0, 10, 100, 0],
  [0, 9, 10, 100, 0],
  [0, 10, 10, 100, 1],
  [50, 20, 10, 100, 20],
  [95, 99, 10, 100, 90],
  [5, 2, 10, 4, 0],
  [0, 0, 10, 0, 0],
])(
  'a window at %i that must show row %i of height %i over %i rows starts at %i',
  (before, index, height, count, start) => {
    expect(windowStart(before, index, height, count)).toBe(start);
  },
);
