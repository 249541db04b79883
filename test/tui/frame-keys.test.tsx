import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadMembers } from '../../src/members.ts';
import { snoozeAlerts } from '../../src/store/snoozes.ts';
import type { Tab } from '../../src/tui/tab.ts';
import { givenFor, now, type Shown, show, widest } from './show.tsx';
import { createTestStore, type TestStore } from './store.ts';

const minute = 60_000;
const tabs = [...(await loadMembers<Tab>('tui/tabs')).values()].sort((a, b) => a.key.localeCompare(b.key));
const ctrlP = '\u0010';
const esc = '\u001b';
const enter = '\r';
const down = '\u001b[B';

let store: TestStore;
let shown: Shown;

beforeEach(async () => {
  store = await createTestStore(now);
});

afterEach(() => {
  shown.close();
  store.remove();
});

async function open(options: Parameters<typeof show>[1] = {}): Promise<Shown> {
  shown = await show(store, { tabs, size: [100, 30], ...options });
  return shown;
}

function fill(contextTokens = 60_000): void {
  const shop = store.addSession({ id: 's1', project: '/home/me/shop', branch: 'fix/cart', contextTokens });
  for (let at = 20; at > 0; at--)
    store.addTurn(shop, { at: now - at * minute, costUsd: 0.1, read: contextTokens - at * 1_000, tools: ['Bash'] });
  const api = store.addSession({ id: 's2', project: '/home/me/api', model: 'claude-haiku-4-5-20251001' });
  store.addTurn(api, { at: now - 26 * 60 * minute, costUsd: 7 });
}

function raise(uid: string, severity: string, message: string, sessionId = 0): void {
  const row = store.writer
    .prepare(
      `INSERT INTO alert_history (uid, type, scope, session_id, severity, message, fields, provider, model, first_seen, last_seen, times)
       VALUES (?, 'budget', ?, ?, ?, ?, '{}', NULL, NULL, ?, ?, 1)`,
    )
    .run(uid, uid, sessionId, severity, message, now, now);
  store.writer
    .prepare('INSERT INTO alert_state VALUES (?, ?, 0, ?, ?, ?, ?, 0)')
    .run('budget', uid, severity, row.lastInsertRowid, now, now);
}

/** What comes without a key has its time, a word that stands above it among it. */
async function until(holds: () => boolean): Promise<void> {
  for (let looks = 0; !holds() && looks < 40; looks++) await shown.look();
  expect(holds()).toBe(true);
}

/** A click as terminals tell it, at a place counted from 0. */
const click = (column: number, row: number): string => `${esc}[<0;${column + 1};${row + 1}M`;
const wheelDown = `${esc}[<65;10;10M`;

describe('the palette', () => {
  test('finds by letters, moves by arrows, does it on Enter', async () => {
    fill();
    await open();
    await shown.press(ctrlP);
    expect(shown.text()).toContain('what to do: type a few letters');
    expect(shown.lines().at(-1)).toMatch(/^ ↑↓ choose +Enter do it +Esc close *$/);
    await shown.press('budg');
    expect(shown.lines().filter((line) => line.includes('▌'))).toHaveLength(1);
    expect(shown.text()).toMatch(/▌ Budget {2}Tab +5/);
    await shown.press(enter);
    expect(shown.text()).toContain('This month by source');
  });

  test('knows the open tab’s own keys, the frame’s and the themes', async () => {
    fill();
    await open({ colour: true });
    await shown.press('2', ctrlP, 'filter', enter);
    expect(shown.lines().at(-2)).toMatch(/^ \/▏/);
    await shown.press(esc, ctrlP, 'hcont');
    expect(shown.text()).toMatch(/▌ high-contrast {2}Theme/);
    const before = shown.raw();
    await shown.press(enter);
    expect(shown.raw()).not.toBe(before);
    expect(shown.raw()).toContain('\u001b[1;96m');
  });

  test('leaves on Esc and changes nothing; what is typed in it is no key', async () => {
    fill();
    await open();
    const before = shown.text();
    await shown.press(ctrlP, 'q1z', '\u007f', esc);
    expect(shown.text()).toBe(before);
  });

  test('says when nothing is of that name, and Enter then does nothing', async () => {
    fill();
    await open();
    await shown.press(ctrlP, 'xyzzy', enter);
    expect(shown.text()).toContain('nothing of that name');
  });

  test.each([
    [60, 20],
    [24, 5],
    [200, 60],
  ])('fits %i × %i, whatever stands in it', async (columns, rows) => {
    fill();
    await open({ size: [columns, rows] });
    await shown.press(ctrlP, down, down, 'm\u202e日');
    expect(shown.lines()).toHaveLength(rows);
    expect(widest(shown.lines())).toBeLessThanOrEqual(columns);
    expect(shown.raw()).not.toContain('\u202e');
  });
});

