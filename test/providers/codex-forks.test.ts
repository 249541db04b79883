import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { createHouse } from '../helpers/house.ts';
import { randomFrom, shuffled } from '../helpers/random.ts';

/** A response as it was made, and where. */
interface Response {
  readonly madeIn: string;
  readonly turn: string;
  readonly usage: Usage;
  readonly total: Usage;
  readonly isRepeated: boolean;
}

interface Usage {
  readonly input_tokens: number;
  readonly cached_input_tokens: number;
  readonly output_tokens: number;
}

interface Thread {
  readonly id: string;
  /** The nearest first. */
  readonly ancestors: readonly string[];
  /** Copied ones first. */
  readonly responses: readonly Response[];
}

const start = Date.UTC(2026, 1, 3, 9);

/** Threads that fork from each other at random; what each copied is told by times in ids, or by nothing but its likeness. */
function family(random: () => number, isTimed: boolean): readonly Thread[] {
  const upTo = (limit: number): number => Math.floor(random() * limit);
  const threads: Thread[] = [];
  const count = 2 + upTo(4);
  for (let n = 0; n < count; n++) {
    const parent = threads[upTo(n)];
    const id = idOf(n, 0, isTimed);
    const copied = parent?.responses.slice(0, upTo(parent.responses.length + 1)) ?? [];
    const responses = [...copied];
    // Counters go on from those of the copied history, and now and then restart.
    let total = copied.at(-1)?.total ?? { input_tokens: 0, cached_input_tokens: 0, output_tokens: 0 };
    const own = n === 0 ? 1 + upTo(5) : upTo(4);
    for (let i = 0; i < own; i++) {
      const cached = upTo(50_000);
      const usage = {
        input_tokens: cached + 1 + upTo(900_000),
        cached_input_tokens: cached,
        output_tokens: 1 + upTo(90_000),
      };
      const isLess = usage.input_tokens < total.input_tokens; // else nobody could tell
      if (isLess && random() < 0.2) total = { input_tokens: 0, cached_input_tokens: 0, output_tokens: 0 };
      total = {
        input_tokens: total.input_tokens + usage.input_tokens,
        cached_input_tokens: total.cached_input_tokens + usage.cached_input_tokens,
        output_tokens: total.output_tokens + usage.output_tokens,
      };
      responses.push({ madeIn: id, turn: idOf(n, 1 + i, isTimed), usage, total, isRepeated: random() < 0.4 });
    }
    threads.push({ id, ancestors: parent === undefined ? [] : [parent.id, ...parent.ancestors], responses });
  }
  return threads;
}

/** A UUIDv7 of an hour per thread and a minute per turn, or a UUID without a time. */
function idOf(thread: number, turn: number, isTimed: boolean): string {
  const time = (start + thread * 3_600_000 + turn * 60_000).toString(16).padStart(12, '0');
  const tail = `000000${String(thread).padStart(3, '0')}${String(turn).padStart(3, '0')}`;
  return isTimed ? `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${tail}` : `0000000${thread}-0000-4000-8000-${tail}`;
}

function linesOf(thread: Thread, isTimed: boolean): string {
  let at = start + 86_400_000;
  const line = (type: string, payload: object): string =>
    JSON.stringify({ timestamp: new Date((at += 7)).toISOString(), type, payload });
  const [origin] = thread.ancestors;
  const meta = (id: string, from?: string): string =>
    line('session_meta', { id, cwd: '/home/dev/shop', cli_version: '0.98.0', source: 'cli', forked_from_id: from });
  const lines = [meta(thread.id, origin), ...thread.ancestors.map((id) => meta(id))];
  for (const { turn, usage, total, isRepeated } of thread.responses) {
    const info = { total_token_usage: total, last_token_usage: usage };
    lines.push(
      line('turn_context', { turn_id: isTimed ? turn : undefined, model: 'gpt-5.3-codex' }),
      line('event_msg', { type: 'user_message', message: 'CANARY' }),
      line('response_item', { type: 'reasoning', summary: [] }),
      line('response_item', { type: 'function_call', name: 'shell', arguments: 'CANARY', call_id: `call of ${turn}` }),
      line('event_msg', { type: 'token_count', info }),
      line('response_item', { type: 'function_call_output', call_id: `call of ${turn}`, output: 'CANARY' }),
    );
    if (isRepeated) lines.push(line('event_msg', { type: 'token_count', info }));
  }
  return `${lines.join('\n')}\n`;
}

/** Responses by the thread they count in. Without times, of the threads there the one nearest to the origin has them, if it is alone. */
function expected(there: readonly Thread[], isTimed: boolean): readonly string[] {
  const told = there.flatMap((thread) => thread.responses.map((response) => ({ thread, response })));
  return told
    .filter(({ thread, response }) => {
      if (isTimed) return response.madeIn === thread.id;
      const others = told.filter((each) => each.response === response && each.thread !== thread);
      return others.every((each) => each.thread.ancestors.length > thread.ancestors.length);
    })
    .map(({ thread, response }) => `${thread.id} ${response.usage.input_tokens} ${response.usage.output_tokens}`)
    .sort();
}

it.each([true, false])(
  'random families of forks count every response once, times in ids: %s',
  { timeout: 120_000 },
  async (isTimed) => {
    const random = randomFrom(isTimed ? 5 : 6);
    for (let round = 0; round < 12; round++) {
      const there = family(random, isTimed).filter(() => random() < 0.75);
      const house = await createHouse();
      try {
        for (const thread of shuffled(there, random)) {
          const path = join(house.home, '.codex/sessions/2026/02/03', `rollout-2026-02-03T10-00-00-${thread.id}.jsonl`);
          const text = linesOf(thread, isTimed);
          mkdirSync(dirname(path), { recursive: true });
          for (const part of [random(), 1]) {
            writeFileSync(path, text.slice(0, Math.ceil(text.length * part)));
            (await house.catchUp()).db?.close();
          }
        }
        const { turns, prompts, tools } = await house.read();
        const shown = turns.map(
          (turn) => `${turn.session} ${Number(turn.input ?? 0) + Number(turn.cache_read ?? 0)} ${turn.output}`,
        );
        expect(shown.sort(), `round ${round}`).toEqual(expected(there, isTimed));
        expect(prompts).toHaveLength(shown.length);
        expect(tools).toHaveLength(shown.length);
      } finally {
        house.remove();
      }
    }
  },
);
