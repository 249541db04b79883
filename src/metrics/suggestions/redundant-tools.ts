import { defineSuggestion } from '../suggestion.ts';

export default defineSuggestion({
  of: ({ signals }) => {
    const repeated = signals.filter((signal) => signal.kind === 'redundant_tool_calls');
    if (repeated.length === 0) return undefined;
    const calls = repeated.reduce((sum, signal) => sum + Number(signal.fields.count) - 1, 0);
    return {
      severity: 'warning',
      title: 'Tool calls are repeated',
      body: `${calls} ${calls === 1 ? 'call' : 'calls'} by ${repeated.length} ${repeated.length === 1 ? 'tool' : 'tools'} asked again for what nothing had changed. Their answers stay in the context and are paid for with every turn.`,
      evidence: [...new Set(repeated.flatMap((signal) => signal.evidence))],
    };
  },
});
