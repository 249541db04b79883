import type { Database } from '../store/driver.ts';
import { eachTurnToPrice, updateCosts } from '../store/reprice.ts';
import type { PriceTurn } from '../store/writer.ts';

/**
 * Prices the turns nobody could price before, now that the price list has grown. What had a price keeps it: closed
 * months do not move. Returns how many turns got one.
 */
export function repriceUnpriced(db: Database, price: PriceTurn): number {
  const changes = [];
  for (const turn of eachTurnToPrice(db)) {
    const found = price(turn);
    if (found !== undefined) changes.push({ id: turn.id, ...found });
  }
  updateCosts(db, changes);
  return changes.length;
}
