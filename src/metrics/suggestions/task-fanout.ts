import { defineSuggestion, type TaskFacts } from '../suggestion.ts';

export default defineSuggestion({
  of: ({ tasks }) => {
    const [biggest] = [...tasks].sort((a, b) => (b.totalTokens ?? 0) - (a.totalTokens ?? 0));
    const busiest = tasks.find((task) => (task.toolCalls ?? 0) > 20);
    const found = (biggest?.totalTokens ?? 0) > 100_000 ? biggest : busiest;
    if (found === undefined) return undefined;
    return {
      severity: 'warning',
      title: 'A subagent did a lot',
      body: `One subagent ${sizeOf(found)}. Smaller tasks, or a cheaper model for them, cost less.`,
      evidence: found.turnId === undefined ? [] : [found.turnId],
    };
  },
});

function sizeOf({ totalTokens, toolCalls }: TaskFacts): string {
  const parts = [
    totalTokens === undefined ? '' : `used ${totalTokens.toLocaleString('en-US')} tokens`,
    toolCalls === undefined ? '' : `made ${toolCalls} tool calls`,
  ];
  return parts.filter((part) => part !== '').join(' and ');
}
