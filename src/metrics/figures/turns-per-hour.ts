import { defineFigure } from '../figure.ts';
import { spanMs } from '../turn-spans.ts';

export default defineFigure({
  title: 'Turns per hour',
  unit: 'turns_per_hour',
  of: ({ turns }) => {
    const span = spanMs(turns);
    return span === undefined ? undefined : (turns.length / span) * 3_600_000;
  },
});
