import { defineFigure } from '../figure.ts';
import { knownCost } from '../turn-spans.ts';

/** Over the turns that are priced. */
export default defineFigure({
  title: 'Cost per turn',
  unit: 'usd',
  of: ({ turns }) => {
    const priced = turns.filter((turn) => turn.costNanoUsd !== undefined);
    const cost = knownCost(priced);
    return cost === undefined ? undefined : cost / priced.length / 1e9;
  },
});
