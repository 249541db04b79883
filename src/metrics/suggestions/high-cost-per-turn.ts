import { defineSuggestion, monthly } from '../suggestion.ts';

export default defineSuggestion({
  of: ({ turns, habit }) => {
    const priced = turns.filter((turn) => turn.costNanoUsd !== undefined);
    const usual = habit?.meanCostNanoUsd;
    if (usual === undefined || priced.length < 3) return undefined;
    const cost = priced.reduce((sum, turn) => sum + (turn.costNanoUsd ?? 0), 0);
    const now = cost / priced.length;
    if (now <= 2 * usual || now <= 1e7) return undefined; // 0.01 USD
    return {
      severity: 'warning',
      title: 'Turns cost more than usual',
      body: `A turn costs $${(now / 1e9).toFixed(3)} on average; over the last 90 days it was $${(usual / 1e9).toFixed(3)}. A smaller context or a cheaper model brings it down.`,
      evidence: priced.filter((turn) => (turn.costNanoUsd ?? 0) > usual).map((turn) => turn.id),
      savingNanoUsdPerMonth: monthly(cost - usual * priced.length, priced),
    };
  },
});
