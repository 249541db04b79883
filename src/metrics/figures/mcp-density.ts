import { defineFigure } from '../figure.ts';

export default defineFigure({
  title: 'MCP calls per turn',
  unit: 'calls_per_turn',
  of: ({ turns }) =>
    turns.length === 0 ? undefined : turns.reduce((sum, turn) => sum + turn.mcpCalls, 0) / turns.length,
});
