import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type LedgerChange, type LedgerRow, mergeLedger } from '../../src/metrics/price-ledger.ts';
import type { PriceRow } from '../../src/metrics/price-row.ts';
import { builtInPrices } from '../../src/metrics/price-snapshot.ts';
import { createPriceBook } from '../../src/metrics/prices.ts';
import { opusRates, priceRow } from './usage.ts';

const today = 1000;
const at = (input: number, from?: number, to?: number): PriceRow =>
  priceRow({ rates: { ...opusRates, input }, validFrom: from, validTo: to });
const number = (rows: readonly PriceRow[], first = 1): readonly LedgerRow[] =>
  rows.map((row, i) => ({ ...row, id: first + i }));

function apply(ledger: readonly LedgerRow[], change: LedgerChange): readonly LedgerRow[] {
  const closed = new Map(change.close.map(({ id, validTo }) => [id, validTo]));
  return [
    ...ledger.map((row) => ({ ...row, validTo: closed.get(row.id) ?? row.validTo })),
    ...number(change.open, ledger.length + 1),
  ];
}

const priceAt = (rows: readonly PriceRow[], ms: number): number | undefined =>
  createPriceBook(rows).find('claude-opus-4-5', ms, 'standard')?.rates.input;

describe('the price ledger', () => {
  it('takes a model it does not know with its whole history', () => {
    const list = [at(1, undefined, 500), at(2, 500)];
    expect(mergeLedger([], list, today)).toEqual({ close: [], open: list });
  });

  it('changes nothing for the same list, on any day, from any source', () => {
    const list = [at(1, undefined, 500), at(2, 500)];
    const again = list.map((row) => ({ ...row, source: 'another page', sourceDate: '2027-01-01' }));
    expect(mergeLedger(number(list), again, today + 5)).toEqual({ close: [], open: [] });
  });

  it('lets an undated new price begin today, so that closed months do not move', () => {
    expect(mergeLedger(number([at(1)]), [at(2)], today)).toEqual({
      close: [{ id: 1, validTo: today }],
      open: [at(2, today)],
    });
  });

  it('lets a dated new price begin on its date, past or coming', () => {
    for (const from of [today - 300, today + 300]) {
      const change = mergeLedger(number([at(1)]), [at(1, undefined, from), at(2, from)], today);
      expect(change).toEqual({ close: [{ id: 1, validTo: from }], open: [at(2, from)] });
    }
  });

  it('replaces an announced price that was changed before it came', () => {
    const ledger = number([at(1, undefined, 2000), at(5, 2000)]);
    const after = apply(ledger, mergeLedger(ledger, [at(1, undefined, 2000), at(4, 2000)], today));
    expect([1999, 2000].map((ms) => priceAt(after, ms))).toEqual([1, 4]);
  });

  it('keeps the prices of a model that left the list', () => {
    expect(mergeLedger(number([at(1)]), [], today)).toEqual({ close: [], open: [] });
  });

  it('keeps the speeds apart', () => {
    const fast = { ...at(6), speed: 'fast' as const };
    expect(mergeLedger(number([at(1)]), [at(1), fast], today)).toEqual({ close: [], open: [fast] });
  });

  it('holds the built-in list without a second change', () => {
    const { open } = mergeLedger([], builtInPrices, Date.parse('2026-11-01'));
    expect(mergeLedger(number(open), builtInPrices, Date.parse('2027-05-01'))).toEqual({ close: [], open: [] });
  });

  it('after any series of lists has no overlap, follows the newest list from today, and settles', () => {
    const price = fc.integer({ min: 1, max: 3 });
    const list = fc
      .tuple(
        price,
        fc.uniqueArray(fc.integer({ min: 0, max: 40 }), { maxLength: 3 }),
        fc.array(price, { minLength: 3, maxLength: 3 }),
      )
      .map(([first, cuts, prices]) => {
        const days = [...cuts].sort((a, b) => a - b);
        return [first, ...days].map((_, i) => at(i === 0 ? first : (prices[i - 1] ?? 1), days[i - 1], days[i]));
      });
    fc.assert(
      fc.property(fc.array(list, { minLength: 1, maxLength: 5 }), (lists) => {
        let ledger: readonly LedgerRow[] = [];
        for (const [i, wanted] of lists.entries()) {
          const day = i * 10;
          const before = ledger;
          ledger = apply(ledger, mergeLedger(ledger, wanted, day));
          for (let ms = 0; ms <= 50; ms += 1) {
            const live = ledger.filter(
              (row) =>
                (row.validFrom ?? -1) <= ms && ms < (row.validTo ?? 99) && (row.validFrom ?? -1) < (row.validTo ?? 99),
            );
            expect(live).toHaveLength(1);
            if (ms >= day) expect(priceAt(ledger, ms)).toBe(priceAt(wanted, ms));
          }
          const undatedUntil = wanted[0]?.validTo ?? 99;
          for (let ms = 0; ms < Math.min(day, undatedUntil); ms += 1)
            if (before.length > 0) expect(priceAt(ledger, ms)).toBe(priceAt(before, ms));
          expect(mergeLedger(ledger, wanted, day + 3)).toEqual({ close: [], open: [] });
        }
      }),
      { numRuns: 40 },
    );
  });
});
