import { defineSuggestion } from '../suggestion.ts';

export default defineSuggestion({
  of: ({ turns }) => {
    const calls = turns.reduce((sum, turn) => sum + turn.mcpCalls, 0);
    if (turns.length === 0 || calls / turns.length <= 5) return undefined;
    return {
      severity: 'info',
      title: 'Many MCP calls',
      body: `${calls} MCP calls in ${turns.length} turns. Every answer is added to the context: ask for less at once, or leave servers out that this task does not need.`,
      evidence: turns.filter((turn) => turn.mcpCalls > 5).map((turn) => turn.id),
    };
  },
});
