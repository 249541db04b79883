import { defineSignal } from '../signal.ts';
import { mean } from '../stats.ts';

/** A turn with less uncached input is cheap whatever the mean: agents with a warm cache send a handful of tokens. */
const leastTokens = 1_000;

/** The main-chain turn that sent the most uncached input, when it is well above the session's mean. */
export default defineSignal({
  title: 'A bloated turn',
  of: ({ turns, thresholds }) => {
    const mainChain = turns.filter((turn) => !turn.sidechain);
    const inputs = mainChain.map((turn) => turn.usage.uncachedInputTokens);
    const average = mean(inputs);
    const index = inputs.indexOf(Math.max(...inputs));
    const worst = inputs[index];
    const turn = mainChain[index];
    if (average === undefined || worst === undefined || turn === undefined) return [];
    if (worst < leastTokens || !(worst > thresholds.contextBloatMultiplier * average)) return [];
    return [
      {
        severity: 'info',
        message: `Turn ${index + 1} sent ${worst} uncached tokens, ${(worst / average).toFixed(1)} times the mean.`,
        fields: { turn_index: index, input_tokens: worst, session_avg: average },
        evidence: [turn.id],
      },
    ];
  },
});
