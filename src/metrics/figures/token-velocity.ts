import { defineFigure } from '../figure.ts';
import { spanMs } from '../turn-spans.ts';

/** I + R + O between the first turn and the last. */
export default defineFigure({
  title: 'Tokens per minute',
  unit: 'tokens_per_minute',
  of: ({ turns }) => {
    const span = spanMs(turns);
    if (span === undefined) return undefined;
    const tokens = turns.reduce(
      (sum, { usage }) => sum + usage.uncachedInputTokens + usage.cacheReadInputTokens + usage.outputTokens,
      0,
    );
    return (tokens / span) * 60_000;
  },
});
