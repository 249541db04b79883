import { defineFigure } from '../figure.ts';
import { sumUsage } from '../insight-turn.ts';

/** T / O over the turns that tell their reasoning. */
export default defineFigure({
  title: 'Reasoning in output',
  unit: 'percent',
  of: ({ turns }) => {
    const { reasoningOutputTokens, outputWithReasoning } = sumUsage(turns);
    if (reasoningOutputTokens === undefined || outputWithReasoning === 0) return undefined;
    return (reasoningOutputTokens / outputWithReasoning) * 100;
  },
});
