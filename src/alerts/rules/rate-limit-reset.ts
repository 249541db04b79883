import { defineRule } from '../rule.ts';

const freshMs = 15 * 60 * 1000;
const nearPct = 80;

/** Only of a limit that was near: a window nobody felt is no news when it ends. */
export default defineRule({
  summary: 'A usage limit was reset',
  evaluate: ({ limits, now }) =>
    limits.flatMap(({ provider, window, usedPct, resetsAt, at }) => {
      if (resetsAt === undefined || resetsAt > now || now - resetsAt > freshMs || at >= resetsAt) return [];
      if (usedPct === undefined || usedPct < nearPct) return [];
      return [
        {
          scope: `${provider}:${window}:${resetsAt}`,
          severity: 'info',
          message: 'A usage limit that was nearly used up was reset.',
          fields: { window, used_pct: usedPct, resets_at: new Date(resetsAt).toISOString() },
          provider,
          isEvent: true,
        },
      ];
    }),
});
