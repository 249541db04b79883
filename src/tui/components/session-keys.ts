import type { KeyBinding } from '../keys.ts';

/** Keys of the sessions tab, of its list and of an open session. */
export const sessionKeys: readonly KeyBinding[] = [
  { action: 'up', keys: ['up', 'k'], help: 'up; in a session: scroll' },
  { action: 'down', keys: ['down', 'j'], help: 'down', hint: 'move', hintKeys: '↑↓' },
  { action: 'page-up', keys: ['pageup'], help: 'a page up' },
  { action: 'page-down', keys: ['pagedown', ' '], help: 'a page down' },
  { action: 'first', keys: ['g', 'home'], help: 'first, whatever comes new' },
  { action: 'last', keys: ['G', 'end'], help: 'last' },
  { action: 'open', keys: ['return'], help: 'open the session', hint: 'open' },
  { action: 'back', keys: ['escape'], help: 'back to the list', hint: 'back' },
  { action: 'earlier', keys: ['left', 'h'], help: 'in a session: a turn back' },
  { action: 'later', keys: ['right', 'l'], help: 'in a session: a turn on', hint: 'turn', hintKeys: '←→' },
  { action: 'next-provider', keys: [']'], help: 'next provider only; in a session: next section' },
  { action: 'previous-provider', keys: ['['], help: 'previous provider; section' },
  { action: 'next-model', keys: ['}'], help: 'next model only; in a session: ten turns on' },
  { action: 'previous-model', keys: ['{'], help: 'previous model; ten turns back' },
  { action: 'filter', keys: ['/'], help: 'filter; Esc clears it', hint: 'filter' },
  { action: 'trends', keys: ['t'], help: 'two weeks in bars, and back', hint: 'trends' },
  { action: 'sort', keys: ['s'], help: 'sort: newest, oldest, costliest', hint: 'sort' },
];

export const listHints = sessionKeys.filter((binding) => binding.action !== 'back' && binding.action !== 'later');

export const pageHints: readonly KeyBinding[] = sessionKeys.flatMap((binding) => {
  if (binding.action === 'down') return [{ ...binding, hint: 'scroll' }];
  return binding.action === 'back' || binding.action === 'later' ? [binding] : [];
});

/** In an open session: so many turns on. */
export const turnSteps: ReadonlyMap<string, number> = new Map([
  ['earlier', -1],
  ['later', 1],
  ['previous-model', -10],
  ['next-model', 10],
]);

/** In the list: what is narrowed, and in which direction. */
export const scopeSteps: ReadonlyMap<string, readonly [of: 'provider' | 'model', by: 1 | -1]> = new Map([
  ['next-provider', ['provider', 1]],
  ['previous-provider', ['provider', -1]],
  ['next-model', ['model', 1]],
  ['previous-model', ['model', -1]],
]);

/** In an open session: to the section after or before. */
export const sectionSteps: ReadonlyMap<string, 1 | -1> = new Map([
  ['next-provider', 1],
  ['previous-provider', -1],
]);
