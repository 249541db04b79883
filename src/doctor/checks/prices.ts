import { readPriceBook } from '../../ingest/pricing.ts';
import { countOf } from '../../report/format.ts';
import { modelsWithoutPrice } from '../../store/queries/models-without-price.ts';
import { defineCheck } from '../check.ts';

const dayMs = 24 * 60 * 60 * 1000;
/** Prices older than this have most likely changed. */
const oldAfterDays = 180;

/** How old the price table is, and which models in use it does not know. */
export default defineCheck({
  title: 'Prices',
  place: 8,
  look({ store, loaded, now }) {
    const book = readPriceBook(store.db, loaded.config.pricing.overrides);
    const dates = book.list().map((row) => row.sourceDate);
    const newest = dates.reduce((a, b) => (b > a ? b : a), '');
    const age = Math.max(0, Math.floor((now - Date.parse(newest)) / dayMs));
    const unpriced = store.db === undefined ? [] : modelsWithoutPrice(store.db);
    const unknown = unpriced.filter((model) => [...book.candidates(model.replace(/-fast$/, ''))].length === 0);
    return [
      {
        name: 'table',
        label: 'Table',
        value: { date: newest, age_days: age, rows: dates.length },
        text: `${countOf(dates.length, 'row')}, as of ${newest}`,
        ...(age > oldAfterDays
          ? { advice: `The newest price is ${countOf(age, 'day')} old. A newer scopeon knows newer ones.` }
          : {}),
      },
      {
        name: 'unknown_models',
        label: 'Unknown models',
        value: unknown,
        text: unknown.length === 0 ? 'none' : unknown.join(', '),
        ...(unknown.length === 0
          ? {}
          : {
              advice:
                'Their usage is counted but has no cost. Set a price: [pricing.overrides."<model>"] input = 1.0, output = 5.0 (USD per million tokens).',
            }),
      },
    ];
  },
});
