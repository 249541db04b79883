import { defineRule } from '../rule.ts';

const nearPct = 80;
const criticalPct = 95;
/** Off again this far below. */
const rearm = 5;

export default defineRule({
  summary: 'A usage limit is near (80 %)',
  evaluate: ({ limits, now }, was) =>
    limits.flatMap(({ provider, window, windowMinutes, usedPct, resetsAt, at }) => {
      const scope = `${provider}:${window}`;
      const isOld = windowMinutes !== undefined && now - at > windowMinutes * 60_000;
      if (usedPct === undefined || isOld || (resetsAt !== undefined && resetsAt <= now)) return [];
      if (usedPct < (was(undefined, scope) ? nearPct - rearm : nearPct)) return [];
      return [
        {
          scope,
          severity: usedPct >= criticalPct ? 'critical' : 'warning',
          message: `${Math.round(usedPct)} % of a usage limit is used.`,
          fields: {
            window,
            used_pct: usedPct,
            resets_at: resetsAt === undefined ? null : new Date(resetsAt).toISOString(),
          },
          provider,
        },
      ];
    }),
});
