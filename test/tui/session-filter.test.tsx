import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { now, type Shown, show } from './show.tsx';
import { createTestStore, type TestStore } from './store.ts';

const minute = 60_000;
let store: TestStore;
let shown: Shown;

beforeEach(async () => {
  store = await createTestStore(now);
  const shop = store.addSession({ id: 's1', project: '/home/me/shop', branch: 'fix/cart' });
  store.addTurn(shop, { at: now - minute, costUsd: 3, read: 90, input: 10 });
  store.writer.prepare("INSERT INTO tag (session_id, tag, source) VALUES (?, 'release', 'user')").run(shop);
  const api = store.addSession({ id: 's2', project: '/home/me/api', model: 'claude-haiku-4-5-20251001' });
  for (let at = 0; at < 7; at++) store.addTurn(api, { at: now - (26 * 60 + at) * minute, costUsd: 1, read: 0 });
  const lab = store.addSession({ id: 's3', project: '/home/me/my lab', model: 'local-model' });
  store.addTurn(lab, { at: now - 10 * 24 * 60 * minute });
  shown = await show(store, { size: [80, 24] });
});

afterEach(() => {
  shown.close();
  store.remove();
});

const listed = (): readonly string[] =>
  shown
    .lines()
    .slice(3)
    .flatMap((line) => /^(?:▌| )[●·] (shop|api|my lab) /.exec(line)?.[1] ?? []);

describe('a filter', () => {
  test.each([
    ['', ['shop', 'api', 'my lab']],
    ['cart', ['shop']],
    ['HAIKU', ['api']],
    ['cost>2', ['shop', 'api']],
    ['cost>2 cost<5', ['shop']],
    ['-cost>2', ['my lab']],
    ['cache<50', ['api']],
    ['turns>5', ['api']],
    ['tag:release', ['shop']],
    ['tag:rel', []],
    ['-tag:release model:local', ['my lab']],
    ['project:"my lab"', ['my lab']],
    ['branch:main', ['api', 'my lab']],
    ['provider:claude', ['shop', 'api', 'my lab']],
    ['today', ['shop']],
    ['date:yesterday', ['api']],
    ['date:7d', ['shop', 'api']],
    ['date:2026-03-31', ['my lab']],
    ['anomaly', ['api']],
    ['-anomaly', ['shop', 'my lab']],
  ])('%j leaves %j', async (text, left) => {
    await shown.press(`/${text}`, '\r');
    expect(listed()).toEqual(left);
  });
});

test('what is typed is text, whatever key it is; Esc takes the filter away', async () => {
  await shown.press('/', 'q?1', '\u007f');
  expect(shown.lines().at(-2)).toMatch(/^ \/q\?▏ +Enter keeps, Esc clears/);
  expect(listed()).toEqual([]); // it holds while it is written
  await shown.press('\r');
  expect(listed()).toEqual([]);
  expect(shown.text()).toContain('no session');
  await shown.press('\u001b');
  expect(listed()).toHaveLength(3);
});

test('the session under the cursor is the one that opens', async () => {
  await shown.press('/-today', '\r', 'j', '\r');
  expect(shown.lines()[2]).toMatch(/^ my lab main/);
});

test('what cannot be read is named, and holds for all', async () => {
  await shown.press('/cost>much', '\r');
  expect(shown.lines().at(-2)).toContain('"cost>much" is not understood');
  expect(listed()).toHaveLength(3);
});
