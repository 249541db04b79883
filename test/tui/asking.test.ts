import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import type { FromStore, ToStore } from '../../src/tui/answers.ts';
import { createAsker, newsRestMs } from '../../src/tui/components/ask.ts';
import { createFrames } from '../../src/tui/components/frames.ts';
import { createStoreLink, type StoreThread } from '../../src/tui/store-link.ts';

/** The other thread, whose answers come when a test says so. */
function store() {
  const asked: Extract<ToStore, { ask: number }>[] = [];
  const threads: { say(message: FromStore): void; die(error: Error): void; readonly heard: ToStore[] }[] = [];
  const start = (): StoreThread => {
    const events = new EventEmitter();
    const heard: ToStore[] = [];
    threads.push({
      heard,
      say: (message) => void events.emit('message', message),
      die: (error) => void events.emit('end', error),
    });
    return {
      port: {
        postMessage(message) {
          heard.push(message as ToStore);
          if ('ask' in (message as ToStore)) asked.push(message as Extract<ToStore, { ask: number }>);
        },
        on: (event, listener) => events.on(event, listener),
        off: (event, listener) => events.off(event, listener),
      },
      onEnd: (listener) => void events.on('end', listener),
      ended: async () => undefined,
    };
  };
  const link = createStoreLink(start);
  const state = (version: number): void =>
    threads.at(-1)?.say({ state: { version, hasStore: true, hasSessions: true, trouble: undefined } });
  const answer = (value: unknown, version: number, tookMs = 0): void =>
    threads.at(-1)?.say({ answered: asked.at(-1)?.ask ?? 0, version, value, tookMs });
  return { link, asked, threads, state, answer };
}

const wish = (input: unknown, since = '') => ({ question: 'q', input, key: JSON.stringify(input), since });

async function until(holds: () => boolean): Promise<void> {
  for (let at = 0; at < 500 && !holds(); at++) await new Promise((done) => setTimeout(done, 10));
  expect(holds()).toBe(true);
}

function asking() {
  const { link, ...rest } = store();
  const drawn = { frames: 0 };
  const frames = createFrames(() => void drawn.frames++);
  const scope = createAsker(link, frames).scope();
  return { link, ...rest, drawn, scope, place: scope.add() };
}

test('drawing does not wait: what was answered stands until the next answer, then a frame is drawn', async () => {
  const { state, answer, asked, place, drawn } = asking();
  state(1);
  expect(place.want(wish(1))).toBeUndefined();
  answer('one', 1);
  expect(place.want(wish(1))).toMatchObject({ value: 'one' });
  await until(() => drawn.frames === 1);
  state(2);
  await until(() => asked.length === 2);
  expect(place.want(wish(1))).toMatchObject({ value: 'one' });
  answer('two', 2);
  expect(place.want(wish(1))).toMatchObject({ value: 'two' });
  await until(() => drawn.frames === 2);
});

test('the answer to another question stands for a moment only', async () => {
  const { state, answer, place, drawn } = asking();
  state(1);
  place.want(wish(1));
  answer('one', 1);
  expect(place.want(wish(2))).toMatchObject({ value: 'one' });
  await until(() => place.want(wish(2)) === undefined);
  await until(() => drawn.frames >= 2); // the empty place is drawn without a key
  answer('two', 1);
  expect(place.want(wish(2))).toMatchObject({ value: 'two' });
});

test('one question is in flight at a time, the newest wish is asked next', () => {
  const { state, answer, asked, place } = asking();
  state(1);
  for (const input of [1, 2, 3]) place.want(wish(input));
  expect(asked.map((each) => each.input)).toEqual([1]);
  answer('one', 1);
  expect(asked.map((each) => each.input)).toEqual([1, 3]);
});

test('a stream of news: asked twice a second, a dear one once, and within two seconds while the store is quick', () => {
  expect([0, 1, 10, 20, 50].map(newsRestMs)).toEqual([500, 500, 500, 1_000, 1_000]);
  expect(newsRestMs(200)).toBe(4_000); // never more than a twentieth of a core
  expect(newsRestMs(60_000)).toBe(10_000); // the machine stood still meanwhile
});

test('a question rests before news make it asked again, a hidden screen asks nothing', async () => {
  const { state, answer, asked, place, scope } = asking();
  state(1);
  place.want(wish(1));
  answer('one', 1, 20);
  state(2);
  expect(asked).toHaveLength(1);
  await until(() => asked.length === 2); // by itself, when it has rested
  answer('two', 2, 0);
  scope.isActive = false;
  state(3);
  await new Promise((done) => setTimeout(done, newsRestMs(0) + 50));
  expect(asked).toHaveLength(2);
  scope.isActive = true;
  place.want(wish(1));
  expect(asked).toHaveLength(3);
});

test('what fails is asked again with the next news, not at once', () => {
  const { state, threads, asked, place } = asking();
  state(1);
  place.want(wish(1));
  threads[0]?.say({ failed: asked.at(-1)?.ask ?? 0 });
  place.want(wish(1));
  expect(asked).toHaveLength(1);
  state(2);
  expect(asked).toHaveLength(2);
});

test('a thread that dies is told of and started anew; versions go on growing', async () => {
  const { link, state, answer, threads, asked, place } = asking();
  state(7);
  place.want(wish(1));
  threads[0]?.die(new Error('out of memory'));
  expect(link.state.trouble).toBe('out of memory');
  await until(() => threads.length === 2);
  state(1);
  expect(link.state).toMatchObject({ version: 8, trouble: undefined });
  expect(asked).toHaveLength(2);
  answer('again', 1);
  expect(place.want(wish(1))).toMatchObject({ value: 'again', version: 8 });
});

test('frames nobody pressed a key for come four times a second at most', async () => {
  let drawn = 0;
  const frames = createFrames(() => void drawn++);
  const began = performance.now();
  while (performance.now() - began < 600) {
    frames.soon();
    await new Promise((done) => setTimeout(done, 5));
  }
  const most = Math.ceil((performance.now() - began) / 250) + 1;
  expect(drawn).toBeGreaterThan(0);
  expect(drawn).toBeLessThanOrEqual(most);
  frames.now();
  await until(() => drawn > 0);
  frames.stop();
});

test('the thread hears whether somebody tells of news, also one that is started anew', async () => {
  const { link, threads } = store();
  link.expectNews(false);
  expect(threads[0]?.heard).toEqual([]);
  link.expectNews(true);
  link.expectNews(true);
  expect(threads[0]?.heard).toEqual([{ isTold: true }]);
  threads[0]?.die(new Error('out of memory'));
  await until(() => threads.length === 2);
  expect(threads[1]?.heard).toEqual([{ isTold: true }]);
  link.expectNews(false);
  expect(threads[1]?.heard.at(-1)).toEqual({ isTold: false });
});
