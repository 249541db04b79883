export type PressureLevel = 'normal' | 'high' | 'critical';

/** How full a conversation's context window is. */
export interface ContextPressure {
  /** 0–100, unrounded. */
  readonly fillPct: number;
  readonly remainingTokens: number;
  /** `normal` below 80 %, `high` below 95 %, else `critical`. */
  readonly level: PressureLevel;
  /** From 80 % on. */
  readonly shouldCompact: boolean;
}

/**
 * The one definition of context fill. `usedTokens` is what the next request starts from: `I + R + W + O` of the last
 * main-chain turn (a turn's `contextTokens`), or `postTokens` of a compaction without a turn since. Whoever knows of
 * neither shows nothing and does not call this. A window below 1 counts as 1.
 */
export function contextPressure(usedTokens: number, windowTokens: number): ContextPressure {
  const window = Math.max(windowTokens, 1);
  const fillPct = Math.min(Math.max((usedTokens / window) * 100, 0), 100);
  return {
    fillPct,
    remainingTokens: Math.max(window - Math.max(usedTokens, 0), 0),
    level: pressureLevel(fillPct),
    shouldCompact: fillPct >= 80,
  };
}

/** Level of a fill in percent (0–100). */
function pressureLevel(fillPct: number): PressureLevel {
  if (fillPct >= 95) return 'critical';
  return fillPct >= 80 ? 'high' : 'normal';
}