test('in a terminal of a few lines what is looked for and what is found can be seen', async () => {
  fill();
  await open({ size: [24, 5] });
  await shown.press(ctrlP, 'budg');
  expect(shown.text()).toMatch(/> budg▏[\s\S]*▌ Budget/);
  await shown.press(esc, '2', '/', 'api');
  expect(shown.text()).toMatch(/· api[\s\S]*\/api▏/);
  await shown.press(enter, esc, 'z');
  expect(shown.text()).toMatch(/health \d+\s+shop context[\s\S]*today \$2\.00/);
});

describe('zen', () => {
  const drawn = (): readonly string[] => shown.lines().filter((line) => line.trim() !== '');

  test('is one line in the middle, and ends by its key or Esc', async () => {
    fill();
    await open();
    await shown.press('z');
    expect(drawn()).toHaveLength(1);
    expect(drawn()[0]).toMatch(/health \d+ · shop context 30%, about \d+ turns left · today \$2\.00 · cache \d+%/);
    expect(shown.lines()).toHaveLength(30);
    await shown.press('z');
    expect(drawn().length).toBeGreaterThan(5);
    await shown.press('z', esc);
    expect(drawn().length).toBeGreaterThan(5);
    await shown.press('z', '5');
    expect(shown.text()).toContain('This month by source');
  });

  test('makes room when a live context fills up, and comes back when it has calmed down', async () => {
    fill();
    await open();
    await shown.press('z');
    const set = async (tokens: number): Promise<void> => {
      store.writer.prepare("UPDATE session SET context_tokens = ? WHERE sid = 's1'").run(tokens);
      await shown.look();
    };
    await set(170_000);
    expect(drawn().length).toBeGreaterThan(5);
    for (const tokens of [61_000, 62_000]) await set(tokens);
    expect(drawn().length).toBeGreaterThan(5);
    for (const tokens of [63_000, 64_000, 65_000]) await set(tokens);
    expect(drawn()).toHaveLength(1);
  });

  test('makes room when the day’s limit is nearly spent', async () => {
    fill();
    const budget = { daily_usd: 2.1, weekly_usd: 0, monthly_usd: 0, providers: {}, projects: {} };
    await open({ known: { budget } });
    await shown.press('z');
    expect(drawn().length).toBeGreaterThan(5);
  });
});

test('help that is longer than its place moves', async () => {
  fill();
  await open({ size: [60, 14] });
  await shown.press('2', '?');
  expect(shown.text()).not.toContain('q Ctrl-C');
  for (let at = 0; at < 5; at++) await shown.press('\u001b[6~');
  expect(shown.text()).toContain('q Ctrl-C');
  await shown.press('k', '?', '?');
  expect(shown.text()).toMatch(/Sessions\n.*up; in a session/);
});

test('c copies how things stand as Markdown with inert names, and says so', async () => {
  const id = store.addSession({ id: 's1', project: '/home/me/a|b@c', branch: '`x`', contextTokens: 60_000 });
  for (let at = 9; at > 0; at--) store.addTurn(id, { at: now - at * minute, costUsd: 0.1 });
  await open();
  await shown.press('c');
  expect(shown.text()).toContain('Copied as Markdown, where the terminal allows it.');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are the sequence
  const [, encoded = ''] = /^\u001b\]52;c;([A-Za-z0-9+/=]+)\u0007$/.exec(shown.calls.sent[0] ?? '') ?? [];
  const note = Buffer.from(encoded, 'base64').toString('utf8');
  expect(note).toContain('## scopeon, 2026-04-10 12:00');
  expect(note).toContain('| \\$0.90 | \\$0.90 | \\$0.90 |');
  expect(note).toContain('- 1 live session, newest: **a\\|b@\u2060c** \\`x\\` (opus-4-5), context 30%');
  expect(note).toMatch(/- Health \d+ of 100/);
});

