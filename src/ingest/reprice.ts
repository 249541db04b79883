import type { Database } from '../store/driver.ts';
import { type CostOfTurn, turnsToPrice, updateCosts } from '../store/reprice.ts';
import type { PriceTurn } from '../store/writer.ts';

/**
 * Prices the turns nobody could price before, now that the price list has grown. What had a price keeps it: closed
 * months do not move. Returns how many turns got one.
 */
export function repriceUnpriced(db: Database, price: PriceTurn): number {
  const changes = turnsToPrice(db, true).flatMap((turn): CostOfTurn[] => {
    const found = price(turn, turn.model);
    return found === undefined ? [] : [{ id: turn.id, ...found }];
  });
  updateCosts(db, changes);
  return changes.length;
}

/** One model's part of a re-pricing; nano-USD, null: unpriced turns only. */
export interface RepriceLine {
  readonly model: string;
  readonly turns: number;
  readonly beforeNano: number;
  readonly afterNano: number;
}

export interface RepricePlan {
  readonly changes: readonly CostOfTurn[];
  /** Models whose cost would change, by name. */
  readonly lines: readonly RepriceLine[];
}

/** What every turn would cost by today's list and overrides, where that differs from what it costs now. Writes nothing. */
export function planReprice(db: Database, price: PriceTurn): RepricePlan {
  const changes: CostOfTurn[] = [];
  const lines = new Map<string, { turns: number; beforeNano: number; afterNano: number }>();
  for (const turn of turnsToPrice(db, false)) {
    const found = price(turn, turn.model);
    const costNano = found?.costNano ?? null;
    if (costNano === turn.costNano) continue;
    changes.push({ id: turn.id, costNano, savingsNano: found?.savingsNano ?? null, priceId: found?.priceId ?? null });
    const model = turn.fast === 1 ? `${turn.model}-fast` : turn.model;
    const line = lines.get(model) ?? { turns: 0, beforeNano: 0, afterNano: 0 };
    lines.set(model, {
      turns: line.turns + 1,
      beforeNano: line.beforeNano + (turn.costNano ?? 0),
      afterNano: line.afterNano + (costNano ?? 0),
    });
  }
  return {
    changes,
    lines: [...lines].map(([model, line]) => ({ model, ...line })).sort((a, b) => (a.model < b.model ? -1 : 1)),
  };
}
