/** What does not tick is minutes and more, and so are ages while nothing is live: that need not be looked at so often. */
const restMs = 20_000;

/**
 * Whether it is time to draw for the sake of ages and countdowns: every `refreshMs` while they tick, and twice as seldom each
 * time it was for nothing. `changes`: how often what is on the screen has become another.
 */
export function ageing(refreshMs: number, changes: () => number): (now: number, isLively: boolean) => boolean {
  let drawnAt = Number.NEGATIVE_INFINITY;
  let waitMs = refreshMs;
  let before = -1;
  return (now, isLively) => {
    const seen = changes();
    if (seen !== before) waitMs = refreshMs;
    if (now - drawnAt < (isLively ? waitMs : Math.max(refreshMs, restMs)) - refreshMs / 2) return false;
    waitMs = Math.min(waitMs * 2, Math.max(refreshMs, restMs));
    drawnAt = now;
    before = seen;
    return true;
  };
}
