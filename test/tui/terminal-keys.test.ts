import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadMembers } from '../../src/members.ts';
import { frameKeys, type KeyBinding, tabKeys } from '../../src/tui/keys.ts';
import type { Tab } from '../../src/tui/tab.ts';
import { buildAll, hasTmux, openTerminal, type Terminal } from './terminal.ts';

const limitMs = 180_000;
const tabs = [...(await loadMembers<Tab>('tui/tabs')).values()].sort((a, b) => a.key.localeCompare(b.key));
/** As tmux names them. */
const named: ReadonlyMap<string, string> = new Map([
  ['up', 'Up'],
  ['down', 'Down'],
  ['left', 'Left'],
  ['right', 'Right'],
  ['pageup', 'PageUp'],
  ['pagedown', 'PageDown'],
  ['home', 'Home'],
  ['end', 'End'],
  ['return', 'Enter'],
  ['escape', 'Escape'],
  ['tab', 'Tab'],
  ['shift+tab', 'BTab'],
  ['ctrl+p', 'C-p'],
  ['ctrl+l', 'C-l'],
  [' ', 'Space'],
]);
const turns = 30;

/** What is typed first, and what the screen must show then and after the key. */
interface Expected {
  readonly first?: readonly (readonly [keys: string, shows: RegExp | ((text: string) => boolean)])[];
  readonly shows: RegExp | ((text: string, before: string) => boolean);
}

const range = (text: string): { readonly from: number; readonly to: number; readonly of: number } | undefined => {
  const [, from, to, of] = /(\d+)–(\d+) of (\d+) *\n?$/.exec(text.trimEnd()) ?? [];
  return from === undefined ? undefined : { from: Number(from), to: Number(to), of: Number(of) };
};
/** A page that has room for all of itself stays as it is. */
const page =
  (holds: (at: { from: number; to: number; of: number }) => boolean) =>
  (text: string): boolean => {
    const at = range(text);
    return at === undefined || holds(at);
  };
const isChanged = (text: string, before: string): boolean => text !== before;
const isWhole = (text: string): boolean => /scopeon/.test(text) && /q quit/.test(text);

/** Keys of every page that scrolls. */
const atEnd = ['G', page(({ to, of }) => to === of)] as const;
const atStart = ['g', page(({ from }) => from === 1)] as const;
const scrolling: Readonly<Record<string, Expected>> = {
  up: { first: [atEnd], shows: page(({ to, of }) => to === of - 1) },
  down: { first: [atStart], shows: page(({ from }) => from === 2) },
  'page-up': { first: [atEnd], shows: page(({ to, of }) => to < of) },
  'page-down': { first: [atStart], shows: page(({ from }) => from > 1) },
  first: { first: [atEnd], shows: page(({ from }) => from === 1) },
  last: { first: [atStart], shows: page(({ to, of }) => to === of) },
};

const inList = [
  ['Escape', /newest · \d\/2/],
  ['g', /newest · 1\/2/],
] as const;
const opened = [...inList, ['Enter', /Esc back/]] as const;
const expected: Readonly<Record<string, Readonly<Record<string, Expected>>>> = {
  Sessions: {
    up: { first: [...inList, ['G', /2\/2/]], shows: /newest · 1\/2/ },
    down: { first: [...inList, ['g', /1\/2/]], shows: /newest · 2\/2/ },
    'page-up': { first: [...inList, ['G', /2\/2/]], shows: /newest · 1\/2/ },
    'page-down': { first: [...inList, ['g', /1\/2/]], shows: /newest · 2\/2/ },
    first: { first: [...inList, ['G', /2\/2/]], shows: /newest · 1\/2/ },
    last: { first: [...inList, ['g', /1\/2/]], shows: /newest · 2\/2/ },
    open: { first: inList, shows: /Esc back[\s\S]*1\/2/ },
    back: { first: opened, shows: /newest · 1\/2/ },
    earlier: { first: [...opened, ['}', /turn 30 of 30/]], shows: /turn 29 of 30/ },
    later: { first: [...opened, ['}', /turn 30 of 30/], ['h', /turn 29 of 30/]], shows: /turn 30 of 30/ },
    'next-provider': { first: inList, shows: /\[claude-code\]/ },
    'previous-provider': { first: inList, shows: /\[claude-code\]/ },
    'next-model': { first: inList, shows: /\{haiku-4-5\}[\s\S]*newest · 1\/1/ },
    'previous-model': { first: inList, shows: /\{opus-4-5\}[\s\S]*newest · 1\/1/ },
    filter: { first: inList, shows: /\/▏words, cost/ },
    trends: { first: inList, shows: isChanged },
    sort: { first: inList, shows: /oldest · / },
  },
  Config: {
    ...scrolling,
    'next-agent': { shows: isChanged },
    'previous-agent': { shows: isChanged },
    'next-preset': { shows: isChanged },
    'previous-preset': { shows: isChanged },
    // The question stands below what fits here, and an answer without it is none.
    apply: { first: [['Escape', isWhole]], shows: isWhole },
    yes: { first: [['Escape', isWhole]], shows: isWhole },
  },
  Agents: {
    ...scrolling,
    older: { first: [['[', /1\/2/]], shows: /2\/2/ },
    newer: { first: [[']', /2\/2/]], shows: /1\/2/ },
  },
};

