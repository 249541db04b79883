import { defineRule } from '../rule.ts';

/** In standard deviations above the mean of the last 30 completed days. */
const spikeFrom = 3;
const leastNanoUsd = 1e9; // 1 USD

export default defineRule({
  summary: 'Today costs far more than a usual day',
  evaluate: ({ spending }) => {
    const { spike, today } = spending;
    if (spike === undefined || spike.z <= spikeFrom || today <= leastNanoUsd) return [];
    const z = Number.isFinite(spike.z) ? spike.z : null;
    return [
      {
        severity: 'warning',
        message: `Today costs $${(today / 1e9).toFixed(2)} so far; a day usually costs $${(spike.meanNanoUsd / 1e9).toFixed(2)}.`,
        fields: { cost_usd: today / 1e9, z },
      },
    ];
  },
});
