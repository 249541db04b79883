import { defineFigure } from '../figure.ts';
import { knownCost, spanMs } from '../turn-spans.ts';

export default defineFigure({
  title: 'Cost per hour',
  unit: 'usd_per_hour',
  of: ({ turns }) => {
    const cost = knownCost(turns);
    const span = spanMs(turns);
    return cost === undefined || span === undefined ? undefined : (cost / 1e9 / span) * 3_600_000;
  },
});
