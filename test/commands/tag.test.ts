import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type Outcome, run } from '../helpers/bin.ts';
import { madeHome } from '../serve/server.ts';

// Many processes: on a machine that has much else to do they take their time.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let home: string;
let first: string;
let second: string;
const tag = (...args: readonly string[]): Promise<Outcome> => run(['tag', ...args], { home });
beforeAll(async () => {
  home = madeHome();
  const { rows } = JSON.parse((await run(['sessions', '--json'], { home })).stdout);
  [first, second] = rows.map((row: { id: string }) => row.id);
});
afterAll(() => rmSync(join(home, '..'), { recursive: true, force: true, maxRetries: 5 }));

it('are set, shown, listed with what they cost, and taken away for good', async () => {
  expect(await tag('set', first, 'billing', 'q3', 'billing')).toMatchObject({
    code: 0,
    stdout: 'billing q3\n',
    stderr: '',
  });
  expect(await tag('set', '--session', second, 'q3')).toMatchObject({ code: 0, stdout: 'q3\n' });
  expect((await tag('show', '--session', first)).stdout).toBe('billing q3\n');
  const { rows } = JSON.parse((await run(['report', 'session', '--tag', 'billing', '--json'], { home })).stdout);
  const { tags } = JSON.parse((await tag('list', '--json')).stdout);
  expect(tags).toContainEqual({ tag: 'billing', cost_usd: rows[0].cost_usd ?? 0, session_count: 1 });
  expect(tags.find((each: { tag: string }) => each.tag === 'q3').session_count).toBe(2);
  expect((await tag('list')).stdout).toMatch(/^Tag {2,}Cost \(USD\) {2}Sessions\n(?:.*\n)*q3 +\d+\.\d{4} {2}2\n/);
  const { sessions } = JSON.parse((await tag('list', 'q3', '--json')).stdout);
  expect(sessions.map((each: { id: string }) => each.id).sort()).toEqual([first, second].sort());
  expect((await tag('list', 'nothing-has-it')).stdout).toBe('There is none.\n');

  expect((await tag('clear', first)).stdout).toBe('It has no tags.\n');
  expect(JSON.parse((await tag('show', first, '--json')).stdout)).toMatchObject({ session_id: first, tags: [] });
});

it.each([
  [['set', 'no-such-session', 'a'], 1, 'There is no one session'],
  [['set'], 2, 'Say which'],
  [['show'], 2, 'Say which session'],
  [['set', '0', 'two words'], 2, 'cannot be a tag'],
  [['set', '0', 'x'.repeat(65)], 2, 'cannot be a tag'],
  [['rename', 'a'], 2, 'nothing called "rename"'],
])('%j is an error that says what to do', async (args, code, words) => {
  const outcome = await tag(...args);
  expect(outcome).toMatchObject({ code, stdout: '' });
  expect(outcome.stderr).toContain(words);
});