/** Terminals send Esc and then a key as they send Alt and a key: what comes within a moment is taken for that. */
const afterEscape = (): Promise<unknown> => new Promise((done) => setTimeout(done, 300));

/** Keys of the frame, on whichever tab. Those that leave have tests of their own. */
const everywhere: Readonly<Record<string, Expected>> = {
  help: { shows: /Everywhere/ },
  palette: { shows: /what to do: type/ },
  zen: { shows: (text) => text.trim().split('\n').length === 1 && /today \$/.test(text) },
  copy: { shows: /Copied as Markdown/ },
  snooze: { shows: /There is no alert/ },
  unsnooze: { shows: /There is no silent alert/ },
  redraw: { shows: isWhole },
  'next-tab': { shows: isChanged },
  'previous-tab': { shows: isChanged },
};
const elsewhere = new Set(['suspend', 'quit']);

describe.skipIf(!hasTmux)('every key on every tab, in a real terminal', () => {
  let terminal: Terminal;

  beforeAll(async () => {
    buildAll();
    terminal = openTerminal(120, 24);
    terminal.appendTurn('api', { model: 'claude-haiku-4-5-20251001', tool: 'Grep' });
    for (let at = 0; at < turns; at++) terminal.appendTurn('shop', { tool: 'Bash' });
    const { start, until, screen, type } = terminal;
    start();
    await until('it welcomes', () => /Welcome/.test(screen()));
    type('Escape');
    await until('all is read', () => /● 2 live/.test(screen()) && !/Welcome/.test(screen()));
  }, limitMs);

  afterAll(() => terminal?.close());

  /** From whatever a key left behind to the tab as it begins. */
  async function reset(tab: Tab): Promise<void> {
    const { screen, typeUntil, type } = terminal;
    const isOpen = (): boolean => isWhole(screen()) && !/Everywhere|what to do: type|▏/.test(screen());
    if (!isOpen()) {
      await typeUntil('Escape', 'nothing lies over the tab', isOpen);
      await afterEscape();
    }
    type(tab.key);
    if (tab.title !== 'Sessions') return;
    const order = (): string | undefined => /(\S+) · \d\/2/.exec(screen())?.[1];
    await typeUntil('Escape', 'the whole list', () => order() !== undefined);
    await afterEscape();
    // Order by order, for what is typed once more because the screen is late goes past the one that is wanted.
    for (let before = order(); before !== 'newest'; before = order())
      await typeUntil('s', 'another order', () => order() !== undefined && order() !== before);
  }

  async function press(tab: Tab, binding: KeyBinding, key: string, { first = [], shows }: Expected): Promise<void> {
    const { screen, type, until } = terminal;
    await reset(tab);
    for (const [keys, expectedFirst] of first) {
      type(keys);
      if (keys === 'Escape') await afterEscape();
      await until(`${keys} on ${tab.title}`, () =>
        typeof expectedFirst === 'function' ? expectedFirst(screen()) : expectedFirst.test(screen()),
      );
    }
    await calm();
    const before = screen();
    type(named.get(key) ?? key);
    const holds = (): boolean => {
      const text = screen();
      return typeof shows === 'function' ? shows(text, before) : shows.test(text);
    };
    await until(`${key} (${binding.action}) on ${tab.title}`, holds);
  }

  /** Until two looks find the same: what a key before has changed is drawn. */
  async function calm(): Promise<void> {
    let before = '';
    await terminal.until('the screen stands still', () => {
      const text = terminal.screen();
      const isSame = text === before;
      before = text;
      return isSame;
    });
  }

  test.each(tabs.map((tab) => [tab.title, tab] as const))(
    '%s',
    async (title, tab) => {
      const own = expected[title] ?? scrolling;
      terminal.type(tab.key);
      const hasContent = (): boolean =>
        terminal
          .screen()
          .trim()
          .split('\n')
          .filter((row) => row.trim() !== '').length > 8;
      await terminal.until('the tab has its content', () => hasContent() || title === 'Sessions');
      await calm();
      for (const binding of tab.keys ?? []) {
        const wanted = own[binding.action];
        expect(wanted, `an expectation of ${binding.action} on ${title}`).toBeDefined();
        for (const key of binding.keys) if (wanted !== undefined) await press(tab, binding, key, wanted);
      }
      for (const binding of [...frameKeys, ...tabKeys]) {
        if (elsewhere.has(binding.action)) continue;
        const wanted = everywhere[binding.action];
        expect(wanted, `an expectation of ${binding.action}`).toBeDefined();
        for (const key of binding.keys) if (wanted !== undefined) await press(tab, binding, key, wanted);
      }
    },
    limitMs,
  );

  test(
    'what c copies is on the terminal’s clipboard',
    async () => {
      await terminal.typeUntil('c', 'it says so', () => /Copied as Markdown/.test(terminal.screen()));
      await terminal.until('it is there', () => /live session/.test(terminal.tmux('show-buffer')));
      expect(terminal.tmux('show-buffer')).not.toContain('CANARY');
    },
    limitMs,
  );

  test(
    'the mouse opens a tab',
    async () => {
      const { screen, tmux, until } = terminal;
      await reset(tabs[0] as Tab); // seven of them
      const column = (screen().split('\n')[1] ?? '').indexOf('Budget') + 1;
      tmux('send-keys', '-t', 'view', '-l', `\u001b[<0;${column};2M`);
      await until('the budget is open', () => /By model|No limit is set/i.test(screen()));
    },
    limitMs,
  );
});
