import { defineFigure } from '../figure.ts';

export default defineFigure({
  title: 'Context fill',
  unit: 'percent',
  of: ({ contextFillPct }) => contextFillPct,
});
