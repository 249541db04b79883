import { defineSuggestion } from '../suggestion.ts';

export default defineSuggestion({
  of: ({ signals }) => {
    const heavy = signals.find((signal) => signal.kind === 'file_heavy_session');
    if (heavy === undefined) return undefined;
    return {
      severity: 'info',
      title: 'Much time goes into reading files',
      body: `${heavy.fields.file_read_calls} of ${heavy.fields.total_tool_calls} tool calls read files. Naming the files that matter, or an overview of the project in the instructions, saves most of them.`,
      evidence: heavy.evidence,
    };
  },
});
