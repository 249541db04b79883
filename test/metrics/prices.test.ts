import { describe, expect, it } from 'vitest';
import { builtInPrices } from '../../src/metrics/price-snapshot.ts';
import { createPriceBook } from '../../src/metrics/prices.ts';
import { turnCostNanoUsd } from '../../src/metrics/turn-cost.ts';
import { opusRates, priceRow, rates, usage } from './usage.ts';

const book = createPriceBook(builtInPrices);
const now = Date.parse('2026-11-01');

describe('the price book', () => {
  it.each([
    ['claude-opus-4.5', 'claude-opus-4-5'],
    ['us.anthropic.claude-opus-4-5-20251101-v1:0', 'claude-opus-4-5'],
    ['claude-haiku-4-5-20251001', 'claude-haiku-4-5'],
    ['claude-opus-4-20250514', 'claude-opus-4'],
    ['gpt-5-2025-08-07', 'gpt-5'],
    ['gpt-5-1', 'gpt-5.1'],
    ['gpt-5-mini', 'gpt-5-mini'],
    ['gpt-5.5', 'gpt-5.5'],
    ['o3-2025-04-16', 'o3'],
    ['o3-pro', 'o3-pro'],
    ['gpt-4o-2024-05-13', 'gpt-4o-2024-05-13'],
    ['gpt-4o-2024-08-06', 'gpt-4o'],
    ['gemini-2.5-flash-lite', 'gemini-2.5-flash-lite'],
    ['gemini-2.5-pro-preview-05-06', 'gemini-2.5-pro'],
    ['gemini-2.5-flash-preview-05-20', 'gemini-2.5-flash-preview'],
    ['gemini-2.5-flash-preview-09-2025', 'gemini-2.5-flash'],
    ['grok-code-fast-1', 'grok-code-fast-1'],
    ['codex-mini-latest', 'codex-mini'],
  ])('prices %s as %s', (name, id) => {
    expect(book.find(name, now, 'standard')?.modelId).toBe(id);
  });

  it.each([
    'gpt-5.7',
    'gpt-5-ultra',
    'claude-opus-4-9',
    'claude-opus-6',
    'o3-ultra',
    'o5',
    'gpt-4o-audio-preview',
    'gemini-2.5-flash-preview-tts',
    'gemini-2.5-pro-exp-03-25',
    'gemini/gemini-2.0-flash-exp',
    'coder-model',
    'sonnet',
    'llama3.2',
    'ollama2/claude-opus-4-5',
    'deepseek-chat:free',
    '<synthetic>',
    'unknown',
    '',
  ])('leaves %s unpriced instead of guessing (W-21)', (name) => {
    expect(book.find(name, now, 'standard')).toBeUndefined();
    expect(book.candidates(name)).toEqual([]);
  });

  it('takes the row of the time of the turn', () => {
    const cut = Date.parse('2025-06-10');
    expect(book.find('o3', cut - 1, 'standard')?.rates.input).toBe(10_000_000);
    expect(book.find('o3', cut, 'standard')?.rates.input).toBe(2_000_000);
    expect(book.find('claude-opus-4-6', Date.parse('2026-03-12'), 'standard')?.tier?.abovePromptTokens).toBe(200_000);
    expect(book.find('claude-opus-4-6', Date.parse('2026-03-13'), 'standard')?.tier).toBeUndefined();
  });

  it('finds nothing for a time no row covers', () => {
    const dated = createPriceBook([priceRow({ validFrom: 100, validTo: 200 })]);
    const at = [99, 100, 199, 200].map((ms) => dated.find('claude-opus-4-5', ms, 'standard') !== undefined);
    expect(at).toEqual([false, true, true, false]);
  });

  it('never prices fast mode at the standard rate (W-23)', () => {
    expect(book.find('claude-opus-4-8', now, 'fast')?.rates).toEqual(rates(10, 50, 1, 12.5, 20));
    expect(book.find('claude-sonnet-4-5', now, 'fast')).toBeUndefined();
    expect(book.find('grok-4', now, 'fast')).toBeUndefined();
  });

  it('reads a name ending in -fast as fast mode, unless a model is called so', () => {
    expect(book.find('claude-opus-4.8-fast', now, 'standard')?.speed).toBe('fast');
    expect(book.find('composer-2.5[fast=true]', now, 'standard')?.speed).toBe('fast');
    expect(book.find('claude-sonnet-4-5-fast', now, 'standard')).toBeUndefined();
    expect(book.find('grok-4-fast', now, 'standard')?.rates.input).toBe(200_000);
  });

  it('charges nothing for a model on the own machine, and does not know those of a cloud', () => {
    expect(book.find('ollama/deepseek-chat', now, 'standard')?.rates.input).toBe(0);
    expect(book.find('ollama/gpt-oss:120b-cloud', now, 'standard')).toBeUndefined();
  });

  it('lists each row once, by model, speed and time', () => {
    const listed = book.list();
    expect(listed).toHaveLength(builtInPrices.length);
    expect(listed.map((row) => row.modelId)).toEqual(builtInPrices.map((row) => row.modelId));
  });

  it('skips rows that were closed before they began', () => {
    const empty = createPriceBook([priceRow({ id: 1, validFrom: 5, validTo: 5 }), priceRow({ id: 2, validFrom: 5 })]);
    expect(empty.find('claude-opus-4-5', 5, 'standard')?.id).toBe(2);
    expect(empty.candidates('claude-opus-4-5')).toHaveLength(1);
  });
});

