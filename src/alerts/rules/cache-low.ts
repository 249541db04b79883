import { cacheHitRatio } from '../../metrics/cache.ts';
import { sumUsage } from '../../metrics/insight-turn.ts';
import { defineRule } from '../rule.ts';

const fewestTurns = 10;

export default defineRule({
  summary: 'The cache hit rate is below alerts.cache_hit_rate_min',
  evaluate: ({ sessions, settings }) => {
    const least = settings.cache_hit_rate_min;
    if (least === undefined || least <= 0) return [];
    const leastPct = least <= 1 ? least * 100 : least;
    return sessions.flatMap(({ rowId, insights, provider, model }) => {
      const ratio = cacheHitRatio(sumUsage(insights.turns));
      if (ratio === undefined || insights.turns.length < fewestTurns || ratio * 100 >= leastPct) return [];
      return [
        {
          session: rowId,
          severity: 'warning',
          message: `The cache hit rate is ${(ratio * 100).toFixed(1)} %, below ${leastPct.toFixed(1)} %.`,
          fields: { cache_hit_rate_pct: ratio * 100 },
          provider,
          model,
        },
      ];
    });
  },
});
