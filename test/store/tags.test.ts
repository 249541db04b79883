import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LogEvent, TurnEvent } from '../../src/events.ts';
import { autoTag, tagRules } from '../../src/metrics/tags.ts';
import { writeMeta } from '../../src/store/meta.ts';
import { groupSums } from '../../src/store/queries/report.ts';
import { everything } from '../../src/store/queries/scope.ts';
import { sessionFacts } from '../../src/store/queries/sessions.ts';
import { tagSpend } from '../../src/store/queries/tag-spend.ts';
import { setTags, tagAll } from '../../src/store/tags.ts';
import { randomFrom, shuffled } from '../helpers/random.ts';
import { createWrittenStore, type WrittenStore } from '../helpers/written-store.ts';

let store: WrittenStore;
beforeEach(async () => {
  store = await createWrittenStore('claude-code');
});
afterEach(() => store.remove());

const start = Date.parse('2026-05-04T10:00:00Z');
const session = (sid: string, more: { branch?: string; parent?: string } = {}): LogEvent => ({
  kind: 'session',
  session: sid,
  cwd: '/srv/shop',
  rank: 'own',
  at: start,
  ...more,
});
const turn = (key: string, sid: string, ...tools: readonly string[]): TurnEvent => ({
  kind: 'turn',
  key,
  session: sid,
  at: start + 60_000,
  model: 'claude-opus-4-8',
  usage: {
    uncachedInputTokens: 10,
    cacheReadInputTokens: 0,
    cacheCreation5mInputTokens: 0,
    cacheCreation1hInputTokens: 0,
    outputTokens: 1,
  },
  fast: false,
  webSearchRequests: 0,
  promptTokens: 10,
  contextTokens: 11,
  sidechain: false,
  rank: 'own',
  quality: 'measured',
  costNanoUsd: 1_000,
  tools: tools.map((name, index) => ({
    key: `${key}-${index}`,
    at: start + 60_000,
    name,
    type: 'tool' as const,
    inputSizeBytes: 1,
  })),
});
const rowId = (sid: string): number =>
  store.db.prepare<[string], number>('SELECT id FROM session WHERE sid = ?').pluck().get(sid) ?? 0;
const tagsOf = (sid: string): readonly string[] => sessionFacts(store.db, [rowId(sid)]).get(rowId(sid))?.tags ?? [];

