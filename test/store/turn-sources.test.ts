import { afterEach, describe, expect, it } from 'vitest';
import type { LogEvent, StretchEvent, TurnEvent, TurnSource } from '../../src/events.ts';
import { undoCosts, updateCosts } from '../../src/store/reprice.ts';
import { randomFrom, shuffled } from '../helpers/random.ts';
import { createWrittenStore, type WrittenStore } from '../helpers/written-store.ts';

let store: WrittenStore | undefined;
afterEach(() => {
  store?.remove();
  store = undefined;
});

const minute = 60_000;
const start = Date.parse('2026-03-01T09:00:00Z');

function turn(key: string, at: number, source: Partial<TurnSource> & { rank: number }, other: Partial<TurnEvent> = {}) {
  const event: TurnEvent = {
    kind: 'turn',
    key,
    session: 's',
    at: start + at * minute,
    model: 'gpt-5-mini',
    usage: {
      uncachedInputTokens: 100,
      cacheReadInputTokens: 0,
      cacheCreation5mInputTokens: 0,
      cacheCreation1hInputTokens: 0,
      outputTokens: 10,
    },
    fast: false,
    webSearchRequests: 0,
    promptTokens: 100,
    contextTokens: 110,
    sidechain: false,
    rank: 'own',
    quality: 'measured',
    tools: [],
    ...other,
    source: {
      session: 's',
      ...source,
      from: source.from === undefined ? undefined : start + source.from * minute,
    },
  };
  return event;
}

function begin(at: number): StretchEvent {
  return { kind: 'stretch', session: 's', at: start + at * minute };
}

function end(at: number, rank: number, from: number): StretchEvent {
  return { kind: 'stretch', session: 's', at: start + at * minute, told: { rank, from: start + from * minute } };
}

/** Minutes of the turns that count. */
async function countedAfter(events: readonly LogEvent[], batches = 1): Promise<readonly number[]> {
  store?.remove();
  store = await createWrittenStore();
  const size = Math.ceil(events.length / batches);
  for (let i = 0; i < events.length; i += size) store.write('/log', events.slice(i, i + size));
  return store.dump().turns.map((row) => (Date.parse(String(row.at)) - start) / minute);
}

describe('of several sources of the same responses', () => {
  it.each<[what: string, events: readonly LogEvent[], counted: readonly number[]]>([
    ['the better counts', [turn('a', 1, { rank: 2 }), turn('b', 1.5, { rank: 1 })], [1.5]],
    ['all turns of the best count', [turn('a', 1, { rank: 1 }), turn('b', 2, { rank: 1 })], [1, 2]],
    [
      'each stretch has its own best',
      [begin(0), turn('a', 1, { rank: 3 }), begin(10), turn('b', 11, { rank: 3 }), turn('c', 12, { rank: 1 })],
      [1, 12],
    ],
    [
      'a sum gives way where one of its responses is told better',
      [begin(0), turn('sum', 9, { rank: 3, from: 0 }), turn('a', 2, { rank: 1 })],
      [2],
    ],
    [
      'a sum over several stretches takes the place of what it is the sum of',
      [
        begin(0),
        turn('a', 1, { rank: 4 }),
        begin(5),
        turn('b', 6, { rank: 4 }),
        turn('sum', 9, { rank: 3, from: 0 }),
        end(9, 3, 0),
        turn('c', 10, { rank: 4 }),
      ],
      [9, 10],
    ],
    [
      'what a sum would have taken the place of is back when the sum itself gives way',
      [
        begin(0),
        turn('a', 1, { rank: 4 }),
        begin(5),
        turn('b', 6, { rank: 4 }),
        turn('sum', 9, { rank: 3, from: 0 }),
        end(9, 3, 0),
        turn('c', 7, { rank: 1 }),
      ],
      [1, 7],
    ],
    [
      'a sum of nothing still tells that there was nothing more',
      [begin(0), turn('a', 1, { rank: 4 }), end(2, 3, 0), turn('b', 3, { rank: 4 })],
      [3],
    ],
    [
      'an extra counts beside the rest, and gives way to a better source',
      [
        begin(0),
        turn('x', 1, { rank: 2, isExtra: true }),
        turn('sum', 2, { rank: 3, from: 0 }),
        begin(10),
        turn('y', 11, { rank: 2, isExtra: true }),
        turn('z', 12, { rank: 1 }),
      ],
      [1, 2, 12],
    ],
    [
      'a subagent belongs to its conversation',
      [
        begin(0),
        turn('a', 1, { rank: 2 }, { session: 's-agent-1', sidechain: true }),
        turn('b', 2, { rank: 1 }, { session: 's-agent-1', sidechain: true }),
      ],
      [2],
    ],
  ])('%s', async (_, events, counted) => {
    expect(await countedAfter(events)).toEqual(counted);
    const whole = store?.dump();
    for (let seed = 0; seed < 6; seed++) {
      const random = randomFrom(seed);
      expect(await countedAfter(shuffled(events, random), 1 + Math.floor(random() * events.length))).toEqual(counted);
      expect(store?.dump(), `seed ${seed}`).toEqual(whole);
    }
  });

  it('the same counts in whatever order and pieces they are told', async () => {
    const random = randomFrom(7);
    const at = (): number => Math.floor(random() * 60);
    for (let round = 0; round < 15; round++) {
      const events: LogEvent[] = [];
      for (let i = 0; i < 4; i++) events.push(begin(at()));
      for (let i = 0; i < 2; i++) {
        const to = at();
        const from = Math.floor(random() * to);
        events.push(end(to, 3, from), turn(`sum${i}`, to, { rank: 3, from }));
      }
      for (let i = 0; i < 12; i++)
        events.push(turn(`t${i}`, at(), { rank: [1, 2, 2, 4, 5][i % 5] ?? 5, isExtra: i === 2 }));
      await countedAfter(events);
      const whole = store?.dump();
      for (let seed = 0; seed < 3; seed++) {
        await countedAfter(shuffled(events, random), 1 + Math.floor(random() * 6));
        expect(store?.dump(), `round ${round}, seed ${seed}`).toEqual(whole);
      }
    }
  });
});

