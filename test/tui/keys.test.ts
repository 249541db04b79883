import type { Key } from 'ink';
import { describe, expect, test } from 'vitest';
import { actionOf, frameKeys, keyLabel, keyNames, tabKeys } from '../../src/tui/keys.ts';
import sessions from '../../src/tui/tabs/sessions.tsx';

const none = {
  upArrow: false,
  downArrow: false,
  ctrl: false,
  shift: false,
  meta: false,
  escape: false,
  return: false,
  tab: false,
} as Key;

describe('the key tables', () => {
  const tables = [...frameKeys, ...tabKeys, ...(sessions.keys ?? [])];

  test('give no key two meanings', () => {
    const keys = tables.flatMap((binding) => binding.keys);
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys.some((key) => /^\d$/.test(key))).toBe(false); // digits are the tabs'
  });

  test('name what is promised: moving, opening, sorting, help and quitting', () => {
    const promised = {
      up: 'up',
      k: 'up',
      down: 'down',
      j: 'down',
      g: 'first',
      G: 'last',
      return: 'open',
      escape: 'back',
      s: 'sort',
      r: 'redraw',
      '?': 'help',
      q: 'quit',
      'ctrl+c': 'quit',
    };
    for (const [key, action] of Object.entries(promised)) expect(actionOf(tables, key)).toBe(action);
  });

  test('have words for help and printable labels', () => {
    for (const binding of tables) {
      expect(binding.help).toMatch(/^[a-z].*[^.]$/);
      expect(keyLabel(binding)).not.toMatch(/ctrl\+|return|escape|page/);
    }
  });
});

describe('a key press', () => {
  test.each([
    ['j', none, ['j']],
    ['jjk', none, ['j', 'j', 'k']],
    ['5.\u007f\t7\r\u0003', none, ['5', '.', 'backspace', 'tab', '7', 'return', 'ctrl+c']], // in one go
    ['', { ...none, upArrow: true }, ['up']],
    ['c', { ...none, ctrl: true }, ['ctrl+c']],
    ['', { ...none, tab: true, shift: true }, ['shift+tab']],
    ['', { ...none, escape: true, meta: true }, ['escape']],
    ['x', { ...none, meta: true }, []],
  ])('%j is named', (input, key, names) => {
    expect(keyNames(input, key)).toEqual(names);
  });
});