describe('overrides', () => {
  const row = priceRow({ id: 7, tier: { abovePromptTokens: 10, rates: rates(10, 37.5, 1, 12.5, 20) } });

  it('change the fields they set and leave the others, above the tier too', () => {
    const mine = createPriceBook([row], { 'claude-opus-4-5': { input: 1, cache_write_1h: 3 } });
    const found = mine.find('claude-opus-4-5-20251101', now, 'standard');
    expect(found?.rates).toEqual(rates(1, 25, 0.5, 6.25, 3));
    expect(found?.tier?.rates).toEqual(rates(1, 37.5, 1, 12.5, 3));
    expect(found?.source).toBe('pricing.overrides."claude-opus-4-5"');
    expect(found?.id).toBeUndefined();
    expect(mine.list().map(({ rates }) => rates.input)).toEqual([1_000_000]);
  });

  it('take the longest prefix, whatever its spelling', () => {
    const mine = createPriceBook(builtInPrices, {
      claude: { input: 1 },
      'Anthropic/Claude-Opus-4.5': { input: 2 },
      'claude-opus': { input: 3 },
    });
    const input = (model: string): number | undefined => mine.find(model, now, 'standard')?.rates.input;
    expect([input('claude-opus-4-5'), input('claude-opus-4-7'), input('claude-haiku-4-5')]).toEqual([2e6, 3e6, 1e6]);
  });

  it('cover variants and dates of a model, never its next version', () => {
    const mine = createPriceBook(builtInPrices, {
      'gpt-5': { input: 0 },
      'claude-opus-4': { input: 0 },
      o3: { input: 0 },
    });
    const free = ['gpt-5', 'gpt-5-mini', 'gpt-5-2025-08-07', 'claude-opus-4-20250514'];
    const paid = ['gpt-5.5', 'claude-opus-4-7', 'claude-opus-4.5', 'o4-mini'];
    const input = (model: string): number | undefined => mine.find(model, now, 'standard')?.rates.input;
    expect(free.map(input)).toEqual([0, 0, 0, 0]);
    expect(paid.map((model) => Number(input(model)) > 0)).toEqual([true, true, true, true]);
  });

  it('price an unknown model when input and output are set, all input kinds as input', () => {
    const mine = createPriceBook([], { 'qwen3-coder': { input: 1, output: 5 }, 'qwen3-max': { input: 1 } });
    expect(mine.find('qwen3-coder-plus', now, 'standard')?.rates).toEqual(rates(1, 5, 1, 1, 1));
    expect(mine.find('qwen3-coder-plus', now, 'fast')).toBeUndefined();
    expect(mine.find('qwen3-max', now, 'standard')).toBeUndefined();
    expect(mine.list().map(({ modelId, vendor }) => [modelId, vendor])).toEqual([['qwen3-coder', 'override']]);
  });

  it('of zero make a model free', () => {
    const mine = createPriceBook(builtInPrices, {
      'llama3.2': { input: 0, output: 0 },
      'kimi-k2.5': { input: 0, output: 0, cache_read: 0, cache_write: 0, cache_write_1h: 0 },
    });
    for (const model of ['llama3.2', 'llama3.2:3b', 'kimi-k2.5']) {
      const found = mine.find(model, now, 'standard');
      expect(found && turnCostNanoUsd(found, usage(1000, 1000, 1000, 1000, 1000), 4000, 0)).toBe(0);
    }
  });

  it('of a model leave its fast mode alone; -fast names that one', () => {
    const fast = priceRow({ speed: 'fast', rates: rates(30, 150, 3, 37.5, 60) });
    const standardOnly = createPriceBook([row, fast], { 'claude-opus-4-5': { input: 1 } });
    expect(standardOnly.find('claude-opus-4-5', now, 'fast')?.rates.input).toBe(30e6);
    const fastToo = createPriceBook([row, fast], { 'claude-opus-4-5-fast': { input: 9 } });
    expect(fastToo.find('claude-opus-4-5-fast', now, 'standard')?.rates.input).toBe(9e6);
    expect(fastToo.find('claude-opus-4-5', now, 'standard')?.rates).toEqual(opusRates);
  });
});
