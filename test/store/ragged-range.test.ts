import { afterAll, beforeAll, expect, it } from 'vitest';
import type { LogEvent } from '../../src/events.ts';
import { activeBuckets, groupSums, totalSums } from '../../src/store/queries/report.ts';
import { everything } from '../../src/store/queries/scope.ts';
import { randomFrom } from '../helpers/random.ts';
import { createWrittenStore, type WrittenStore } from '../helpers/written-store.ts';

const minute = 60_000;
const quarter = 15 * minute;
const start = Date.parse('2026-05-04T10:00:00Z');
const random = randomFrom(5);
const upTo = (limit: number): number => Math.floor(random() * limit);

interface Fact {
  readonly at: number;
  readonly session: string;
  readonly model: string;
  readonly kind: 'turn' | 'prompt' | 'tool';
  readonly output: number;
}

const facts: readonly Fact[] = Array.from({ length: 400 }, (_, i) => ({
  at: start + upTo(5 * 60 * minute),
  session: `s${upTo(6)}`,
  model: `model-${upTo(3)}`,
  kind: (['turn', 'turn', 'prompt', 'tool'] as const)[i % 4] ?? 'turn',
  output: i % 4 < 2 ? 1 + upTo(1_000) : 0,
}));

let store: WrittenStore;
beforeAll(async () => {
  store = await createWrittenStore();
  store.write('/a', facts.map(eventOf));
});
afterAll(() => store.remove());

function eventOf({ at, session, model, kind, output }: Fact, i: number): LogEvent {
  if (kind === 'prompt') return { kind, key: `p${i}`, session, at, rank: 'own' };
  if (kind === 'tool') {
    const call = { key: `c${i}`, at, name: 'bash', type: 'tool', inputSizeBytes: 1 } as const;
    return { kind, session, sidechain: false, model, call };
  }
  return {
    kind,
    key: `t${i}`,
    session,
    at,
    model,
    usage: {
      uncachedInputTokens: 1,
      cacheReadInputTokens: 0,
      cacheCreation5mInputTokens: 0,
      cacheCreation1hInputTokens: 0,
      outputTokens: output,
    },
    fast: false,
    webSearchRequests: 0,
    promptTokens: 1,
    contextTokens: 1,
    sidechain: false,
    rank: 'own',
    quality: 'measured',
    tools: [],
  };
}

function summed(within: readonly Fact[]) {
  const turns = within.filter((fact) => fact.kind === 'turn');
  return {
    turns: turns.length,
    prompts: within.filter((fact) => fact.kind === 'prompt').length,
    tool_calls: within.filter((fact) => fact.kind === 'tool').length,
    output_tokens: turns.reduce((sum, fact) => sum + fact.output, 0),
    sessions: new Set(turns.map((fact) => fact.session)).size,
  };
}

/** Ends on a quarter of an hour, a ms beside one, on a fact, and anywhere; short ranges lie within one quarter. */
const ends = [
  start + quarter,
  start + quarter + 1,
  start + quarter - 1,
  start + 3 * 60 * minute,
  ...facts.slice(0, 4).flatMap(({ at }) => [at, at + 1]),
  ...Array.from({ length: 12 }, () => start + upTo(5 * 60 * minute)),
  start + 2 * quarter + minute,
  start + 2 * quarter + 3 * minute,
].sort((a, b) => a - b);
const ranges = [
  ...ends.flatMap((fromMs, i) => [ends[i + 1], ends[i + 5], ends.at(-1)].map((toMs) => ({ fromMs, toMs }))),
  ...ends.map((toMs) => ({ fromMs: undefined, toMs })),
].filter(({ fromMs, toMs }) => toMs !== fromMs);

it('ranges that end within a quarter of an hour are the sums of exactly what lies in them', () => {
  for (const range of ranges) {
    const scope = { ...everything, ...range };
    const within = facts.filter(({ at }) => at >= (range.fromMs ?? 0) && at < (range.toMs ?? Number.MAX_SAFE_INTEGER));
    expect(totalSums(store.db, scope), JSON.stringify(range)).toMatchObject(summed(within));
    const sessions = [...new Set(within.map((fact) => fact.session))];
    const ids = new Map(
      store.db
        .prepare<[], [string, number]>('SELECT sid, id FROM session')
        .raw()
        .all()
        .map(([sid, id]) => [String(id), sid]),
    );
    const bySession = groupSums(store.db, scope, 'session', { breakdown: true });
    expect(new Set(bySession.map((group) => ids.get(String(group.key))))).toEqual(new Set(sessions));
    for (const { key, sums, breakdown } of bySession) {
      const own = within.filter((fact) => fact.session === ids.get(String(key)));
      expect(sums).toMatchObject(summed(own));
      for (const { model, sums: part } of breakdown.filter((each) => each.sums.turns > 0))
        expect(part.output_tokens).toBe(summed(own.filter((fact) => fact.model === model)).output_tokens);
    }
    const periods = Array.from({ length: 6 }, (_, i) => ({
      startMs: start + i * 60 * minute,
      endMs: start + (i + 1) * 60 * minute,
    }));
    for (const { key, sums } of groupSums(store.db, scope, 'period', { periods })) {
      const { startMs, endMs } = periods[Number(key)] ?? { startMs: 0, endMs: 0 };
      expect(sums).toMatchObject(summed(within.filter(({ at }) => at >= startMs && at < endMs)));
    }
    const quarters = within.filter((fact) => fact.kind === 'turn').map(({ at }) => Math.floor(at / quarter));
    expect(
      new Set(activeBuckets(store.db, scope).map(({ bucketStartMs }) => Math.floor(bucketStartMs / quarter))),
    ).toEqual(new Set(quarters));
  }
});
