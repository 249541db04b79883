import { defineFigure } from '../figure.ts';
import { knownCost } from '../turn-spans.ts';

/** Over the turns that are priced. */
export default defineFigure({
  title: 'Cost per 1,000 output tokens',
  unit: 'usd',
  of: ({ turns }) => {
    const priced = turns.filter((turn) => turn.costNanoUsd !== undefined);
    const cost = knownCost(priced);
    const output = priced.reduce((sum, turn) => sum + turn.usage.outputTokens, 0);
    return cost === undefined || output === 0 ? undefined : (cost / 1e9 / output) * 1_000;
  },
});
