import { defineRule } from '../rule.ts';

const leastNanoUsd = 1e8; // 0.10 USD
const freshMs = 15 * 60 * 1000;

export default defineRule({
  summary: 'The cache was lost, which cost ten cents or more',
  evaluate: ({ sessions, now }) =>
    sessions.flatMap(({ rowId, insights, provider, model }) => {
      const found = insights.regressions.findLast((each) => now - each.at <= freshMs);
      if (found?.costNanoUsd === undefined || found.costNanoUsd < leastNanoUsd) return [];
      const cost = found.costNanoUsd / 1e9;
      return [
        {
          session: rowId,
          scope: found.turnId,
          severity: 'warning',
          message:
            found.cause === 'ttl'
              ? `The pause outlived the cache: ${found.lostTokens} tokens were sent again for $${cost.toFixed(2)}.`
              : `The cache was lost: ${found.lostTokens} tokens were sent again for $${cost.toFixed(2)}.`,
          fields: { cause: found.cause, cost_usd: cost },
          provider,
          model,
          isEvent: true,
        },
      ];
    }),
});
