import { defineFigure } from '../figure.ts';
import { sumUsage } from '../insight-turn.ts';

/** O / (I + R). */
export default defineFigure({
  title: 'Output for the input',
  unit: 'percent',
  of: ({ turns }) => {
    const usage = sumUsage(turns);
    const input = usage.uncachedInputTokens + usage.cacheReadInputTokens;
    return input === 0 ? undefined : (usage.outputTokens / input) * 100;
  },
});
