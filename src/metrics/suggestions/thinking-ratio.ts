import { sumUsage } from '../insight-turn.ts';
import { defineSuggestion } from '../suggestion.ts';

export default defineSuggestion({
  of: ({ turns }) => {
    const { reasoningOutputTokens, outputWithReasoning } = sumUsage(turns);
    const share = reasoningOutputTokens === undefined ? 0 : reasoningOutputTokens / outputWithReasoning;
    if (!(share > 0.6)) return undefined;
    return {
      severity: 'info',
      title: 'Most of the output is reasoning',
      body: `${Math.round(share * 100)} % of the output tokens were reasoning. A lower effort may do for this kind of work.`,
      evidence: turns.filter((turn) => (turn.usage.reasoningOutputTokens ?? 0) > 0).map((turn) => turn.id),
    };
  },
});
