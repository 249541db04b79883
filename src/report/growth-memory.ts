import type { Database } from '../store/driver.ts';
import { modelGrowth } from './context.ts';

/** How long what a model's turns usually add is remembered: a habit of thirty days does not change by the minute. */
const keptMs = 10 * 60 * 1000;

/** {@link modelGrowth}, asked of the store now and then only. `clock` never goes back, in ms. */
export function createGrowthMemory(
  clock: () => number,
): (db: Database, model: string, now: number) => number | undefined {
  const known = new Map<string, { readonly growth: number | undefined; readonly until: number }>();
  return (db, model, now) => {
    const found = known.get(model);
    if (found !== undefined && clock() < found.until) return found.growth;
    const growth = modelGrowth(db, model, now);
    known.set(model, { growth, until: clock() + keptMs });
    return growth;
  };
}
