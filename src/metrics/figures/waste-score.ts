import { defineFigure } from '../figure.ts';

export default defineFigure({
  title: 'Waste',
  unit: 'points',
  of: ({ wasteScore, turns }) => (turns.length === 0 ? undefined : wasteScore),
});
