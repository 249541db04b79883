import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Lines } from '../../src/tui/components/lines.tsx';
import { defineTab } from '../../src/tui/tab.ts';
import sessions from '../../src/tui/tabs/sessions.tsx';
import { now, type Shown, show, widest } from './show.tsx';
import { createTestStore, type TestStore } from './store.ts';

const minute = 60_000;
const up = '\u001b[A';
const down = '\u001b[B';

let store: TestStore;
let shown: Shown | undefined;

beforeEach(async () => {
  store = await createTestStore(now);
});

afterEach(() => {
  shown?.close();
  shown = undefined;
  store.remove();
});

/** Three sessions: a live one with a subagent, one of yesterday, one without a price. */
function fill(): { readonly shop: number; readonly api: number; readonly lab: number } {
  const shop = store.addSession({ id: 's1', project: '/home/me/shop', branch: 'fix/cart', contextTokens: 170_000 });
  store.addTurn(shop, { at: now - 20 * minute, costUsd: 1.5, read: 100_000, tools: ['Bash', 'Read'] });
  store.addTurn(shop, { at: now - 2 * minute, costUsd: 0.25, read: 150_000, tools: ['Bash'] });
  const child = store.addSession({
    id: 'c1',
    project: '/home/me/shop',
    parent: shop,
    agentType: 'Explore',
    model: 'claude-haiku-4-5-20251001',
  });
  store.addTurn(child, { at: now - minute, costUsd: 0.05 });
  const api = store.addSession({ id: 's2', project: '/home/me/api', contextTokens: 40_000 });
  store.addTurn(api, { at: now - 26 * 60 * minute, costUsd: 7 });
  const lab = store.addSession({ id: 's3', project: '/home/me/lab', model: 'local-model', contextTokens: 5_000 });
  store.addTurn(lab, { at: now - 3 * 60 * minute });
  return { shop, api, lab };
}

