/** Where a usage window leads if it goes on as it went so far. */
export interface LimitPace {
  readonly pctPerHour: number;
  /** Used when it resets, in percent; above 100 when it does not last. */
  readonly pctAtReset: number;
  /** When nothing is left, UTC ms; undefined: not before it resets. */
  readonly fullAtMs: number | undefined;
}

/** Below this share of its window a pace says nothing. */
const leastShare = 0.02;

/**
 * The pace of a window from its begin to the report of it. Times are UTC ms. Undefined where the window or its end is not
 * known, nothing of it is used, or hardly any of it is over.
 */
export function limitPace(limit: {
  readonly usedPct: number | null;
  readonly at: number;
  readonly windowMinutes: number | null;
  readonly resetsAt: number | null;
}): LimitPace | undefined {
  const { usedPct, at, windowMinutes, resetsAt } = limit;
  if (usedPct === null || usedPct <= 0 || windowMinutes === null || windowMinutes <= 0 || resetsAt === null)
    return undefined;
  const windowMs = windowMinutes * 60_000;
  const share = 1 - (resetsAt - at) / windowMs;
  if (share < leastShare || share > 1) return undefined;
  const perMs = usedPct / (share * windowMs);
  const fullAtMs = at + Math.max(0, 100 - usedPct) / perMs;
  return {
    pctPerHour: perMs * 3_600_000,
    pctAtReset: usedPct / share,
    fullAtMs: fullAtMs < resetsAt ? fullAtMs : undefined,
  };
}
