import { cacheHitRatio } from '../cache.ts';
import { defineFigure } from '../figure.ts';
import { sumUsage } from '../insight-turn.ts';

/** R / (I + R). */
export default defineFigure({
  title: 'Cache hit rate',
  unit: 'percent',
  of: ({ turns }) => {
    const ratio = cacheHitRatio(sumUsage(turns));
    return ratio === undefined ? undefined : ratio * 100;
  },
});
