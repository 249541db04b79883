import { contextRearm, defineRule } from '../rule.ts';

export default defineRule({
  summary: 'The context is nearly full (95 %)',
  evaluate: ({ sessions }, was) =>
    sessions.flatMap(({ rowId, insights, provider, model }) => {
      const fill = insights.context?.pressure?.fillPct;
      if (fill === undefined || fill < (was(rowId) ? 95 - contextRearm : 95)) return [];
      return [
        {
          session: rowId,
          severity: 'critical',
          message: `The context is ${Math.round(fill)} % full. Compact now.`,
          fields: { fill_pct: fill, should_compact: true },
          provider,
          model,
        },
      ];
    }),
});
