import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LogEvent, TurnEvent } from '../../src/events.ts';
import { randomFrom } from '../helpers/random.ts';
import { createWrittenStore, type WrittenStore } from '../helpers/written-store.ts';

const start = Date.parse('2025-11-20T09:00:00Z');
const minute = 60_000;

interface Conversation {
  readonly name: string;
  /** 0: it is no fork. */
  readonly depth: number;
  /** Responses in their order, by their keys: first the copied ones. */
  readonly turns: readonly string[];
}

/** What a provider tells of it: of each response the prompt before it, a call, and the compaction after it. */
function eventsOf({ name, depth, turns }: Conversation): readonly LogEvent[] {
  const mark = depth === 0 ? undefined : { forkDepth: depth };
  const session: LogEvent = { kind: 'session', session: name, cwd: '/srv/shop', rank: 'own', at: start };
  const records = turns.flatMap((key, i): LogEvent[] => {
    const at = start + i * minute + depth; // copies are stamped later
    const turn: TurnEvent = {
      kind: 'turn',
      key,
      session: name,
      at,
      model: 'gpt-5.1',
      usage: {
        uncachedInputTokens: 100,
        cacheReadInputTokens: 10,
        cacheCreation5mInputTokens: 0,
        cacheCreation1hInputTokens: 0,
        outputTokens: 7,
      },
      fast: false,
      webSearchRequests: 0,
      promptTokens: 110,
      contextTokens: 117,
      sidechain: false,
      rank: 'own',
      quality: 'measured',
      ...mark,
      tools: [
        { key: `call of ${key}`, at, name: 'spawn_agent', type: 'subagent', inputSizeBytes: 5 },
        { key: `other of ${key}`, at, name: 'find', type: 'mcp', mcpServer: 'tracker', inputSizeBytes: 5 },
      ],
    };
    return [
      turn,
      { kind: 'prompt', key: `${name} ${key}`, session: name, at, rank: 'own', ...mark, turn: mark && key },
      { kind: 'compaction', key: `after ${key}`, session: name, at, micro: false, ...mark },
    ];
  });
  return [session, ...records];
}

/** Whose each response is: of the conversation nearest to the origin, where there is but one. */
function ownersOf(conversations: readonly Conversation[]): readonly (readonly [owner: string, key: string])[] {
  const keys = [...new Set(conversations.flatMap((each) => each.turns))];
  return keys.flatMap((key) => {
    const holders = conversations.filter((each) => each.turns.includes(key));
    const least = Math.min(...holders.map((each) => each.depth));
    const nearest = holders.filter((each) => each.depth === least);
    return nearest.length === 1 ? [[nearest[0]?.name ?? '', key] as const] : [];
  });
}

let store: WrittenStore;
beforeEach(async () => {
  store = await createWrittenStore('codex');
});
afterEach(() => store.remove());

function counted() {
  const by = (sql: string): Readonly<Record<string, number>> =>
    Object.fromEntries(store.db.prepare<[], [string, number]>(sql).raw().all());
  return {
    turns: by('SELECT s.sid, COUNT(*) FROM turn t JOIN session s ON s.id = t.session_id GROUP BY 1'),
    prompts: by('SELECT s.sid, COUNT(*) FROM prompt t JOIN session s ON s.id = t.session_id GROUP BY 1'),
    compactions: by('SELECT s.sid, COUNT(*) FROM event t JOIN session s ON s.id = t.session_id GROUP BY 1'),
    derived: by('SELECT sid, compactions FROM session WHERE compactions > 0'),
    calls: store.db.prepare('SELECT COUNT(*) FROM tool_call').pluck().get(),
    tasks: store.db.prepare('SELECT COUNT(*) FROM task').pluck().get(),
  };
}

function expected(conversations: readonly Conversation[]) {
  const owners = ownersOf(conversations);
  const sums: Record<string, number> = {};
  for (const [owner] of owners) sums[owner] = (sums[owner] ?? 0) + 1;
  return {
    turns: sums,
    prompts: sums,
    compactions: sums,
    derived: sums,
    calls: 2 * owners.length,
    tasks: owners.length,
  };
}

