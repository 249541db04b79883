import { defineSuggestion } from '../suggestion.ts';

export default defineSuggestion({
  of: ({ turns, tells }) => {
    const mainChain = turns.filter((turn) => !turn.sidechain);
    const first = mainChain.findIndex((turn) => turn.usage.cacheReadInputTokens > 0);
    if (!tells.cache || first <= Math.max(5, mainChain.length / 10)) return undefined;
    return {
      severity: 'info',
      title: 'The cache warmed up late',
      body: `The first cache read came with turn ${first + 1} of ${mainChain.length}. A stable beginning of the prompt (instructions, tools) is cached from the second turn on.`,
      evidence: mainChain.slice(0, first).map((turn) => turn.id),
    };
  },
});