describe('the tag rules give a session', () => {
  it('follows its branch', () => {
    store.write('a', [session('s1', { branch: 'feat/login' }), turn('t1', 's1')]);
    expect(tagsOf('s1')).toEqual(['feature']);
    store.write('a', [session('s1', { branch: 'fix/login' })]);
    expect(tagsOf('s1')).toEqual(['bugfix']);
    store.write('a', [session('s1', { branch: 'main' })]);
    expect(tagsOf('s1')).toEqual([]);
  });

  it('is found from all of it, not from what was read last', () => {
    store.write('a', [session('s1', { branch: 'feat/x' }), turn('t1', 's1', 'Bash', 'Grep', 'Grep')]);
    expect(tagsOf('s1')).toEqual(['feature']);
    store.write('a', [turn('t2', 's1', 'Bash', 'Bash')]);
    expect(tagsOf('s1')).toEqual(['debugging']);
    store.write('a', [turn('t3', 's1', 'WebSearch', 'WebFetch', 'WebFetch')]);
    expect(tagsOf('s1')).toEqual(['research']);
  });

  it('knows the work of its subagents, which have no tags of their own', () => {
    const parts = [
      session('s1', { branch: 'feat/x' }),
      turn('t1', 's1', 'WebSearch'),
      session('s1-agent-a', { parent: 's1', branch: 'fix/x' }),
      turn('t2', 's1-agent-a', 'WebFetch', 'WebFetch'),
    ];
    store.write(
      'a',
      parts.slice(2, 4).map((event) => (event.kind === 'session' ? session('s1-agent-a', { branch: 'fix/x' }) : event)),
    );
    expect(tagsOf('s1-agent-a')).toEqual(['bugfix']);
    store.write('b', parts);
    expect(tagsOf('s1')).toEqual(['research']);
    expect(tagsOf('s1-agent-a')).toEqual([]);
  });

  it('counts calls of which no turn is known', () => {
    const calls = ['WebSearch', 'WebFetch', 'WebFetch'].map(
      (name, index): LogEvent => ({
        kind: 'tool',
        session: 's1',
        sidechain: false,
        call: { key: `c${index}`, at: start, name, type: 'tool', inputSizeBytes: 1 },
      }),
    );
    store.write('a', [session('s1'), ...calls.slice(0, 2)]);
    expect(tagsOf('s1')).toEqual([]);
    store.write('a', calls.slice(2));
    expect(tagsOf('s1')).toEqual(['research']);
  });

  it('is the same in whatever order, in one reading or many, or all at once at the end', () => {
    const events = [
      session('s1', { branch: 'docs/x' }),
      turn('t1', 's1', 'Edit', 'Write', 'Edit'),
      session('s1-agent-a', { parent: 's1' }),
      turn('t2', 's1-agent-a', 'Read', 'Read', 'Read'),
    ];
    const random = randomFrom(7);
    for (let round = 0; round < 20; round++) {
      store.db.exec('DELETE FROM tag');
      for (const event of shuffled(events, random)) store.write(`f${round}`, [event]);
      store.write('again', events); // a first reading may have been of these very files
      tagAll(store.db, autoTag, `round ${round}`);
      expect(tagsOf('s1')).toEqual(['refactoring']);
      expect(tagsOf('s1-agent-a')).toEqual([]);
    }
  });

  it('is given once to a store that has none yet', () => {
    store.write('a', [session('s1', { branch: 'feat/x' })]);
    writeMeta(store.db, 'tag_rules', undefined);
    store.db.exec('DELETE FROM tag');
    tagAll(store.db, autoTag, tagRules);
    expect(tagsOf('s1')).toEqual(['feature']);
    store.db.exec('DELETE FROM tag');
    tagAll(store.db, autoTag, tagRules);
    expect(tagsOf('s1')).toEqual([]);
  });
});

describe('tags somebody set', () => {
  it('stay, whatever the rules find, and none is a choice too', () => {
    store.write('a', [session('s1', { branch: 'feat/x' }), turn('t1', 's1')]);
    setTags(store.db, rowId('s1'), ['billing', 'q3']);
    store.write('a', [session('s1', { branch: 'fix/x' }), turn('t2', 's1', 'Bash', 'Bash', 'Bash', 'Bash', 'Bash')]);
    expect(tagsOf('s1')).toEqual(['billing', 'q3']);
    setTags(store.db, rowId('s1'), []);
    store.write('a', [turn('t3', 's1', 'Bash')]);
    tagAll(store.db, autoTag, 'another edition');
    expect(tagsOf('s1')).toEqual([]);
    expect(groupSums(store.db, everything, 'tag').map(({ key }) => key)).toEqual([null]);
  });

  it('may be called what a rule would call them', () => {
    store.write('a', [session('s1', { branch: 'feat/x' })]);
    setTags(store.db, rowId('s1'), ['feature']);
    store.write('a', [session('s1', { branch: 'main' })]);
    expect(tagsOf('s1')).toEqual(['feature']);
  });
});

it('the cost of a tag is what the sessions with it cost, subagents and all', () => {
  store.write('a', [
    session('s1', { branch: 'feat/x' }),
    turn('t1', 's1'),
    session('s1-agent-a', { parent: 's1' }),
    turn('t2', 's1-agent-a'),
    session('s2', { branch: 'main' }),
    turn('t3', 's2'),
  ]);
  const byTag = groupSums(store.db, everything, 'tag').map(({ key, sums }) => [key, sums.sessions, sums.auto_nano]);
  expect(byTag).toHaveLength(2);
  expect(byTag).toContainEqual(['feature', 1, 2_000]);
  expect(byTag).toContainEqual([null, 1, 1_000]);
  expect(tagSpend(store.db)).toEqual([{ tag: 'feature', sessions: 1, nano: 2_000 }]);
  const [only] = groupSums(store.db, { ...everything, tags: ['Feature'] }, 'all');
  expect(only?.sums.turns).toBe(2);
});
