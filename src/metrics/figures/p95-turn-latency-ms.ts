import { defineFigure } from '../figure.ts';
import { durationsMs } from '../turn-spans.ts';

/** Nearest rank: the value at index ⌊0.95·n⌋ of the sorted durations. */
export default defineFigure({
  title: 'Time 95 % of turns keep within',
  unit: 'milliseconds',
  of: ({ turns }) => {
    const sorted = [...durationsMs(turns)].sort((a, b) => a - b);
    return sorted[Math.floor(0.95 * sorted.length)];
  },
});
