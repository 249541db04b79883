import type { InsightTurn } from './insight-turn.ts';
import type { PriceBook } from './prices.ts';
import { turnCostNanoUsd } from './turn-cost.ts';

/** What the same tokens would have cost on another model. */
export interface ShadowPrice {
  /** Nano-USD, over the turns that are priced on both. */
  readonly otherNanoUsd: number;
  readonly ownNanoUsd: number;
}

/**
 * The same tokens at `model`'s standard prices of their time. Turns of that very model (one name begins with the other)
 * and turns unpriced on either side are left out; undefined when none is left.
 */
export function shadowPrice(
  turns: readonly InsightTurn[],
  model: string,
  book: Pick<PriceBook, 'find'>,
): ShadowPrice | undefined {
  let sum: ShadowPrice | undefined;
  for (const { model: own, usage, promptTokens, costNanoUsd, at } of turns) {
    if (own.startsWith(model) || model.startsWith(own) || costNanoUsd === undefined) continue;
    const row = book.find(model, at, 'standard');
    if (row === undefined) continue;
    sum = {
      otherNanoUsd: (sum?.otherNanoUsd ?? 0) + turnCostNanoUsd(row, usage, promptTokens, 0),
      ownNanoUsd: (sum?.ownNanoUsd ?? 0) + costNanoUsd,
    };
  }
  return sum;
}