describe('the list', () => {
  test('shows a line per session with aligned figures, and what was spent', async () => {
    fill();
    shown = await show(store);
    expect(shown.lines()[0]).toBe(' scopeon   today ≥$1.80   week ≥$8.80   month ≥$8.80        ● 1 live   watching');
    const [titles = '', first = '', second = '', third = ''] = shown.lines().slice(2, 6);
    expect(titles).toMatch(/Project .*Model .*Age {2}Turns .*Cost .*Cache {2}Context/);
    expect(first).toMatch(/^▌● shop .*opus-4-5 +1m +3 +\$1\.80 +9\d% +━━━━━─ +85%/);
    expect(second).toMatch(/^ · lab .*local-model +3h +1 +unpriced +9\d% +━─────+ +3%/);
    expect(third).toMatch(/^ · api .*opus-4-5 +1d +1 +\$7\.00/);
    const edge = (line: string, text: string): number => line.indexOf(text) + text.length;
    expect(edge(first, '$1.80')).toBe(edge(titles, 'Cost'));
    expect(edge(third, '$7.00')).toBe(edge(titles, 'Cost'));
  });

  test.each([
    [120, 40],
    [100, 24],
    [80, 24],
    [60, 20],
    [40, 12],
    [24, 5],
    [200, 60],
  ])('fills %i × %i exactly and never wraps', async (columns, rows) => {
    fill();
    shown = await show(store, { size: [columns, rows] });
    expect(shown.lines()).toHaveLength(rows);
    expect(widest(shown.lines())).toBeLessThanOrEqual(columns);
    expect(shown.text()).toContain('shop');
    expect(shown.text()).toContain('$1.80');
  });

  test('stands beside the selected session from 100 columns on', async () => {
    fill();
    shown = await show(store, { size: [120, 40] });
    expect(shown.lines()[2]).toMatch(/│ shop fix\/cart +● live$/);
    expect(shown.text()).toContain('170K of 200K · 30.0K left · window by model');
    expect(shown.text()).toMatch(/Bash +2 {2}━/);
    expect(shown.text()).toMatch(/Explore +haiku-4-5 +1m +1 +\$0\.05/);
    await shown.press('j');
    expect(shown.lines()[2]).toMatch(/│ lab main +idle 3h$/);
  });

  test('sorts by cost on s, keeping what was selected', async () => {
    fill();
    shown = await show(store);
    await shown.press('j', 's', 's');
    expect(
      shown
        .lines()
        .slice(3, 6)
        .map((line) => line.slice(3, 7).trim()),
    ).toEqual(['api', 'shop', 'lab']);
    expect(shown.lines()[5]).toMatch(/^▌· lab/);
    expect(shown.lines().at(-1)).toContain('costliest · 3/3');
  });

  test('follows the newest until the cursor is moved, then the session', async () => {
    const { api } = fill();
    shown = await show(store);
    store.addTurn(api, { at: now - 1_000, costUsd: 1 });
    await shown.look();
    expect(shown.lines()[3]).toMatch(/^▌● api .*now/);
    await shown.press('j');
    expect(shown.lines()[4]).toMatch(/^▌● shop/);
    const late = store.addSession({ id: 's9', project: '/home/me/late' });
    store.addTurn(late, { at: now, costUsd: 1 });
    await shown.look();
    expect(shown.lines()[3]).toMatch(/^ ● late/);
    expect(shown.lines()[5]).toMatch(/^▌● shop/);
  });

  test('draws visible rows only and reaches the last of many', async () => {
    for (let at = 0; at < 300; at++) {
      const id = store.addSession({ id: `many${at}`, project: `/home/me/p${at}` });
      store.addTurn(id, { at: now - (at + 60) * minute, costUsd: 1 });
    }
    shown = await show(store);
    expect(shown.lines().at(-1)).toContain('1/300');
    await shown.press('G');
    expect(shown.text()).toContain('p299');
    expect(shown.lines().at(-1)).toContain('300/300');
    expect(shown.lines()).toHaveLength(24);
    await shown.press('g');
    expect(shown.lines()[3]).toMatch(/^▌· p0 /);
  });

  test('shows new figures within a look, without a key', async () => {
    const { shop } = fill();
    shown = await show(store);
    store.addTurn(shop, { at: now - 1_000, costUsd: 10 });
    await shown.look();
    expect(shown.text()).toContain('today ≥$11.80');
    expect(shown.lines()[3]).toMatch(/shop .*now +4 +\$11\.80/);
  });

  test('colours pressure for live sessions only, and nothing where no colour is wanted', async () => {
    const { shop } = fill();
    store.writer.prepare('UPDATE session SET context_tokens = 199000 WHERE sid = ?').run('s2');
    shown = await show(store, { colour: true });
    const rows = shown.raw().split('\n');
    expect(rows[3]).toContain('\u001b[33m━━━━━'); // 85 %: high
    expect(rows[5]).toContain('\u001b[2m━━━━━━'); // 100 %, but asleep
    expect(rows[5]).not.toContain('\u001b[31m');
    shown.close();
    shown = await show(store);
    expect(shop).toBeGreaterThan(0);
    expect(shown.raw()).not.toContain('\u001b');
  });
});

describe('hostile and odd names', () => {
  test('cannot move the cursor, colour, hide or break the columns', async () => {
    const names = [
      '\u001b[2J\u001b[31mred',
      'rtl\u202eevil',
      'two\nlines\r\t',
      '日本語のとても長いプロジェクト名前',
      'zero\u200bwidth',
      '👩‍👩‍👧‍👦 family',
      'é'.normalize('NFD').repeat(40),
    ];
    for (const [at, name] of names.entries()) {
      const id = store.addSession({ id: `h${at}`, project: `/home/me/${name}`, branch: name, model: `claude-${name}` });
      store.addTurn(id, { at: now - at * minute, costUsd: 1, tools: [name] });
    }
    for (const size of [
      [120, 40],
      [80, 24],
      [40, 12],
    ] as const) {
      shown = await show(store, { size });
      expect(shown.lines()).toHaveLength(size[1]);
      expect(widest(shown.lines())).toBeLessThanOrEqual(size[0]);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
      expect(shown.raw()).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\u200b]/);
      shown.close();
    }
    shown = await show(store, { size: [120, 40] });
    const divider = shown
      .lines()
      .slice(2, 39)
      .map((line) => [...line].indexOf('│') >= 0);
    expect(divider.every(Boolean)).toBe(true);
  });
});