const origin: Conversation = { name: 'origin', depth: 0, turns: ['a', 'b', 'c', 'd'] };
const left: Conversation = { name: 'left', depth: 1, turns: ['a', 'b', 'l1', 'l2'] };
const right: Conversation = { name: 'right', depth: 1, turns: ['a', 'b', 'c', 'r1'] };
const below: Conversation = { name: 'below', depth: 2, turns: ['a', 'b', 'l1', 'x'] };

describe('what a fork may have copied', () => {
  it.each([
    ['with its origin', [origin, left]],
    ['alone', [left]],
    ['beside another of what is gone', [left, right]],
    ['of a fork', [left, below]],
    ['of a fork that is gone', [below]],
    ['all of them', [origin, left, right, below]],
  ])('counts once, in whatever order: %s', async (_, conversations) => {
    for (const order of permutations(conversations)) {
      store.remove();
      store = await createWrittenStore('codex');
      for (const each of order) {
        store.write(each.name, eventsOf(each));
        store.dump(); // checks the sums
      }
      expect(counted(), order.map((each) => each.name).join(' ')).toEqual(expected(conversations));
      for (const each of order) store.write(each.name, eventsOf(each)); // read anew
      expect(counted()).toEqual(expected(conversations));
    }
  });

  it('has the time of its origin, not that of the copy', () => {
    store.write('left', eventsOf(left));
    store.write('origin', eventsOf(origin));
    const times = store.db
      .prepare('SELECT DISTINCT t.at FROM turn t JOIN session s ON s.id = t.session_id WHERE s.sid = ? ORDER BY 1')
      .pluck()
      .all('origin');
    expect(times).toEqual(origin.turns.map((_, i) => start + i * minute));
  });

  it('is given up when it turns out to be copies, and stays so', () => {
    store.write('left', [...eventsOf(left), { kind: 'copied', session: 'left' }]);
    expect(counted()).toMatchObject({ turns: {}, prompts: {}, calls: 0 });
    store.write('left', eventsOf(left).slice(0, 4)); // read anew from the start, and not to its end
    store.write('right', eventsOf(right));
    expect(counted().turns).toEqual({ right: 2 });
    store.write('origin', eventsOf(origin));
    expect(counted().turns).toEqual({ origin: 4, right: 1 });
    store.dump();
  });

  it('leaves no cost behind that another row could be given', () => {
    store.write('left', eventsOf(left));
    store.db.exec('INSERT INTO cost_before SELECT id, 5, 5, 1 FROM turn');
    store.write('left', [{ kind: 'copied', session: 'left' }]);
    expect(store.db.prepare('SELECT COUNT(*) FROM cost_before').pluck().get()).toBe(0);
  });

  it('counts once in random families, read in random pieces', async () => {
    const random = randomFrom(11);
    const upTo = (limit: number): number => Math.floor(random() * limit);
    for (let round = 0; round < 60; round++) {
      store.remove();
      store = await createWrittenStore('codex');
      const family = [{ name: 'c0', depth: 0, turns: own('c0', 1 + upTo(4)) }];
      while (family.length < 2 + upTo(5)) {
        const from = family[upTo(family.length)] as Conversation; // one of them
        const name = `c${family.length}`;
        const copied = from.turns.slice(0, upTo(from.turns.length + 1));
        family.push({ name, depth: from.depth + 1, turns: [...copied, ...own(name, upTo(3))] });
      }
      const there = family.filter((each) => each.turns.length > 0 && random() < 0.7);
      const files = there.map((each) => ({ name: each.name, rest: [...eventsOf(each)] }));
      while (files.some((file) => file.rest.length > 0)) {
        const file = files[upTo(files.length)];
        // The prompt of a response comes with it.
        if (file !== undefined && file.rest.length > 0) store.write(file.name, file.rest.splice(0, 1 + 3 * upTo(3)));
      }
      store.dump();
      expect(counted(), `round ${round}: ${JSON.stringify(there)}`).toEqual(expected(there));
    }
  });
});

function own(name: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, i) => `${name}-${i}`);
}

function permutations<T>(items: readonly T[]): readonly (readonly T[])[] {
  if (items.length < 2) return [items];
  return items.flatMap((item, i) => permutations(items.filter((_, j) => j !== i)).map((rest) => [item, ...rest]));
}
