/** Does a limit as it was reported still hold? `reset`: its reset time has passed; `old`: it is older than its window. */
export type LimitState = 'current' | 'reset' | 'old';

/** How long a report without a window or a reset time is taken for current. */
const unknownWindowMs = 24 * 60 * 60 * 1000;

/** Times are UTC ms, the window in minutes; null unknown. */
export function limitState(
  limit: { readonly at: number; readonly resetsAt: number | null; readonly windowMinutes: number | null },
  now: number,
): LimitState {
  if (limit.resetsAt !== null) return limit.resetsAt > now ? 'current' : 'reset';
  const windowMs = limit.windowMinutes === null ? unknownWindowMs : limit.windowMinutes * 60_000;
  return limit.at + windowMs > now ? 'current' : 'old';
}