describe('a session in full', () => {
  test('opens on Enter, scrolls, and closes on Esc', async () => {
    fill();
    shown = await show(store, { size: [80, 20] });
    await shown.press('\r');
    expect(shown.lines()[2]).toMatch(/^ shop fix\/cart +● live$/);
    expect(shown.lines().at(-1)).toMatch(/^ ↑↓ scroll {3}Esc back {3}←→ turn {3}\? help {3}\^P all {3}q quit +1\/3$/);
    expect(shown.text()).not.toContain('Last turns');
    await shown.press('G');
    expect(shown.text()).toContain('Last turns');
    expect(shown.text()).toMatch(/11:58:00 .*\$0\.25/);
    await shown.press(up, 'g');
    expect(shown.lines()[2]).toMatch(/^ shop/);
    await shown.press('\u001b');
    expect(shown.lines()[3]).toMatch(/^▌● shop/);
  });

  test('has a timeline, and scrubs through its turns by keys', async () => {
    const id = store.addSession({ id: 's1', contextTokens: 100_000, compactions: 1 });
    for (let at = 30; at > 0; at--)
      store.addTurn(id, {
        at: now - at * minute,
        costUsd: 0.1,
        read: (31 - at) * 1_000,
        tools: at % 2 === 0 ? ['Bash'] : [],
      });
    store.writer
      .prepare(
        "INSERT INTO event (key, session_id, at, kind, phase, name_id, pre_tokens, post_tokens, file_id) VALUES (x'01', ?, ?, 'compaction', 'done', 0, 180000, NULL, 1)",
      )
      .run(id, now - 20.5 * minute);
    shown = await show(store, { size: [80, 24] });
    await shown.press('\r');
    expect(shown.text()).toMatch(/Timeline +turn 30 of 30/);
    expect(shown.text()).toMatch(/ {8} {10}c {18}▲/);
    expect(shown.text()).toMatch(/context 15% · 10 in · 30\.0K read · 0 written · 100 out · 0 tool calls/);
    expect(shown.text()).toContain('$0.10 · $3.00 so far');
    await shown.press('h', '{');
    expect(shown.text()).toMatch(/turn 19 of 30/);
    expect(shown.text()).toMatch(/2026-04-10 11:48:00 · opus-4-5/);
    expect(shown.text()).toContain('$0.10 · $1.90 so far');
    store.addTurn(id, { at: now, costUsd: 0.1 });
    await shown.look();
    expect(shown.text()).toMatch(/turn 19 of 31/); // the turn looked at stays
    await shown.press('}}');
    expect(shown.text()).toMatch(/turn 31 of 31/);
    await shown.resize(60, 14);
    await shown.press('G');
    expect(shown.text()).toMatch(/\$3\.10 so far/);
  });

  test('puts the turns beside the figures where there is room', async () => {
    fill();
    shown = await show(store, { size: [140, 40] });
    await shown.press('\r');
    expect(shown.lines()[2]).toMatch(/^ shop fix\/cart +● live +│ +Last turns .*Cost$/);
    expect(widest(shown.lines())).toBeLessThanOrEqual(140);
  });

  test('tells that the context is unknown after a compaction nobody answered', async () => {
    const id = store.addSession({ id: 's1', compactions: 1 });
    store.addTurn(id, { at: now - minute, costUsd: 1 });
    store.writer
      .prepare(
        "INSERT INTO event (key, session_id, at, kind, phase, name_id, pre_tokens, post_tokens, file_id) VALUES (x'01', ?, ?, 'compaction', 'done', 0, 180000, NULL, 1)",
      )
      .run(id, now - 1_000);
    shown = await show(store, { size: [120, 40] });
    expect(shown.text()).toContain('unknown until the next turn');
    expect(shown.text()).toMatch(/2026-04-10 11:59 +180K → –/);
    expect(shown.lines()[3]).toMatch(/– +│/);
  });
});