describe('a turn that does not count', () => {
  it('is kept, grows with its copies, and counts once the better one belongs to another stretch', async () => {
    store = await createWrittenStore();
    store.write('/log', [turn('a', 1, { rank: 2 }), turn('b', 9, { rank: 1 })]);
    store.write('/log', [turn('a', 1, { rank: 2 }, { contextTokens: 500 })]);
    expect(store.dump().turns).toMatchObject([{ context: 110 }]);
    store.write('/log', [begin(5)]);
    expect(store.dump().turns).toMatchObject([{ context: 500 }, { context: 110 }]);
    expect(store.dump().sessions).toMatchObject([{ context: 110, last_turn_at: '2026-03-01T09:09:00.000Z' }]);
  });

  it('leaves sums, times and models of its session', async () => {
    store = await createWrittenStore();
    store.write('/log', [turn('a', 3, { rank: 2 }, { model: 'gpt-4o' })]);
    expect(store.dump().sessions).toMatchObject([{ model: 'gpt-4o', last_turn_at: '2026-03-01T09:03:00.000Z' }]);
    store.write('/db', [turn('b', 2, { rank: 1 })]);
    expect(store.dump().sessions).toMatchObject([{ model: 'gpt-5-mini', last_turn_at: '2026-03-01T09:02:00.000Z' }]);
  });

  it('does not count in a fork that began with it either, whichever log is read first', async () => {
    const inherited = turn('a', 1, { rank: 2, session: 'fork' }, { session: 'fork' });
    const original = turn('a', 1, { rank: 2 });
    const better = turn('x', 2, { rank: 1 });
    const whole = [{ session: 's', at: '2026-03-01T09:02:00.000Z' }];
    for (const order of [
      [inherited, better, original],
      [better, original, inherited],
      [original, inherited, better],
    ]) {
      store?.remove();
      store = await createWrittenStore();
      for (const event of order) store.write(event === inherited ? '/a' : event === original ? '/b' : '/db', [event]);
      expect(store.dump().turns).toMatchObject(whole);
      expect(store.dump().turns).toHaveLength(1);
    }
  });
});

it('counts as many turns as a sum stands for', async () => {
  store = await createWrittenStore();
  store.write('/log', [turn('sum', 1, { rank: 3 }, { responses: 7, costNanoUsd: 5 })]);
  store.dump();
  const sums = store.db.prepare('SELECT turns, logged_turns, auto_turns FROM rollup').get();
  expect(sums).toEqual({ turns: 7, logged_turns: 7, auto_turns: 7 });
});

it('takes what it cost before along when it counts no more, so that no other turn is given it', async () => {
  store = await createWrittenStore();
  store.write('/log', [turn('a', 1, { rank: 4 })]);
  const idOf = (): number => Number(store?.db.prepare('SELECT id FROM turn').pluck().get());
  updateCosts(store.db, [{ id: idOf(), priceId: 1, costNano: 5, savingsNano: 0 }], true);
  const before = idOf();
  store.write('/log', [end(2, 3, 0)]);
  store.write('/log', [turn('b', 3, { rank: 4 })]);
  expect(idOf()).toBe(before); // the row's number is given out again
  updateCosts(store.db, [{ id: idOf(), priceId: 1, costNano: 7, savingsNano: 0 }]);
  undoCosts(store.db);
  expect(store.db.prepare('SELECT cost_calculated_nano FROM turn').pluck().all()).toEqual([7]);
  store.dump();
});

it('refuses tools in a turn that may come to nothing', async () => {
  store = await createWrittenStore();
  const tools = [{ key: 'c', at: undefined, name: 'bash', type: 'tool', inputSizeBytes: 1 }] as const;
  expect(() => store?.write('/log', [turn('a', 1, { rank: 1 }, { tools })])).toThrow(TypeError);
});
