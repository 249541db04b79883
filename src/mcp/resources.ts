/** What can be read and followed; each is the answer of a tool, as JSON. */
export const resources = [
  {
    uri: 'scopeon://status',
    name: 'status',
    description: 'Context, spend and health now',
    mimeType: 'application/json',
  },
  { uri: 'scopeon://sessions', name: 'sessions', description: 'The newest sessions', mimeType: 'application/json' },
  { uri: 'scopeon://alerts', name: 'alerts', description: 'Alerts on now and lately', mimeType: 'application/json' },
] as const;

export const resourceTemplates = [
  {
    uriTemplate: 'scopeon://sessions/{id}',
    name: 'session',
    description: 'One session with its turns',
    mimeType: 'application/json',
  },
  {
    uriTemplate: 'scopeon://history/{days}',
    name: 'history',
    description: 'Tokens and cost by day',
    mimeType: 'application/json',
  },
] as const;

/** A tool and its arguments: what a resource is the answer of. */
export interface ToolCall {
  readonly tool: string;
  readonly args: Readonly<Record<string, unknown>>;
}

/** The parts of a resource by their names; undefined: there is no such resource. */
export function callsOf(uri: string): Readonly<Record<string, ToolCall>> | undefined {
  switch (uri) {
    case 'scopeon://status':
      return {
        context: { tool: 'get_context_pressure', args: {} },
        budget: { tool: 'get_budget_status', args: {} },
        health: { tool: 'get_health_score', args: {} },
      };
    case 'scopeon://sessions':
      return { sessions: { tool: 'list_sessions', args: {} } };
    case 'scopeon://alerts':
      return { alerts: { tool: 'get_alerts', args: {} } };
  }
  const [, kind, value = ''] = /^scopeon:\/\/(sessions|history)\/([A-Za-z0-9._:@-]{1,128})$/.exec(uri) ?? [];
  if (kind === 'sessions') return { session: { tool: 'get_session_summary', args: { session_id: value } } };
  if (kind === 'history' && /^[1-9]\d{0,3}$/.test(value))
    return { history: { tool: 'get_history', args: { days: Math.min(Number(value), 500) } } };
  return undefined;
}
