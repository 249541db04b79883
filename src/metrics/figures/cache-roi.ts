import { defineFigure } from '../figure.ts';
import { ratesFor } from '../price-row.ts';

/** What reading saved over what writing cost: Σ R·(input − read) / Σ W·write. */
export default defineFigure({
  title: 'Return on cache',
  unit: 'times',
  of: ({ turns }) => {
    let saved = 0;
    let paid = 0;
    for (const { price, usage, promptTokens } of turns) {
      if (price === undefined) continue;
      const rates = ratesFor(price, promptTokens);
      saved += usage.cacheReadInputTokens * (rates.input - rates.cacheRead);
      paid += usage.cacheCreation5mInputTokens * rates.cacheWrite5m;
      paid += usage.cacheCreation1hInputTokens * rates.cacheWrite1h;
    }
    return paid > 0 ? saved / paid : undefined;
  },
});
