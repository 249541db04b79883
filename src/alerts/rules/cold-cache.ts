import { defineRule } from '../rule.ts';

export default defineRule({
  summary: 'Hardly anything comes from the cache',
  evaluate: ({ sessions }) =>
    sessions.flatMap(({ rowId, insights, provider, model }) => {
      const cold = insights.signals.find((signal) => signal.kind === 'cold_cache_session');
      if (cold === undefined) return [];
      return [
        {
          session: rowId,
          severity: 'warning',
          message: cold.message,
          fields: { hit_rate: cold.fields.hit_rate ?? null },
          provider,
          model,
        },
      ];
    }),
});
