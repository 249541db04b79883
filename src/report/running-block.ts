import { type Block, blocksOf, burnRate, isActive, projection } from '../metrics/blocks.ts';
import type { Database } from '../store/driver.ts';
import { activeBuckets, totalSums } from '../store/queries/report.ts';
import { everything } from '../store/queries/scope.ts';
import { turnSpan } from '../store/queries/tools.ts';
import { costOf, totalTokensOf, usdOf } from './figures.ts';
import { type Remember, rememberNothing, untilNews } from './memory.ts';
import { sumsFrom } from './sums.ts';

/** The five-hour block that runs now, as the last row of `scopeon blocks` tells it. Times are UTC ms; null unknown. */
export interface RunningBlock extends Block {
  readonly totalTokens: number;
  readonly costUsd: number | null;
  readonly unpricedTurns: number;
  readonly tokensPerMin: number | null;
  readonly usdPerHour: number | null;
  readonly projectedUsd: number | null;
}

const hourMs = 3_600_000;
const lengthMs = 5 * hourMs;
/** Looked at first: blocks begin anew after every pause of their length, and there is hardly a week without one. */
const recentMs = 7 * 24 * hourMs;

/** Undefined: no block runs. */
export function runningBlock(
  db: Database,
  now: number,
  /** Default: all is asked of the store. */
  remember: Remember = rememberNothing,
): RunningBlock | undefined {
  const hour = Math.floor(now / hourMs) * hourMs;
  const before = remember(db, `active before ${hour}`, () => bucketsSincePause(db, hour));
  const since = remember(
    db,
    `active since ${hour}`,
    () => activeBuckets(db, { ...everything, fromMs: hour }),
    untilNews,
  );
  const block = blocksOf([...before, ...since]).at(-1);
  if (block === undefined || block.endMs <= now) return undefined;
  const scope = { ...everything, fromMs: block.startMs, toMs: block.endMs };
  const { span, total } = remember(
    db,
    `block from ${block.startMs} to ${block.endMs}`,
    () => ({ span: turnSpan(db, scope), total: totalSums(db, scope) }),
    untilNews,
  );
  if (span === undefined || !isActive({ ...block, lastTurnMs: span.lastMs }, now)) return undefined;
  const sums = sumsFrom(total);
  const cost = costOf(sums, 'auto');
  const totalTokens = totalTokensOf(sums);
  const usage = { totalTokens, costNanoUsd: cost.nanoUsd, firstTurnMs: span.firstMs, lastTurnMs: span.lastMs };
  const rate = burnRate(usage);
  const end = projection(block, usage, now);
  return {
    ...block,
    totalTokens,
    costUsd: cost.nanoUsd === null ? null : usdOf(cost.nanoUsd),
    unpricedTurns: sums.turns - cost.turns,
    tokensPerMin: rate?.tokensPerMin ?? null,
    usdPerHour: rate?.nanoUsdPerHour == null ? null : usdOf(rate.nanoUsdPerHour),
    projectedUsd: end?.costNanoUsd == null ? null : usdOf(end.costNanoUsd),
  };
}

/**
 * Quarters of an hour with turns before a full hour, since the last pause that begins a block for certain; all of them where
 * there is none.
 */
function bucketsSincePause(db: Database, hour: number): readonly { readonly bucketStartMs: number }[] {
  const recent = activeBuckets(db, { ...everything, fromMs: hour - recentMs, toMs: hour });
  const first = recent.findLastIndex(
    ({ bucketStartMs }, at) => at > 0 && bucketStartMs - (recent[at - 1]?.bucketStartMs ?? 0) >= lengthMs,
  );
  if (first > 0) return recent.slice(first);
  return activeBuckets(db, { ...everything, toMs: hour });
}
