import { defineFigure } from '../figure.ts';
import { cacheSavingsNanoUsd } from '../turn-cost.ts';

/** Net of what writing cost, each turn at its own price; may be negative. */
export default defineFigure({
  title: 'Saved by the cache',
  unit: 'usd',
  of: ({ turns }) => {
    const priced = turns.flatMap(({ price, usage, promptTokens }) =>
      price === undefined ? [] : cacheSavingsNanoUsd(price, usage, promptTokens),
    );
    return priced.length === 0 ? undefined : priced.reduce((sum, saving) => sum + saving, 0) / 1e9;
  },
});
