import { defineSuggestion } from '../suggestion.ts';

/** Of the serialised prompt. */
const largeBytes = 8_000;

export default defineSuggestion({
  of: ({ tasks }) => {
    const [largest] = [...tasks].sort((a, b) => (b.promptSizeBytes ?? 0) - (a.promptSizeBytes ?? 0));
    if (largest?.promptSizeBytes === undefined || largest.promptSizeBytes <= largeBytes) return undefined;
    return {
      severity: 'info',
      title: 'A subagent got a long prompt',
      body: `One subagent was started with ${largest.promptSizeBytes.toLocaleString('en-US')} bytes of prompt. Naming files instead of quoting them keeps it short.`,
      evidence: largest.turnId === undefined ? [] : [largest.turnId],
    };
  },
});
