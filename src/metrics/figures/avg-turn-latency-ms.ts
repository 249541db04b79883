import { defineFigure } from '../figure.ts';
import { mean } from '../stats.ts';
import { durationsMs } from '../turn-spans.ts';

/** Over the turns whose duration the log tells. */
export default defineFigure({
  title: 'Mean time of a turn',
  unit: 'milliseconds',
  of: ({ turns }) => mean(durationsMs(turns)),
});
