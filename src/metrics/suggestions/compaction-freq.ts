import { defineSuggestion } from '../suggestion.ts';

export default defineSuggestion({
  of: ({ compactions, turns }) =>
    compactions <= 2
      ? undefined
      : {
          severity: 'warning',
          title: 'Many compactions',
          body: `The conversation was compacted ${compactions} times. Each one costs a request and loses detail: start a new session for a new task.`,
          evidence: turns.filter((turn) => turn.afterCompaction).map((turn) => turn.id),
        },
});
