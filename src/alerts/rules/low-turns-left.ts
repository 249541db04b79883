import { countOf } from '../../report/format.ts';
import { defineRule } from '../rule.ts';

const fewTurns = 5;
/** Off again from this many on: the prediction moves by itself. */
const enoughTurns = 8;

export default defineRule({
  summary: 'Only five turns are left in the context',
  evaluate: ({ sessions }, was) =>
    sessions.flatMap(({ rowId, insights, provider, model }) => {
      const turns = insights.context?.turnsLeft?.turns;
      if (turns === undefined || turns > (was(rowId) ? enoughTurns - 1 : fewTurns)) return [];
      return [
        {
          session: rowId,
          severity: 'warning',
          message: `About ${countOf(turns, 'turn is', 'turns are')} left in the context.`,
          fields: { predicted_turns_remaining: turns },
          provider,
          model,
        },
      ];
    }),
});
