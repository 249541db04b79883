import type { InsightTurn } from './insight-turn.ts';
import { cacheWriteTokens, promptTokensOf } from './insight-turn.ts';
import { clamp } from './stats.ts';

/** Whether it is worth compacting before the window gets tight. */
export interface CompactionAdvice {
  /** 0–1. */
  readonly score: number;
  readonly advised: boolean;
}

/**
 * Advice for a context that fills ever faster. `fillsPct` are the fills (0–100) after the last main-chain turns since a
 * compaction, oldest first; `last` is the newest of those turns. With the last two steps s0 and s1,
 * `accel = clamp((s1 − s0)/|s0|, 0, 3)/3` where |s0| > 0.5, else 0.4 where s1 > 1, else 0;
 * `score = (0.4 + 0.6·accel)·(1 − W/(I+R+W))`; advised from a fill of 55 to below 80 with a score above 0.65.
 * Undefined with fewer than three turns or without a prompt.
 */
export function compactionAdvice(
  fillsPct: readonly number[],
  last: Pick<InsightTurn, 'usage'>,
): CompactionAdvice | undefined {
  const [first, second, third] = fillsPct.slice(-3);
  const prompt = promptTokensOf(last.usage);
  if (first === undefined || second === undefined || third === undefined || prompt === 0) return undefined;
  const score =
    (0.4 + 0.6 * acceleration(second - first, third - second)) * (1 - cacheWriteTokens(last.usage) / prompt);
  return { score, advised: third >= 55 && third < 80 && score > 0.65 };
}

function acceleration(before: number, now: number): number {
  if (Math.abs(before) > 0.5) return clamp((now - before) / Math.abs(before), 0, 3) / 3;
  return now > 1 ? 0.4 : 0;
}