describe('without sessions', () => {
  test('says where it looked and how to see it with made-up logs', async () => {
    shown = await show(undefined, { looked: ['/home/me/.claude/projects', '/home/me/.config/claude/projects'] });
    expect(shown.text()).toContain('No agent logs yet');
    expect(shown.text()).toContain('/home/me/.config/claude/projects');
    expect(shown.text()).toContain('scopeon demo');
    expect(shown.lines()).toHaveLength(24);
  });

  test('shows how far the first reading is, then the sessions', async () => {
    shown = await show(store, {
      collector: { phase: 'filling', progress: { files: 12, totalFiles: 48, bytes: 420e6, totalBytes: 1e9 } },
    });
    expect(shown.text()).toContain('Reading your logs');
    expect(shown.text()).toContain('42%');
    expect(shown.text()).toContain('12 of 48 files');
    expect(shown.text()).toContain('420 MB of 1.0 GB');
    fill();
    shown.setCollector({ phase: 'watching' });
    await shown.look();
    expect(shown.lines()[3]).toMatch(/^▌● shop/);
  });

  test.each([
    [40, 12],
    [24, 5],
  ])('stays within %i × %i', async (columns, rows) => {
    shown = await show(undefined, {
      size: [columns, rows],
      looked: ['/a/very/long/path/that/does/not/fit/into/a/narrow/terminal'],
    });
    expect(shown.lines()).toHaveLength(rows);
    expect(widest(shown.lines())).toBeLessThanOrEqual(columns);
  });
});

describe('the frame', () => {
  test('names another scopeon that ingests, and a collector that failed', async () => {
    fill();
    shown = await show(store, { collector: { phase: 'standby', holderPid: 4711 } });
    expect(shown.text()).toContain('Another scopeon (pid 4711) is ingesting; showing its data.');
    shown.setCollector({ phase: 'failed', message: 'No space left\u001b[2J' });
    await shown.look();
    expect(shown.text()).toContain('Logs are not being read: No space left\\x1b[2J');
  });

  test('tells when it is too small and loses nothing by it', async () => {
    fill();
    shown = await show(store);
    await shown.press('j');
    await shown.resize(20, 4);
    expect(shown.lines()[0]).toContain('too small');
    expect(widest(shown.lines())).toBeLessThanOrEqual(20);
    await shown.resize(60, 20);
    expect(shown.lines()[4]).toMatch(/^▌· lab/);
  });

  test('prints help from the key tables, and takes it away again', async () => {
    fill();
    shown = await show(store, { size: [120, 40] });
    await shown.press('?');
    for (const binding of sessions.keys ?? []) expect(shown.text()).toContain(binding.help);
    expect(shown.text()).toContain('q Ctrl-C');
    await shown.press('j', '?');
    expect(shown.lines()[3]).toMatch(/^▌● shop/); // the list did not hear the j
  });

  test('marks data that are not the user\u2019s', async () => {
    fill();
    shown = await show(store, { mark: 'demo data' });
    expect(shown.lines()[0]).toMatch(/^ scopeon demo data {3}today/);
  });

  test('draws anew on r and stops on Ctrl-Z', async () => {
    fill();
    shown = await show(store);
    await shown.press('r', '\u001a');
    expect(shown.calls).toMatchObject({ redraw: 1, suspend: 1 });
  });

  test('has no key for the shell where none could bring it back', async () => {
    fill();
    shown = await show(store, { canSuspend: false, size: [80, 40] });
    await shown.press('?');
    expect(shown.text()).toContain('draw everything anew');
    expect(shown.text()).not.toContain('Ctrl-Z');
  });

  test('has a tab bar once there are two tabs, by digit and Tab', async () => {
    fill();
    const other = defineTab({
      title: 'Other',
      key: '3',
      Component: (props) => <Lines {...props} lines={['the other tab']} />,
    });
    shown = await show(store, { tabs: [sessions, other] });
    expect(shown.lines()[1]).toMatch(/^ 2 Sessions {2}3 Other/);
    await shown.press('j', '3');
    expect(shown.text()).toContain('the other tab');
    expect(shown.text()).not.toContain('shop');
    await shown.press('j', '\t');
    expect(shown.lines()[5]).toMatch(/^▌· lab/); // what was selected stays so
  });

  test('keeps going when a question to the store fails, and opens it anew', async () => {
    fill();
    const handles: { close(): void }[] = [];
    shown = await show({
      reader: () => {
        const db = store.reader();
        if (db !== undefined) handles.push(db);
        return db;
      },
    });
    handles[0]?.close();
    await shown.press(down);
    await shown.look();
    expect(handles.length).toBeGreaterThan(1);
    expect(shown.lines()[4]).toMatch(/^▌· lab/);
  });
});
