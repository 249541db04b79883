import { defineFigure } from '../figure.ts';
import { mainChainOf } from '../turn-spans.ts';

/** Number of the first main-chain turn that read from the cache. */
export default defineFigure({
  title: 'Turns until the cache was warm',
  unit: 'turns',
  of: ({ turns }) => {
    const first = mainChainOf(turns).findIndex((turn) => turn.usage.cacheReadInputTokens > 0);
    return first < 0 ? undefined : first + 1;
  },
});
