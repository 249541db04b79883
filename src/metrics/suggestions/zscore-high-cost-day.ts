import { defineSuggestion } from '../suggestion.ts';

export default defineSuggestion({
  of: ({ today }) => {
    if (today === undefined || today.z <= 2 || today.costNanoUsd <= 1e7) return undefined; // 0.01 USD
    return {
      severity: 'warning',
      title: 'An expensive day',
      body: `Today costs $${(today.costNanoUsd / 1e9).toFixed(2)} so far; a day of the last ${today.days} cost $${(today.meanNanoUsd / 1e9).toFixed(2)} on average${deviations(today.z)}.`,
    };
  },
});

function deviations(z: number): string {
  return Number.isFinite(z) ? ` (${z.toFixed(1)} standard deviations)` : '';
}
