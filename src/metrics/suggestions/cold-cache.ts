import { cacheCoverageRatio } from '../cache.ts';
import { promptTokensOf, sumUsage } from '../insight-turn.ts';
import { ratesFor } from '../price-row.ts';
import { defineSuggestion, monthly } from '../suggestion.ts';

export default defineSuggestion({
  of: ({ signals, turns, habit }) => {
    const cold = signals.find((signal) => signal.kind === 'cold_cache_session');
    if (cold === undefined) return undefined;
    const evidence = turns.filter((turn) => cold.evidence.includes(turn.id));
    const missing = (habit?.cacheCoverageRatio ?? 0) - (cacheCoverageRatio(sumUsage(evidence)) ?? 0);
    // Otherwise: what usually comes from the cache would have been read, not sent.
    const excess = evidence.reduce((sum, { usage, price, promptTokens }) => {
      if (price === undefined || missing <= 0) return sum;
      const rates = ratesFor(price, promptTokens);
      return sum + (missing * promptTokensOf(usage) * (rates.input - rates.cacheRead)) / 1000; // pico to nano
    }, 0);
    return {
      severity: 'warning',
      title: 'The cache is cold',
      body: `Hardly anything of the prompts came from the cache over ${evidence.length} turns. Changing instructions, tools or the model in the middle of a session, or long pauses, make everything be sent and paid for again.`,
      evidence: cold.evidence,
      savingNanoUsdPerMonth: monthly(excess, evidence),
    };
  },
});
