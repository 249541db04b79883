import { expect, it } from 'vitest';
import type { LogEvent } from '../../src/events.ts';
import { createTeller, ToldCollector } from '../../src/ingest/told-batch.ts';
import { callWidth, placeOf, type ToldFacts, type ToldName, type ToldRun, turnWidth } from '../../src/told-turns.ts';

const noName: ToldName = { name: '', mcpServer: undefined, mcpTool: undefined };
const name = (text: string): ToldName => ({ ...noName, name: text });
const facts: ToldFacts = { session: 's', branch: 'main', sidechain: false, compaction: undefined };
const other = (session: string): LogEvent => ({ kind: 'copied', session });

/** A run of responses, each with its key, the number of its model, and how many events go before it; -1: not to be taken. */
function runOf(
  rows: readonly (readonly [key: string, model: number, before: number])[],
  names: readonly ToldName[],
  of = facts,
): ToldRun {
  // Not from the start, as nothing in the module's memory does.
  const [turns, calls] = [7, 7 + rows.length * turnWidth + 3];
  const numbers = new Float64Array(calls + callWidth + 1);
  let texts = '';
  rows.forEach(([key, model, before], i) => {
    const row = turns + i * turnWidth;
    numbers.set([texts.length, key.length, model], row);
    numbers[placeOf(row)] = before;
    texts += key;
  });
  return { numbers, turns, turnCount: rows.length, calls, callCount: 1, texts, names, facts: of };
}

/** What comes of a batch with the other thread: kind and key, or session, and what it is told to be. */
function told(collector: ToldCollector, tell: ReturnType<typeof createTeller>, others: readonly LogEvent[]): string[] {
  const batch = structuredClone(collector.close());
  if (batch === undefined) return [];
  return tell(batch, others).map((event) =>
    event.kind === 'turn'
      ? `${event.key} ${event.model} ${event.session} ${event.tools.length}`
      : `${event.kind} ${(event as { session: string }).session}`,
  );
}

it('puts responses where they stood between the other events', () => {
  const [collector, tell] = [new ToldCollector(), createTeller()];
  const names = [noName, name('opus'), name('haiku')];
  collector.take(
    runOf(
      [
        ['k1', 1, 0],
        ['left out', 1, -1],
        ['k2', 2, 2],
      ],
      names,
    ),
  );
  collector.take(runOf([['k3', 1, 2]], names, { ...facts, session: 't' }));
  expect(told(collector, tell, [other('a'), other('b'), other('c')])).toEqual([
    'k1 opus s 0',
    'copied a',
    'copied b',
    'k2 haiku s 0',
    'k3 opus t 0',
    'copied c',
  ]);
  expect(collector.close()).toBeUndefined();
});

it('sends a name but once, and all of them anew when their numbers begin anew', () => {
  const [collector, tell] = [new ToldCollector(), createTeller()];
  const names = [noName, name('opus')];
  collector.take(runOf([['k1', 1, 0]], names));
  expect(told(collector, tell, [])).toEqual(['k1 opus s 0']);
  names.push(name('haiku'));
  collector.take(runOf([['k2', 2, 0]], names));
  // Within one batch, too.
  collector.take(runOf([['k3', 1, 0]], [noName, name('sonnet')]));
  const batch = collector.close();
  expect(batch?.names).toEqual([name('haiku'), noName, name('sonnet')]);
  expect(tell(batch as NonNullable<typeof batch>, []).map((event) => 'model' in event && event.model)).toEqual([
    'haiku',
    'sonnet',
  ]);
});

it('goes on after what was dropped, with the names that went with it', () => {
  const [collector, tell] = [new ToldCollector(), createTeller()];
  const names = [noName, name('opus')];
  collector.take(runOf([['k1', 1, 0]], names));
  collector.drop();
  expect(collector.close()).toBeUndefined();
  collector.take(runOf([['k2', 1, 0]], names));
  expect(told(collector, tell, [])).toEqual(['k2 opus s 0']);
});

it('holds more than it had room for at first', () => {
  const [collector, tell] = [new ToldCollector(), createTeller()];
  const names = [noName, name('opus')];
  const keys = Array.from({ length: 2_000 }, (_, i) => `k${i}`);
  collector.take(
    runOf(
      keys.map((key) => [key, 1, 0]),
      names,
    ),
  );
  expect(told(collector, tell, [])).toEqual(keys.map((key) => `${key} opus s 0`));
});
