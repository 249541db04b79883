import { sumUsage } from '../insight-turn.ts';
import { defineSignal } from '../signal.ts';

/** Most of the output is reasoning. Only turns that tell their reasoning count. */
export default defineSignal({
  title: 'Much reasoning',
  of: ({ turns, thresholds }) => {
    const { reasoningOutputTokens, outputWithReasoning } = sumUsage(turns);
    if (reasoningOutputTokens === undefined || outputWithReasoning === 0) return [];
    const ratio = reasoningOutputTokens / outputWithReasoning;
    if (!(ratio > thresholds.thinkingRatioWarn)) return [];
    return [
      {
        severity: ratio > thresholds.thinkingRatioCritical ? 'critical' : 'warning',
        message: `${Math.round(ratio * 100)} % of the output was reasoning.`,
        fields: { thinking_tokens: reasoningOutputTokens, output_tokens: outputWithReasoning, ratio },
        evidence: turns.filter((turn) => (turn.usage.reasoningOutputTokens ?? 0) > 0).map((turn) => turn.id),
      },
    ];
  },
});
