import { fields, list, sized } from '../../src/readers/fields.ts';

const usage = {
  input_tokens: 'number',
  output_tokens: 'number',
  cache_creation_input_tokens: 'number',
  cache_read_input_tokens: 'number',
  cache_creation: { ephemeral_5m_input_tokens: 'number', ephemeral_1h_input_tokens: 'number' },
  server_tool_use: { web_search_requests: 'number', web_fetch_requests: 'number' },
  iterations: list({
    type: 'text',
    model: 'text',
    input_tokens: 'number',
    output_tokens: 'number',
    cache_creation_input_tokens: 'number',
    cache_read_input_tokens: 'number',
  }),
  output_tokens_details: { thinking_tokens: 'number', reasoning_tokens: 'number' },
  speed: 'text',
  service_tier: 'text',
} as const;

const content = list({
  type: 'text',
  id: 'text',
  name: 'text',
  is_error: 'flag',
  tool_use_id: 'text',
  input: sized({ subagent_type: 'text', skill: 'text' }),
  content: sized({}),
});

/** All that a reader of Claude Code logs could want: the widest plan there is, for tests and measurements. */
export const claudePlan = fields({
  type: 'text',
  subtype: 'text',
  timestamp: 'text',
  uuid: 'text',
  sessionId: 'text',
  cwd: 'text',
  gitBranch: 'text',
  version: 'text',
  isSidechain: 'flag',
  agentId: 'text',
  requestId: 'text',
  isMeta: 'flag',
  isCompactSummary: 'flag',
  isApiErrorMessage: 'flag',
  error: 'text',
  costUSD: 'number',
  durationMs: 'number',
  compactMetadata: { trigger: 'text', preTokens: 'number', postTokens: 'number' },
  message: { id: 'text', model: 'text', role: 'text', stop_reason: 'text', usage, content },
  toolUseResult: {
    agentId: 'text',
    agentType: 'text',
    resolvedModel: 'text',
    status: 'text',
    totalDurationMs: 'number',
    totalToolUseCount: 'number',
  },
  data: {
    type: 'text',
    agentId: 'text',
    message: {
      type: 'text',
      timestamp: 'text',
      requestId: 'text',
      uuid: 'text',
      message: { id: 'text', model: 'text', role: 'text', usage, content },
    },
  },
  attachment: {
    type: 'text',
    hookEvent: 'text',
    hookName: 'text',
    exitCode: 'number',
    durationMs: 'number',
    skillCount: 'number',
  },
});
