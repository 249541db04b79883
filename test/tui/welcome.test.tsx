import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadMembers } from '../../src/members.ts';
import type { Offer } from '../../src/tui/offer.ts';
import type { Tab } from '../../src/tui/tab.ts';
import { now, type Shown, show, widest } from './show.tsx';
import { createTestStore, type TestStore } from './store.ts';

const tabs = [...(await loadMembers<Tab>('tui/tabs')).values()].sort((a, b) => a.key.localeCompare(b.key));
const esc = '\u001b';
const enter = '\r';
const down = '\u001b[B';
const backspace = '\u007f';
/** A click as terminals tell it, at a place counted from 0. */
const click = (column: number, row: number): string => `${esc}[<0;${column + 1};${row + 1}M`;

let store: TestStore;
let shown: Shown;
let written: string[];

beforeEach(async () => {
  store = await createTestStore(now);
  written = [];
});

afterEach(() => {
  shown.close();
  store.remove();
});

const registration: Offer = {
  title: 'Let Claude Code ask what it costs',
  gives: 'Registers the MCP server; scopeon init --remove takes it out again.',
  plan: async () => ({
    lines: [
      '/home/me/.claude.json would change, at "mcpServers":',
      ...['+ "scopeon": {', '+   "command": "/usr/local/lib/node-v22.11.0-linux-x64/bin/node",', '+ }'],
    ],
    carryOut: async () => {
      written.push('.claude.json');
      return ['Registered with Claude Code: /home/me/.claude.json', 'To undo it: scopeon init --remove'];
    },
  }),
};

const budget: Offer = {
  title: 'A budget for a day, a week, a month',
  gives: 'What is spent stands against it.',
  fields: [
    { label: 'A day, in US dollars', text: '' },
    { label: 'A week', text: '20' },
    { label: 'A month', text: '' },
  ],
  plan: async (texts) => {
    const field = texts.indexOf('1..5');
    if (field >= 0) return { field, wrong: '"1..5" is not an amount.' };
    return {
      lines: ['config.toml would change:', ...texts.map((text) => `+ ${text}`)],
      carryOut: async () => {
        written.push(texts.join('/'));
        return ['Written: config.toml'];
      },
    };
  },
};

const broken: Offer = {
  title: 'Something that cannot be',
  gives: 'It fails.',
  plan: async () => {
    throw Object.assign(new Error('/home/me/x.json is not valid JSON (line 3).'), { hint: 'Mend the file.' });
  },
};

const already: Offer = {
  title: 'Something that is so',
  gives: 'It is there.',
  plan: async () => ({ lines: ['It has it already.'] }),
};

const welcome = [registration, budget, broken, already];

async function open(options: Parameters<typeof show>[1] = {}): Promise<Shown> {
  const shop = store.addSession({ id: 's1', project: '/home/me/shop', branch: 'main', contextTokens: 60_000 });
  for (let at = 20; at > 0; at--) store.addTurn(shop, { at: now - at * 60_000, costUsd: 0.1, read: 1_000 });
  const fact = { level: 'exact', note: null };
  const names = ['skills', 'hooks', 'mcp_identity', 'task_history', 'interaction_tokens'];
  const roots = [{ root: '/home/me/.claude/projects', exists: true }];
  store.writer
    .prepare("INSERT INTO provider VALUES ('claude-code', 'Claude Code', 1, ?, ?, NULL, NULL, ?)")
    .run(JSON.stringify(Object.fromEntries(names.map((name) => [name, fact]))), JSON.stringify(roots), now);
  shown = await show(store, { tabs, size: [80, 24], welcome, ...options });
  return shown;
}

const isOver = (): boolean => !shown.text().includes('Welcome') && /Context/.test(shown.text());

describe('a first start', () => {
  test('shows what was found and what can be set up; Enter goes on', async () => {
    await open();
    expect(shown.text()).toContain('Welcome to scopeon');
    expect(shown.text()).toMatch(/Claude Code +20 turns · 1 session/);
    for (const { title } of welcome) expect(shown.text()).toContain(title);
    expect(shown.text()).toMatch(/▌ Go on to the live view/);
    expect(shown.lines().at(-1)).toMatch(/↑↓ choose +Enter open +Esc skip +\? help +q quit/);
    await shown.press(enter);
    expect(isOver()).toBe(true);
    expect(written).toEqual([]);
  });

  test.each([[esc], ['2'], ['5']])('is skipped by %j', async (key) => {
    await open();
    await shown.press(key);
    expect(shown.text()).not.toContain('Welcome');
    expect(written).toEqual([]);
  });

  test('its keys are in the help, which comes back to it', async () => {
    await open({ size: [80, 30] });
    await shown.press('?');
    expect(shown.text()).toMatch(/Welcome\s[\s\S]*y +yes, change that file/);
    await shown.press('?');
    expect(shown.text()).toContain('Go on to the live view');
  });
});

