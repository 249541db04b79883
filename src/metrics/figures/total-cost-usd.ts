import { defineFigure } from '../figure.ts';
import { knownCost } from '../turn-spans.ts';

export default defineFigure({
  title: 'Cost',
  unit: 'usd',
  of: ({ turns }) => {
    const cost = knownCost(turns);
    return cost === undefined ? undefined : cost / 1e9;
  },
});
