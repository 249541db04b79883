import { defineFigure } from '../figure.ts';
import { mean, standardDeviation } from '../stats.ts';

/** Standard deviation of I + R + O over its mean; undefined below two turns. */
export default defineFigure({
  title: 'Unevenness of turns',
  unit: 'percent',
  of: ({ turns }) => {
    const sizes = turns.map(({ usage }) => usage.uncachedInputTokens + usage.cacheReadInputTokens + usage.outputTokens);
    const centre = mean(sizes);
    const spread = standardDeviation(sizes);
    if (sizes.length < 2 || centre === undefined || centre === 0 || spread === undefined) return undefined;
    return (spread / centre) * 100;
  },
});
