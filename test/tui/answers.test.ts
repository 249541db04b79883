import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { answerQuestions, type FromStore, type ToStore } from '../../src/tui/answers.ts';
import { defineQuestion, type Known } from '../../src/tui/question.ts';
import { createTestStore, type TestStore } from './store.ts';

let store: TestStore;
let events: EventEmitter;
let said: FromStore[];

beforeEach(async () => {
  store = await createTestStore(0);
  store.addSession({ id: 'before' });
  events = new EventEmitter();
  said = [];
  vi.useFakeTimers();
  let asked = 0;
  answerQuestions(
    {
      postMessage: (message) => void said.push(message as FromStore),
      on: (event, listener) => events.on(event, listener),
      off: (event, listener) => events.off(event, listener),
    },
    {
      source: { open: () => store.reader(), identity: () => 'one' },
      questions: new Map([
        ['asked', defineQuestion('asked', (db, _, { remember }) => remember(db, 'a', () => ++asked, 0))],
      ]),
      known: {} as Known, // the question wants nothing of it
      clock: Date.now,
    },
  );
});
afterEach(() => {
  hear({ close: true });
  vi.useRealTimers();
  store.remove();
});

function hear(message: ToStore): void {
  events.emit('message', message);
}

const versions = (): number => said.filter((message) => 'state' in message).length;

test('the store is looked at four times a second, every two while somebody tells of news, and at once when told', () => {
  store.addSession({ id: 'a' });
  vi.advanceTimersByTime(250);
  expect(versions()).toBe(2);
  hear({ isTold: true });
  store.addSession({ id: 'b' });
  vi.advanceTimersByTime(1_750);
  expect(versions()).toBe(2);
  vi.advanceTimersByTime(250);
  expect(versions()).toBe(3);
  store.addSession({ id: 'c' });
  hear({ look: true });
  expect(versions()).toBe(4);
  hear({ isTold: false });
  store.addSession({ id: 'd' });
  vi.advanceTimersByTime(250);
  expect(versions()).toBe(5);
});

test('what an answer is made of is asked of the store once for each state of its data', () => {
  const answer = (): unknown => {
    hear({ ask: 1, question: 'asked', input: {} });
    const last = said.at(-1);
    return last !== undefined && 'answered' in last ? last.value : undefined;
  };
  expect([answer(), answer()]).toEqual([1, 1]);
  vi.advanceTimersByTime(120_000);
  expect(answer()).toBe(1);
  store.addSession({ id: 'a' });
  hear({ look: true });
  expect([answer(), answer()]).toEqual([2, 2]);
});
