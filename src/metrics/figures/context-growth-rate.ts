import { defineFigure } from '../figure.ts';
import { mean } from '../stats.ts';
import { mainChainOf } from '../turn-spans.ts';

/** Mean difference of the context after neighbouring main-chain turns; across a compaction none. */
export default defineFigure({
  title: 'Growth of the context per turn',
  unit: 'tokens',
  of: ({ turns }) => {
    const mainChain = mainChainOf(turns);
    const differences = mainChain.flatMap((turn, i) => {
      const before = mainChain[i - 1];
      return before === undefined || turn.afterCompaction ? [] : turn.contextTokens - before.contextTokens;
    });
    return mean(differences);
  },
});
