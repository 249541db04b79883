import { defineFigure } from '../figure.ts';
import { spanMs } from '../turn-spans.ts';

export default defineFigure({
  title: 'Output tokens per minute',
  unit: 'tokens_per_minute',
  of: ({ turns }) => {
    const span = spanMs(turns);
    const output = turns.reduce((sum, turn) => sum + turn.usage.outputTokens, 0);
    return span === undefined ? undefined : (output / span) * 60_000;
  },
});
