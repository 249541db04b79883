import { defineFigure } from '../figure.ts';
import { mainChainOf } from '../turn-spans.ts';

/** Main-chain turns per session. */
export default defineFigure({
  title: 'Turns',
  unit: 'turns',
  of: ({ turns, sessions }) => (sessions === 0 ? undefined : mainChainOf(turns).length / sessions),
});
