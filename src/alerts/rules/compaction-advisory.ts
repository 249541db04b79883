import { defineRule } from '../rule.ts';

export default defineRule({
  summary: 'The context fills ever faster: compact before it is tight',
  evaluate: ({ sessions }) =>
    sessions.flatMap(({ rowId, insights, provider, model }) => {
      const { compaction, context } = insights;
      const fill = context?.pressure?.fillPct;
      if (compaction?.advised !== true || fill === undefined) return [];
      return [
        {
          session: rowId,
          severity: 'info',
          message: `The context is ${Math.round(fill)} % full and fills ever faster. Now is a good time to compact.`,
          fields: {
            fill_pct: fill,
            advisory_score: compaction.score,
            predicted_turns_remaining: context?.turnsLeft?.turns ?? null,
            should_compact: true,
          },
          provider,
          model,
        },
      ];
    }),
});
