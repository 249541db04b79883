import { defineRule } from '../rule.ts';

export default defineRule({
  summary: 'Today costs more than alerts.daily_cost_usd',
  evaluate: ({ spending, settings }) => {
    const limit = settings.daily_cost_usd;
    const cost = spending.today / 1e9;
    if (limit === undefined || limit <= 0 || cost <= limit) return [];
    return [
      {
        severity: 'warning',
        message: `Today costs $${cost.toFixed(2)}, more than the $${limit.toFixed(2)} set for alerts.`,
        fields: { cost_usd: cost },
      },
    ];
  },
});