describe('an offer', () => {
  test('shows the change, makes it after a yes, tells what was done and is marked', async () => {
    await open();
    await shown.press('j\r');
    expect(shown.text()).toContain('/home/me/.claude.json would change, at "mcpServers":');
    expect(shown.text()).toContain('+ "scopeon": {');
    expect(shown.text()).toMatch(/y changes it +n does not/);
    expect(written).toEqual([]);
    await shown.press('y');
    expect(written).toEqual(['.claude.json']);
    expect(shown.text()).toMatch(/✓ Registered with Claude Code/);
    expect(shown.text()).toContain('To undo it: scopeon init --remove');
    await shown.press(esc);
    expect(shown.text()).toMatch(/▌ ✓ Let Claude Code ask/);
    await shown.press(esc);
    expect(isOver()).toBe(true);
  });

  test.each([['n'], [esc]])('is declined by %j, and nothing is written', async (key) => {
    await open();
    await shown.press('j\r', 'qx1', key);
    expect(written).toEqual([]);
    expect(shown.text()).toMatch(/▌ {3}Let Claude Code ask/);
  });

  test('takes amounts, with what is wrong with them, and shows them before they are written', async () => {
    await open();
    await shown.press('jj\r');
    expect(shown.text()).toMatch(/▌ A day, in US dollars +▏/);
    expect(shown.text()).toMatch(/A week +20/);
    await shown.press('1..5\r\r\r');
    expect(shown.text()).toContain('! "1..5" is not an amount.');
    await shown.press(backspace, backspace, backspace, '2.50\r', backspace, backspace, '\r40q\r');
    expect(shown.text()).toContain('+ 12.50');
    expect(written).toEqual([]);
    await shown.press('y');
    expect(written).toEqual(['12.50//40q']);
  });

  test('that cannot be carried out says why and how to mend it; one that is so already says so', async () => {
    await open();
    await shown.press('jjj\r');
    expect(shown.text()).toContain('! /home/me/x.json is not valid JSON (line 3). Mend the file.');
    await shown.press(esc, 'j\r');
    expect(shown.text()).toContain('✓ It has it already.');
    expect(written).toEqual([]);
  });

  test('is opened, agreed to and left by the mouse alone', async () => {
    await open();
    const rowOf = (text: string): number => shown.lines().findIndex((line) => line.includes(text));
    await shown.press(click(10, rowOf('Let Claude Code')));
    const row = rowOf('y changes it');
    await shown.press(click(shown.lines()[row]?.indexOf('n does not') ?? 0, row));
    expect(written).toEqual([]);
    await shown.press(click(10, rowOf('Let Claude Code')));
    await shown.press(click(shown.lines()[row]?.indexOf('y changes') ?? 0, row));
    expect(written).toEqual(['.claude.json']);
    await shown.press(click(3, 9));
    await shown.press(click(4, rowOf('Go on to the live view')));
    expect(isOver()).toBe(true);
  });
});

test.each([
  [24, 5],
  [60, 20],
  [80, 24],
])('every page of the welcome fits %i × %i, and what is chosen can be seen', async (columns, rows) => {
  await open({ size: [columns, rows] });
  const fits = (): void => {
    expect(shown.lines()).toHaveLength(rows);
    expect(widest(shown.lines())).toBeLessThanOrEqual(columns);
  };
  fits();
  for (const offer of welcome) {
    await shown.press(down);
    expect(shown.text()).toContain(`▌   ${offer.title.slice(0, 15)}`);
    fits();
  }
  await shown.press(esc);
  shown.close();
  shown = await show(store, { tabs, size: [columns, rows], welcome });
  await shown.press('jjj\r');
  fits();
  await shown.press(esc, 'k\r', 'abc');
  expect(shown.text()).toMatch(/▌ A d|abc/);
  fits();
  await shown.press(esc, 'k\r');
  expect(shown.text()).toMatch(/y chang/);
  await shown.press('jjjjjjjjjjjjjjjjjjjj');
  expect(shown.text()).toContain('}'); // to its last line
  fits();
  await shown.press('k'.repeat(8));
  if (rows === 5) expect(shown.text()).not.toContain('}');
});
