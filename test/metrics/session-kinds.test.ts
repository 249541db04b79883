import { describe, expect, it } from 'vitest';
import { type AnomalyFacts, anomalyFlags, isAnomalous, usualSessionCost } from '../../src/metrics/anomaly.ts';
import { conversationPhase } from '../../src/metrics/conversation-phase.ts';
import { createPriceBook } from '../../src/metrics/prices.ts';
import { shadowPrice } from '../../src/metrics/shadow-price.ts';
import { autoTag, branchTag, toolTag } from '../../src/metrics/tags.ts';
import { call, turn } from './turns.ts';
import { priceRow, rates, usage } from './usage.ts';

describe('an anomaly', () => {
  const plain: AnomalyFacts = { turns: 6, mcpCalls: 0, usage: usage(10, 90), costNanoUsd: 100, tellsCache: true };
  it('is none in an ordinary session (W-34)', () => {
    expect(isAnomalous(anomalyFlags(plain, 100))).toBe(false);
  });

  it.each([
    ['dear', { costNanoUsd: 201 }, { isExpensive: true }],
    ['full of MCP calls', { mcpCalls: 31 }, { isToolHeavy: true }],
    ['cold', { usage: usage(91, 9) }, { isCacheCold: true }],
  ])('is a session that is %s', (_, change, expected) => {
    const flags = anomalyFlags({ ...plain, ...change }, 100);
    expect(flags).toMatchObject(expected);
    expect(isAnomalous(flags)).toBe(true);
  });

  it('is not claimed without a habit, a price or a log that tells', () => {
    expect(anomalyFlags({ ...plain, costNanoUsd: 1e9 }, undefined).isExpensive).toBe(false);
    expect(anomalyFlags({ ...plain, costNanoUsd: undefined }, 1).isExpensive).toBe(false);
    expect(anomalyFlags({ ...plain, usage: usage(91, 9), tellsCache: false }, 1).isCacheCold).toBe(false);
  });

  it('compares with the median of ten sessions or more', () => {
    expect(usualSessionCost([1, 2, 3, 4, 5, 6, 7, 8, 9])).toBeUndefined();
    expect(usualSessionCost([1, 2, 3, 4, 5, 6, 7, 8, 9, 1000])).toBe(5.5);
  });
});

const callsOf = (names: readonly string[]): ReadonlyMap<string, number> => {
  const calls = new Map<string, number>();
  for (const name of names) calls.set(name, (calls.get(name) ?? 0) + 1);
  return calls;
};

describe('tags', () => {
  it.each([
    ['feat/login', 'feature'],
    ['hotfix/9', 'bugfix'],
    ['rfc/store', 'refactor'],
    ['deps/bump', 'chore'],
    ['documentation/x', 'docs'],
    ['testing/x', 'test'],
    ['optim/x', 'perf'],
    ['rel/1.0', 'release'],
    ['poc/x', 'experiment'],
    ['Feat/login', undefined],
    ['feature', undefined],
    ['main', undefined],
    ['constructor/x', undefined],
    [undefined, undefined],
  ])('of the branch %s: %s', (branch, tag) => {
    expect(branchTag(branch)).toBe(tag);
  });

  it.each([
    [['WebSearch', 'WebFetch', 'browser_click'], 'research'],
    [['Bash', 'Bash', 'Bash', 'Grep', 'Grep'], 'debugging'],
    [['Edit', 'Write', 'Edit', 'Read', 'Read', 'Read'], 'refactoring'],
    [['Edit', 'Write', 'Read'], undefined],
    [[], undefined],
  ])('of the tools %j: %s', (names, tag) => {
    expect(toolTag(callsOf(names))).toBe(tag);
  });

  it('go by the tools before the branch', () => {
    const session = { provider: 'claude-code', branch: 'fix/x' };
    expect(autoTag({ ...session, calls: callsOf(['WebSearch', 'WebFetch', 'WebFetch']) })).toBe('research');
    expect(autoTag({ ...session, calls: callsOf(['Read']) })).toBe('bugfix');
  });

  it('go by the branch alone where all is done by a shell', () => {
    const calls = new Map([['exec_command', 40]]);
    expect(autoTag({ provider: 'codex', branch: 'fix/x', calls })).toBe('bugfix');
    expect(autoTag({ provider: 'codex', branch: undefined, calls })).toBeUndefined();
  });
});

describe('the phase of a conversation', () => {
  const turns = (inputs: readonly number[]) => inputs.map((input) => turn([input]));
  it.each([
    ['too short to tell', turns([1, 1]), [], undefined],
    ['even', turns([10, 10, 10, 10, 10, 10]), [], undefined],
    ['shrinking', turns([100, 100, 100, 70, 70, 70]), [], 'wind_down'],
    ['growing', turns([100, 100, 100, 140, 140, 140]), [], 'exploration'],
  ])('%s', (_, its, calls, phase) => {
    expect(conversationPhase(its, calls)).toBe(phase);
  });

  it('goes by the calls of the last five turns first', () => {
    const its = turns([100, 100, 100, 10, 10, 10]);
    const on = { turnId: its.at(-1)?.id };
    expect(conversationPhase(its, [call('Grep', 'a', on), call('Read', 'b', on), call('Think', 'c', on)])).toBe(
      'exploration',
    );
    expect(conversationPhase(its, [call('Edit', 'a', on), call('Edit', 'b', on), call('Read', 'c', on)])).toBe('focus');
    expect(conversationPhase(its, [call('Edit', 'a', { turnId: its[0]?.id })])).toBe('wind_down');
  });

  it('is a compaction right after one', () => {
    expect(conversationPhase([...turns([1, 1]), turn([1], { afterCompaction: true })], [])).toBe('compaction');
  });
});

describe('the price on another model', () => {
  const haiku = priceRow({ modelId: 'claude-haiku-4-5', rates: rates(1, 5, 0.1, 1.25, 2) });
  const book = createPriceBook([haiku]);
  it('is of the same tokens, over the turns priced on both', () => {
    const turns = [
      turn([1_000_000, 0, 0, 0, 100_000], { costNanoUsd: 7_500_000_000 }),
      turn([5], { costNanoUsd: undefined }),
      turn([5], { model: 'claude-haiku-4-5-20251001', costNanoUsd: 1 }),
    ];
    expect(shadowPrice(turns, 'claude-haiku-4-5', book)).toEqual({
      ownNanoUsd: 7_500_000_000,
      otherNanoUsd: 1_500_000_000,
    });
  });

  it('is none for a model nobody prices, or for nothing', () => {
    expect(shadowPrice([turn([5], { costNanoUsd: 1 })], 'some-model', book)).toBeUndefined();
    expect(shadowPrice([], 'claude-haiku-4-5', book)).toBeUndefined();
  });
});
