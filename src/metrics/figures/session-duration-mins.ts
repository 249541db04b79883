import { defineFigure } from '../figure.ts';
import { spanMs } from '../turn-spans.ts';

/** From the first turn to the last. */
export default defineFigure({
  title: 'Duration',
  unit: 'minutes',
  of: ({ turns }) => {
    const span = spanMs(turns);
    return span === undefined ? undefined : span / 60_000;
  },
});
