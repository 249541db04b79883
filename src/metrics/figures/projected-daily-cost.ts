import { defineFigure } from '../figure.ts';
import { knownCost, spanMs } from '../turn-spans.ts';

/** Cost so far over the time from first turn to last, for 24 hours. */
export default defineFigure({
  title: 'Cost of a day at this pace',
  unit: 'usd',
  of: ({ turns }) => {
    const cost = knownCost(turns);
    const span = spanMs(turns);
    return cost === undefined || span === undefined ? undefined : (cost / 1e9 / span) * 86_400_000;
  },
});
