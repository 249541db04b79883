import { sumUsage } from '../insight-turn.ts';
import { ratesFor } from '../price-row.ts';
import { defineSuggestion, monthly } from '../suggestion.ts';

export default defineSuggestion({
  of: ({ turns, habit }) => {
    if (habit === undefined || turns.length < 5) return undefined;
    const usual = habit.meanUncachedInputTokens;
    const now = sumUsage(turns).uncachedInputTokens / turns.length;
    if (now <= 1.75 * usual) return undefined;
    const excess = turns.reduce((sum, { price, promptTokens }) => {
      return price === undefined ? sum : sum + ((now - usual) * ratesFor(price, promptTokens).input) / 1000; // pico to nano
    }, 0);
    return {
      severity: 'info',
      title: 'More uncached input than usual',
      body: `A turn sends ${Math.round(now).toLocaleString('en-US')} uncached tokens on average; over the last 90 days it was ${Math.round(usual).toLocaleString('en-US')}.`,
      evidence: turns.filter((turn) => turn.usage.uncachedInputTokens > usual).map((turn) => turn.id),
      savingNanoUsdPerMonth: monthly(excess, turns),
    };
  },
});
