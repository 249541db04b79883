/**
 * Usage windows ("blocks") as plans count them: a window opens with a first turn and lasts a fixed time.
 * Pure; times are UTC ms, money is integer nano-USD.
 */

export interface Block {
  readonly startMs: number;
  /** Exclusive. */
  readonly endMs: number;
}

const hourMs = 3_600_000; // 60 min
const minuteMs = 60_000;
/** Activity is known by quarter hours of UTC, which full hours are made of: flooring them is exact. */
const bucketMs = 15 * minuteMs;

/**
 * Windows of `lengthHours` (5; quarter hours at the finest) over activity in any order; ascending, never overlapping.
 * A window starts at its first turn floored to the full UTC hour; the first turn at or after its end opens the next. (A
 * pause longer than the length always reaches past that end, so it needs no rule of its own.)
 */
export function blocksOf(activity: readonly { readonly bucketStartMs: number }[], lengthHours = 5): readonly Block[] {
  const lengthMs = blockLengthMs(lengthHours);
  const blocks: Block[] = [];
  let endMs = Number.NEGATIVE_INFINITY;
  for (const bucketStartMs of activity.map((point) => point.bucketStartMs).sort((a, b) => a - b)) {
    if (bucketStartMs < endMs) continue;
    // A window of a broken number of hours may end inside an hour; the next one must not reach back into it.
    const startMs = Math.max(Math.floor(bucketStartMs / hourMs) * hourMs, endMs);
    endMs = startMs + lengthMs;
    blocks.push({ startMs, endMs });
  }
  return blocks;
}

/** The length in ms: whole quarter hours, at least one. */
function blockLengthMs(lengthHours: number): number {
  return Math.max(1, Math.round((lengthHours * hourMs) / bucketMs)) * bucketMs;
}

/** Whether a window still runs: now lies before its end and its last turn is younger than its length. */
export function isActive(block: Block & { readonly lastTurnMs: number }, now: number): boolean {
  return block.startMs <= now && now < block.endMs && now - block.lastTurnMs < block.endMs - block.startMs;
}

/** What a window has used, and when. */
export interface BlockUsage {
  readonly totalTokens: number;
  /** null: not one turn has a price. */
  readonly costNanoUsd: number | null;
  readonly firstTurnMs: number;
  readonly lastTurnMs: number;
}

export interface BurnRate {
  readonly tokensPerMin: number;
  /** null: the cost is unknown. */
  readonly nanoUsdPerHour: number | null;
}

/** Pace between a window's first and last turn; null when less than a minute lies between them. */
export function burnRate(usage: BlockUsage): BurnRate | null {
  const spanMs = usage.lastTurnMs - usage.firstTurnMs;
  if (!(spanMs >= minuteMs)) return null;
  return {
    tokensPerMin: (usage.totalTokens / spanMs) * minuteMs,
    nanoUsdPerHour: usage.costNanoUsd === null ? null : (usage.costNanoUsd / spanMs) * hourMs,
  };
}

export interface Projection {
  readonly totalTokens: number;
  readonly costNanoUsd: number | null;
}

/** What a running window comes to at its end if its pace holds, in whole tokens and nano-USD; null when it has ended or has no pace. */
export function projection(block: Block, usage: BlockUsage, now: number): Projection | null {
  const rate = burnRate(usage);
  if (rate === null || !isActive({ ...block, lastTurnMs: usage.lastTurnMs }, now)) return null;
  const leftMs = block.endMs - now;
  const more = rate.nanoUsdPerHour === null ? null : (rate.nanoUsdPerHour * leftMs) / hourMs;
  return {
    totalTokens: Math.round(usage.totalTokens + (rate.tokensPerMin * leftMs) / minuteMs),
    costNanoUsd: more === null || usage.costNanoUsd === null ? null : Math.round(usage.costNanoUsd + more),
  };
}
