import { defineSuggestion } from '../suggestion.ts';

/** Before the evening every day is a cheap one. */
const fewestHours = 20;

export default defineSuggestion({
  of: ({ today }) => {
    if (today === undefined || today.hoursSoFar < fewestHours || today.z >= -2 || today.meanNanoUsd <= 5e7)
      return undefined; // 0.05 USD
    return {
      severity: 'info',
      title: 'A cheap day',
      body: `Today costs $${(today.costNanoUsd / 1e9).toFixed(2)} so far; a day of the last ${today.days} cost $${(today.meanNanoUsd / 1e9).toFixed(2)} on average.`,
    };
  },
});
