import { defineFigure } from '../figure.ts';

export default defineFigure({
  title: 'Compactions',
  unit: 'count',
  of: ({ compactions }) => compactions,
});
