import { readFileSync, statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { generate } from '../../scripts/prices.ts';
import type { PriceRow } from '../../src/metrics/price-row.ts';
import { builtInPrices, pricesAsOf } from '../../src/metrics/price-snapshot.ts';
import { createPriceBook } from '../../src/metrics/prices.ts';
import { rates } from './usage.ts';

const file = new URL('../../src/metrics/prices.snapshot.json', import.meta.url);
const now = Date.parse('2026-11-01');
const book = createPriceBook(builtInPrices);

describe('the price snapshot', () => {
  it('is what the script makes of the installed catalogue and the hand table', async () => {
    const { snapshot, conflicts } = await generate();
    expect(snapshot).toBe(readFileSync(file, 'utf8'));
    expect(conflicts).toBe(readFileSync(new URL('../../scripts/prices.conflicts.txt', import.meta.url), 'utf8'));
  });

  it('is small', () => {
    expect(statSync(file).size).toBeLessThan(150_000);
  });

  it('holds whole numbers, a source and a date in every row', () => {
    for (const row of builtInPrices) {
      const numbers = [...Object.values(row.rates), ...Object.values(row.tier?.rates ?? {}), row.webSearchNanoUsd ?? 0];
      expect(
        numbers.every((value) => Number.isSafeInteger(value) && value >= 0),
        row.modelId,
      ).toBe(true);
      expect(row.rates.input > 0 && row.rates.output > 0, row.modelId).toBe(true);
      expect(row.source).toMatch(/^(genai-prices: )?https:\/\//);
      expect(row.sourceDate).toMatch(/^20\d\d-\d\d-\d\d$/);
      expect([row.validFrom ?? 0, row.validTo ?? 0].every(Number.isSafeInteger)).toBe(true);
    }
    expect(pricesAsOf).toMatch(/^20\d\d-\d\d-\d\d$/);
  });

  it('is sorted and never has two prices for one moment', () => {
    const rank = (row: PriceRow): string => `${row.modelId}\n${row.speed === 'fast' ? 1 : 0}`;
    for (const [i, row] of builtInPrices.entries()) {
      const next = builtInPrices[i + 1];
      if (next === undefined) continue;
      expect(rank(row) <= rank(next), `${row.modelId} before ${next.modelId}`).toBe(true);
      if (rank(row) === rank(next)) expect(row.validTo).toBe(next.validFrom);
    }
  });

  it('has ids as the normaliser writes them, each leading to its own rows', () => {
    for (const row of builtInPrices) expect(book.candidates(row.modelId)).toContain(row);
  });

  it('never makes a cached token dearer than an input token, nor a longer write cheaper', () => {
    for (const row of builtInPrices) {
      expect(row.rates.cacheRead, row.modelId).toBeLessThanOrEqual(row.rates.input);
      expect(row.rates.cacheWrite1h, row.modelId).toBeGreaterThanOrEqual(row.rates.cacheWrite5m);
    }
  });

  // Reference set: the vendors' own price pages, USD per million tokens: input, output, read, 5m write, 1h write (W-19).
  it.each([
    ['claude-opus-4-5', rates(5, 25, 0.5, 6.25, 10)],
    ['claude-opus-4-7', rates(5, 25, 0.5, 6.25, 10)],
    ['claude-opus-4-1', rates(15, 75, 1.5, 18.75, 30)],
    ['claude-sonnet-4-20250514', rates(3, 15, 0.3, 3.75, 6)],
    ['claude-haiku-4-5', rates(1, 5, 0.1, 1.25, 2)],
    ['claude-3-7-sonnet-20250219', rates(3, 15, 0.3, 3.75, 6)],
    ['claude-3-5-haiku-20241022', rates(0.8, 4, 0.08, 1, 1.6)],
    ['gpt-5', rates(1.25, 10, 0.125, 1.25, 1.25)],
    ['gpt-5.3-codex', rates(1.75, 14, 0.175, 1.75, 1.75)],
    ['gpt-5.5', rates(5, 30, 0.5, 5, 5)],
    ['gpt-5.6-terra', rates(2, 12, 0.2, 2.5, 2.5)],
    ['o3', rates(2, 8, 0.5, 2, 2)],
    ['o3-mini', rates(1.1, 4.4, 0.55, 1.1, 1.1)],
    ['codex-mini-latest', rates(1.5, 6, 0.375, 1.5, 1.5)],
    ['gpt-4-turbo', rates(10, 30, 10, 10, 10)],
    ['gemini-2.5-pro', rates(1.25, 10, 0.125, 1.25, 1.25)],
    ['gemini-2.5-flash', rates(0.3, 2.5, 0.03, 0.3, 0.3)],
    ['gemini-3-pro', rates(2, 12, 0.2, 2, 2)],
    ['kimi-k2.5', rates(0.6, 3, 0.1, 0.6, 0.6)],
    ['deepseek-v4-pro', rates(0.66, 1.98, 0.022, 0.66, 0.66)],
    ['glm-4.6', rates(0.6, 2.2, 0.11, 0.6, 0.6)],
  ])('prices %s as its vendor does', (model, expected) => {
    expect(book.find(model, now, 'standard')?.rates).toEqual(expected);
  });

  it('follows a name through what it served', () => {
    const days = ['2025-03-01', '2025-09-10', '2025-12-01', '2026-06-01'].map(Date.parse);
    const inputs = (model: string) => days.map((day) => book.find(model, day, 'standard')?.rates.input);
    expect(inputs('deepseek-chat')).toEqual([270_000, 560_000, 280_000, 140_000]);
    expect(inputs('deepseek-reasoner')).toEqual([550_000, 560_000, 280_000, undefined]);
  });

  it('has the tiers of long prompts', () => {
    expect(book.find('gemini-2.5-pro', now, 'standard')?.tier).toEqual({
      abovePromptTokens: 200_000,
      rates: rates(2.5, 15, 0.25, 2.5, 2.5),
    });
    expect(book.find('claude-sonnet-4-5', now, 'standard')?.tier).toEqual({
      abovePromptTokens: 200_000,
      rates: rates(6, 22.5, 0.6, 7.5, 12),
    });
    expect(book.find('claude-haiku-5-5', now, 'standard')?.tier?.rates).toEqual(rates(0.5, 2.5, 0.05, 0.625, 1));
  });

  it('has fast mode at its own price, and web searches at 10 USD per thousand', () => {
    const promotion = Date.parse('2026-02-10');
    expect(book.find('claude-opus-4-6', promotion, 'fast')?.rates.input).toBe(15_000_000);
    expect(book.find('claude-opus-4-6', now, 'fast')?.rates).toEqual(rates(30, 150, 3, 37.5, 60));
    expect(book.find('claude-opus-4-5', now, 'standard')?.webSearchNanoUsd).toBe(10_000_000);
  });
});