describe('alerts', () => {
  /** As `scopeon start` does it. */
  const given = (): NonNullable<NonNullable<Parameters<typeof show>[1]>['given']> =>
    givenFor({ snooze: async (ids, until) => snoozeAlerts(store.writer, ids, until, now) });

  test('stand above every tab, the worst first, and x silences those that are on', async () => {
    fill();
    raise('a', 'warning', 'Today is at 90 % of its limit.');
    raise('b', 'critical', 'Today is over its limit.\u001b[2J');
    await open({ given: given() });
    for (const key of ['1', '4', '6']) {
      await shown.press(key);
      expect(shown.text()).toMatch(/‼ Today is over its limit\.\\x1b\[2J and 1 more · x silences it for an hour/);
    }
    await shown.press('x');
    expect(shown.text()).toContain('2 alerts are silent until 13:00; X undoes it.');
    expect(shown.text()).not.toContain('over its limit');
    raise('c', 'info', 'Something else.');
    await shown.look();
    await until(() => /· Something else\. · x/.test(shown.text()));
  });

  test('stay silent in the next start, are named with their time, and X shows them again', async () => {
    fill();
    raise('a', 'warning', 'Today is at 90 % of its limit.');
    raise('b', 'critical', 'Today is over its limit.');
    await open({ given: given() });
    await shown.press('x');
    shown.close();
    await open({ given: given() });
    expect(shown.text()).toContain('2 alerts silent until 13:00 · X shows them');
    await shown.press('4');
    expect(shown.text()).toContain('‼ Today is over its limit. (silent until 13:00)');
    snoozeAlerts(store.writer, ['b'], now - 1, now - 2); // its hour is over
    await shown.look();
    expect(shown.text()).toMatch(/‼ Today is over its limit\. · x/);
    await shown.press('X');
    await until(() => /‼ Today is over its limit\. and 1 more · x/.test(shown.text()));
    expect(shown.text()).not.toContain('silent until');
  });

  test('that cannot be kept silent are told of, and there may be none', async () => {
    fill();
    const snooze = async (): Promise<void> => {
      throw new Error('the disk is full');
    };
    await open({ given: givenFor({ snooze }) });
    await shown.press('X');
    expect(shown.text()).toContain('There is no silent alert.');
    await shown.press('x');
    expect(shown.text()).toContain('There is no alert.');
    raise('a', 'warning', 'Today is at 90 % of its limit.');
    await shown.look();
    await shown.press('x');
    expect(shown.text()).toContain('Not kept: the disk is full');
  });

  test.each([60, 80])('say how to be rid of them at %i columns, however long they are', async (columns) => {
    fill();
    raise(
      'a',
      'warning',
      'The first of several sentences about a limit that is nearly used up, with all that is to say.',
    );
    raise('b', 'info', 'Another.');
    await open({ size: [columns, 24] });
    expect(shown.lines().find((line) => line.includes('The first'))).toMatch(/^ ! The first .*… and 1 more · x *$/);
    expect(widest(shown.lines())).toBeLessThanOrEqual(columns);
  });

  test('are silenced in a terminal of a few lines too, which says so at the bottom', async () => {
    fill();
    raise('a', 'warning', 'Today is at 90 % of its limit.');
    await open({ size: [40, 6], given: given() });
    await shown.press('2', 'x');
    expect(shown.lines().at(-1)).toMatch(/^ One alert is silent until 13:00/);
  });

  test('of a session name its project', async () => {
    const id = store.addSession({ id: 's9', project: '/home/me/till\u202e' });
    raise('a', 'warning', 'The context is 80 % full.', id);
    await open();
    expect(shown.text()).toMatch(/! till\S* · The context is 80 % full\./);
    expect(shown.raw()).not.toContain('\u202e');
  });
});

describe('the mouse', () => {
  test('opens tabs, selects rows and opens them, and its wheel moves', async () => {
    fill();
    await open();
    const bar = shown.lines()[1] ?? '';
    await shown.press(click(bar.indexOf('Sessions') + 3, 1));
    expect(shown.text()).toMatch(/▌● shop/);
    const row = shown.lines().findIndex((line) => /· api/.test(line));
    await shown.press(click(10, row));
    expect(shown.lines()[row]).toMatch(/^▌· api/);
    await shown.press(click(10, row));
    expect(shown.lines().at(-1)).toContain('Esc back');
    await shown.press(esc, 'g', wheelDown);
    expect(shown.lines()[row]).toMatch(/^▌· api/);
    await shown.press(click(99, 29), click(0, 0), `${esc}[<0;10;5m`, `${esc}[<35;10;5M`);
    expect(shown.lines()[row]).toMatch(/^▌· api/);
  });

  test('hits the row that is shown, however far the list is scrolled', async () => {
    for (let at = 0; at < 200; at++)
      store.addTurn(store.addSession({ id: `m${at}`, project: `/home/me/p${at}` }), { at: now - (at + 30) * minute });
    await open();
    await shown.press('2', 'G', click(10, 8));
    const line = shown.lines()[8] ?? '';
    expect(line).toMatch(/^▌· p1\d\d /);
    await shown.press(click(10, 8));
    expect(shown.lines()[3]).toContain(/p1\d\d/.exec(line)?.[0]);
  });
});

describe('scopes', () => {
  test('narrow to one provider or model and say so; Esc shows all', async () => {
    fill();
    await open();
    await shown.press('2', '}');
    expect(shown.lines().at(-2)).toMatch(/^ \{haiku-4-5\} +Esc shows all/);
    expect(shown.text()).not.toMatch(/[●·] shop/);
    expect(shown.text()).toMatch(/▌· api/);
    await shown.press('}');
    expect(shown.lines().at(-2)).toMatch(/^ \{opus-4-5\}/);
    await shown.press(']');
    expect(shown.lines().at(-2)).toMatch(/^ \[claude-code\] \{opus-4-5\}/);
    await shown.press(esc);
    expect(shown.text()).toMatch(/[●·] shop[\s\S]*[●·] api/);
    await shown.press('{');
    expect(shown.lines().at(-2)).toMatch(/^ \{opus-4-5\}/);
  });
});
