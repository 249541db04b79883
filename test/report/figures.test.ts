import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addSums, emptySums, figuresOf, type Sums } from '../../src/report/figures.ts';
import { figuresSchema } from '../../src/report/schema.ts';
import { sums, unpriced } from './samples.ts';

describe('figuresOf', () => {
  it('gives every figure, in the published order', () => {
    const figures = figuresOf(sums({ cacheCreation5mInputTokens: 300, toolCalls: 7, mcpCalls: 2 }), 'auto');
    expect(Object.entries(figures)).toEqual([
      ['sessions', 1],
      ['turns', 10],
      ['prompts', 3],
      ['input_tokens', 1000],
      ['cache_read_tokens', 9000],
      ['cache_write_tokens', 800],
      ['cache_write_5m_tokens', 300],
      ['cache_write_1h_tokens', 500],
      ['output_tokens', 200],
      ['reasoning_tokens', null],
      ['total_tokens', 11_000],
      ['cost_usd', 1.5],
      ['cost_source', 'calculated'],
      ['unpriced_turns', 0],
      ['cache_hit_rate', 0.9],
      ['cache_savings_usd', -0.25],
      ['tool_calls', 7],
      ['mcp_calls', 2],
    ]);
  });

  const both = sums({ loggedNanoUsd: 2e9, loggedTurns: 4, calculatedTurns: 8, autoNanoUsd: 2.9e9, autoTurns: 9 });
  it.each([
    ['auto', 2.9, 'mixed', 1],
    ['calculate', 1.5, 'calculated', 2],
    ['display', 2, 'logged', 6],
  ] as const)('in mode %s costs %d (%s), leaving out %i turns', (mode, dollars, source, left) => {
    const figures = figuresOf(both, mode);
    expect([figures.cost_usd, figures.cost_source, figures.unpriced_turns]).toEqual([dollars, source, left]);
  });

  it('names the source logged when every cost counted is the log’s', () => {
    const logged = sums({ ...unpriced, loggedNanoUsd: 1, loggedTurns: 10, autoNanoUsd: 1, autoTurns: 10 });
    expect(figuresOf(logged, 'auto')).toMatchObject({ cost_usd: 1e-9, cost_source: 'logged', cache_savings_usd: null });
  });

  it('has no cost when no turn has, and costs nothing without turns', () => {
    expect(figuresOf(sums(unpriced), 'auto')).toMatchObject({
      cost_usd: null,
      cost_source: 'none',
      unpriced_turns: 10,
      cache_savings_usd: null,
    });
    expect(figuresOf(emptySums, 'auto')).toMatchObject({
      cost_usd: 0,
      cost_source: 'none',
      unpriced_turns: 0,
      cache_hit_rate: null,
      cache_savings_usd: 0,
    });
  });

  it('leaves out money on request', () => {
    expect(figuresOf(sums(), 'auto', true)).toMatchObject({
      cost_usd: null,
      cost_source: 'none',
      cache_savings_usd: null,
    });
  });

  it('tells reasoning as far as it is known', () => {
    expect(figuresOf(sums({ reasoningTurns: 1, reasoningOutputTokens: 0 }), 'auto').reasoning_tokens).toBe(0);
  });

  it('turns whole nano-dollars into dollars without drift', () => {
    const tenth = sums({ calculatedNanoUsd: 100_000_000, autoNanoUsd: 100_000_000 });
    const three = [tenth, tenth, tenth].reduce(addSums);
    expect(figuresOf(three, 'auto').cost_usd).toBe(0.3); // not 0.30000000000000004
  });

  it('keeps to the schema for any sums: never NaN, never out of range', () => {
    const count = fc.nat(1e12);
    const anySums = fc.record(
      Object.fromEntries(Object.keys(emptySums).map((key) => [key, count])),
    ) as unknown as fc.Arbitrary<Sums>;
    fc.assert(
      fc.property(anySums, fc.constantFrom('auto', 'calculate', 'display'), fc.boolean(), (any, mode, noCost) => {
        const known = { ...any, loggedTurns: Math.min(any.loggedTurns, any.turns) };
        const within = {
          ...known,
          calculatedTurns: Math.min(any.calculatedTurns, any.turns),
          autoTurns: Math.min(any.autoTurns, any.turns),
        };
        figuresSchema.parse(figuresOf(within, mode, noCost));
      }),
    );
  });
});

it('adds sums field by field', () => {
  expect(addSums(sums(), emptySums)).toEqual(sums());
  expect(addSums(sums(), sums({ turns: 5 })).turns).toBe(15);
});
