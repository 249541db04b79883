import { cacheCoverageRatio } from '../cache.ts';
import { promptTokensOf, sumUsage } from '../insight-turn.ts';
import { ratesFor } from '../price-row.ts';
import { defineSuggestion, monthly } from '../suggestion.ts';

export default defineSuggestion({
  of: ({ turns, habit, tells }) => {
    const usual = habit?.cacheCoverageRatio;
    const now = cacheCoverageRatio(sumUsage(turns));
    if (!tells.cache || usual === undefined || now === undefined || usual <= 0.1 || now >= 0.7 * usual)
      return undefined;
    const excess = turns.reduce((sum, { usage, price, promptTokens }) => {
      if (price === undefined) return sum;
      const rates = ratesFor(price, promptTokens);
      return sum + ((usual - now) * promptTokensOf(usage) * (rates.input - rates.cacheRead)) / 1000; // pico to nano
    }, 0);
    return {
      severity: 'warning',
      title: 'Less comes from the cache than usual',
      body: `${Math.round(now * 100)} % of this session's prompts came from the cache; over the last 90 days it was ${Math.round(usual * 100)} %.`,
      evidence: turns.map((turn) => turn.id),
      savingNanoUsdPerMonth: monthly(excess, turns),
    };
  },
});
