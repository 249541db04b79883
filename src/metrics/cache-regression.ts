import type { InsightTurn } from './insight-turn.ts';
import { cacheWriteTokens } from './insight-turn.ts';
import { ratesFor } from './price-row.ts';

/** A turn that had to send again what lay in the cache before. */
export interface CacheRegression {
  readonly turnId: string;
  readonly at: number;
  /** `ttl`: the pause outlived what was written. `bust`: it should still have been there. */
  readonly cause: 'ttl' | 'bust';
  /** Tokens the turn before had in the cache and this one did not read. */
  readonly lostTokens: number;
  /** Nano-USD paid for writing again what reading would have served; undefined: unpriced. */
  readonly costNanoUsd: number | undefined;
}

const fiveMinutesMs = 5 * 60_000;
const oneHourMs = 60 * 60_000;

/**
 * Cache regressions of one session: a main-chain turn with `R < 0.5·(R + W)` of the main-chain turn before, on the same
 * model, without a compaction between. Its price is `min(W, lost)·(write − read)` at its own rates.
 */
export function cacheRegressions(turns: readonly InsightTurn[]): readonly CacheRegression[] {
  const mainChain = turns.filter((turn) => !turn.sidechain);
  return mainChain.flatMap((turn, i) => {
    const before = mainChain[i - 1];
    const found = before === undefined ? undefined : regression(before, turn);
    return found === undefined ? [] : [found];
  });
}

function regression(before: InsightTurn, turn: InsightTurn): CacheRegression | undefined {
  const cached = before.usage.cacheReadInputTokens + cacheWriteTokens(before.usage);
  const read = turn.usage.cacheReadInputTokens;
  if (turn.afterCompaction || turn.model !== before.model || !(read < cached / 2)) return undefined;
  const livesMs = before.usage.cacheCreation1hInputTokens > 0 ? oneHourMs : fiveMinutesMs;
  return {
    turnId: turn.id,
    at: turn.at,
    cause: turn.at - before.at > livesMs ? 'ttl' : 'bust',
    lostTokens: cached - read,
    costNanoUsd: rewriteCost(turn, cached - read),
  };
}

/** Writes of both times count by their share of what was written. */
function rewriteCost({ price, usage, promptTokens }: InsightTurn, lostTokens: number): number | undefined {
  if (price === undefined) return undefined;
  const rates = ratesFor(price, promptTokens);
  const written = cacheWriteTokens(usage);
  if (written === 0) return 0;
  const surcharge =
    usage.cacheCreation5mInputTokens * (rates.cacheWrite5m - rates.cacheRead) +
    usage.cacheCreation1hInputTokens * (rates.cacheWrite1h - rates.cacheRead);
  return Math.round((surcharge * Math.min(1, lostTokens / written)) / 1000); // pico to nano
}
