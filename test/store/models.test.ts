import { afterEach, beforeEach, expect, it } from 'vitest';
import type { TurnEvent } from '../../src/events.ts';
import { modelsWithoutPrice } from '../../src/store/queries/models-without-price.ts';
import { groupSums } from '../../src/store/queries/report.ts';
import { everything } from '../../src/store/queries/scope.ts';
import { createWrittenStore, type WrittenStore } from '../helpers/written-store.ts';

let store: WrittenStore; // it knows no price
beforeEach(async () => {
  store = await createWrittenStore('codex');
});
afterEach(() => store.remove());

function turn(key: string, model: string, more: Partial<TurnEvent> = {}): TurnEvent {
  return {
    kind: 'turn',
    key,
    session: 's1',
    at: Date.parse('2026-04-10T10:00:00Z'),
    model,
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
    tools: [],
    ...more,
  };
}

it('a name of which nothing can be shown is the unknown one', () => {
  store.write('a', [turn('1', 'unknown'), turn('2', '\u0001'), turn('3', ''), turn('4', 'gpt-x')]);
  expect(groupSums(store.db, everything, 'model').map(({ key, sums }) => [key, sums.turns])).toEqual(
    expect.arrayContaining([
      ['unknown', 3],
      ['gpt-x', 1],
    ]),
  );
  expect(groupSums(store.db, everything, 'model')).toHaveLength(2);
});

it('a model of which some turns tell too little for a cost is not one without a price', () => {
  store.write('a', [
    turn('1', 'gpt-told-in-part', { quality: 'partial' }),
    turn('2', 'gpt-unheard-of'),
    turn('3', 'gpt-quick', { fast: true }),
    turn('4', 'gpt-quick', { quality: 'partial' }),
  ]);
  expect(modelsWithoutPrice(store.db)).toEqual(['gpt-quick-fast', 'gpt-unheard-of']);
});
