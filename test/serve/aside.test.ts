import { afterEach, expect, it, vi } from 'vitest';
import { type AsideAnswer, type AsideThread, createAside } from '../../src/serve/aside.ts';

/** Threads whose answers the test gives. */
function threads() {
  const asked: { target: string; done(): void; fail(error: Error): void }[] = [];
  let started = 0;
  let closed = 0;
  const start = (): AsideThread => {
    started++;
    return {
      ask: ({ target }) =>
        new Promise<AsideAnswer>((resolve, reject) => {
          const body = new TextEncoder().encode(target).buffer;
          asked.push({ target, done: () => resolve({ status: 200, contentType: 'text/plain', body }), fail: reject });
        }),
      close: async () => void closed++,
    };
  };
  return {
    start,
    asked,
    get started() {
      return started;
    },
    get closed() {
      return closed;
    },
  };
}

const request = (target: string) => ({ target, accept: '', requestId: 'r' });
const stays = (): AbortSignal => new AbortController().signal;
const text = (answer: AsideAnswer): string => new TextDecoder().decode(answer.body);
const settled = () => new Promise((resolve) => setImmediate(resolve));

afterEach(() => vi.useRealTimers());

it('answers one after the other, in the order of asking, and the same question once', async () => {
  const own = threads();
  const aside = createAside(own.start);
  expect(own.started).toBe(0);
  const answers = ['/a', '/b', '/a', '/b', '/c'].map((target) => aside.ask(request(target), stays()));
  for (const target of ['/a', '/b', '/c']) {
    expect(own.asked.map((each) => each.target).at(-1)).toBe(target);
    own.asked.at(-1)?.done();
    await settled();
  }
  expect((await Promise.all(answers)).map(text)).toEqual(['/a', '/b', '/a', '/b', '/c']);
  expect(own.asked.length).toBe(3);
  expect(own.started).toBe(1);
  await aside.close();
  expect(own.closed).toBe(1);
});

it('refuses when too many wait, and takes more when they do not', async () => {
  const own = threads();
  const aside = createAside(own.start);
  const waiting = Array.from({ length: 17 }, (_, i) => aside.ask(request(`/${i}`), stays()));
  await expect(aside.ask(request('/late'), stays())).rejects.toMatchObject({ status: 503, code: 'unavailable' });
  own.asked[0]?.done();
  await waiting[0];
  await settled();
  void aside.ask(request('/later'), stays());
  for (let i = 1; i <= 17; i++) {
    own.asked[i]?.done();
    await settled();
  }
  expect(own.asked.at(-1)?.target).toBe('/later');
  await Promise.all(waiting);
});

it('does not begin what nobody waits for any more', async () => {
  const own = threads();
  const aside = createAside(own.start);
  const first = aside.ask(request('/first'), stays());
  const gone = new AbortController();
  const left = aside.ask(request('/left'), gone.signal);
  const shared = [aside.ask(request('/shared'), gone.signal), aside.ask(request('/shared'), stays())];
  gone.abort(new Error('gone'));
  await expect(left).rejects.toThrow('gone');
  await expect(shared[0]).rejects.toThrow('gone');
  own.asked[0]?.done();
  await first;
  await settled();
  expect(own.asked.map((each) => each.target)).toEqual(['/first', '/shared']);
  own.asked[1]?.done();
  expect(text((await shared[1]) as AsideAnswer)).toBe('/shared');
});

it('starts anew after the thread has ended, and lets it go when nobody asks', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const own = threads();
  const aside = createAside(own.start);
  const broken = aside.ask(request('/broken'), stays());
  const after = aside.ask(request('/after'), stays());
  own.asked[0]?.fail(new Error('ended'));
  await expect(broken).rejects.toThrow('ended');
  await settled();
  expect(own.started).toBe(2);
  own.asked[1]?.done();
  expect(text(await after)).toBe('/after');
  await settled();
  vi.advanceTimersByTime(4_000);
  expect(own.closed).toBe(0);
  vi.advanceTimersByTime(2_000);
  expect(own.closed).toBe(1);
  void aside.ask(request('/again'), stays());
  expect(own.started).toBe(3);
});
