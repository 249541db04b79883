import { countOf } from '../../report/format.ts';
import { contextRearm, defineRule } from '../rule.ts';

/** From 95 % on the crisis speaks; this one stays on meanwhile, silent, so that falling back is no news. */
export default defineRule({
  summary: 'The context gets full (80 %)',
  evaluate: ({ sessions }, was) =>
    sessions.flatMap(({ rowId, insights, provider, model }) => {
      const fill = insights.context?.pressure?.fillPct;
      if (fill === undefined || fill < (was(rowId) ? 80 - contextRearm : 80)) return [];
      if (fill >= 95 && !was(rowId)) return [];
      const turns = insights.context?.turnsLeft?.turns ?? null;
      return [
        {
          session: rowId,
          severity: 'warning',
          message: `The context is ${Math.round(fill)} % full${turns === null ? '' : `, about ${countOf(turns, 'turn')} left`}.`,
          fields: { fill_pct: fill, predicted_turns_remaining: turns },
          provider,
          model,
          isQuiet: fill >= 95,
        },
      ];
    }),
});
