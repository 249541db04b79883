import { defineSuggestion } from '../suggestion.ts';

export default defineSuggestion({
  of: ({ calls, tells }) => {
    const byServer = new Map<string, number>();
    for (const { mcpServer } of calls)
      if (mcpServer !== undefined) byServer.set(mcpServer, (byServer.get(mcpServer) ?? 0) + 1);
    const [busiest] = [...byServer].sort((a, b) => b[1] - a[1]);
    if (!tells.mcpIdentity || busiest === undefined || busiest[1] < 3) return undefined;
    const evidence = calls.filter((call) => call.mcpServer === busiest[0]).flatMap((call) => call.turnId ?? []);
    return {
      severity: 'info',
      title: 'One MCP server does most of the work',
      body: `The busiest MCP server answered ${busiest[1]} of ${calls.length} tool calls. Its tool descriptions are in every prompt of the session.`,
      evidence: [...new Set(evidence)],
    };
  },
});
