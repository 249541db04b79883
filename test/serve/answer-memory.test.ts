import { expect, it } from 'vitest';
import type { TextBody } from '../../src/report/prometheus.ts';
import { createAnswerMemory } from '../../src/serve/answer-memory.ts';

function prepare() {
  let now = 0;
  let made = 0;
  const memory = createAnswerMemory(() => now);
  return {
    ask: (question: string, version: number, text?: string): string =>
      memory.of(question, version, (): TextBody => {
        made++;
        return { text: text ?? `${question} ${made}`, contentType: 'text/plain' };
      }).text,
    pass: (ms: number) => void (now += ms),
    made: () => made,
  };
}

it('answers once to many who ask the same, until the data change or a second is over', () => {
  const { ask, pass, made } = prepare();
  expect([ask('a', 1), ask('a', 1), ask('b', 1), ask('a', 1)]).toEqual(['a 1', 'a 1', 'b 2', 'a 1']);
  expect(ask('a', 2)).toBe('a 3');
  expect(ask('b', 2)).toBe('b 4');
  pass(999);
  expect(ask('a', 2)).toBe('a 3');
  pass(1);
  expect(ask('a', 2)).toBe('a 5');
  expect(made()).toBe(5);
});

it('does not grow with the number of questions, nor keep what is large', () => {
  const { ask, made } = prepare();
  for (let i = 0; i < 33; i++) ask(`q${i}`, 1);
  ask('q32', 1);
  expect(made()).toBe(33);
  ask('q0', 1);
  expect(made()).toBe(34);
  const large = 'x'.repeat(256 * 1024 + 1);
  ask('large', 1, large);
  ask('large', 1, large);
  expect(made()).toBe(36);
});

it('keeps nothing of a question that failed', () => {
  const memory = createAnswerMemory(() => 0);
  const failing = (): TextBody => {
    throw new Error('no');
  };
  expect(() => memory.of('a', 1, failing)).toThrow('no');
  expect(memory.of('a', 1, () => ({ text: 'yes', contentType: '' })).text).toBe('yes');
});
