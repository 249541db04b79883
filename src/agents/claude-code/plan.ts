import { fields, list, type Picked, type PickedShape, sized } from '../../readers/fields.ts';

const tokenFields = {
  input_tokens: 'number',
  cache_read_input_tokens: 'number',
  cache_creation_input_tokens: 'number',
  cache_creation: { ephemeral_5m_input_tokens: 'number', ephemeral_1h_input_tokens: 'number' },
  output_tokens: 'number',
  output_tokens_details: { thinking_tokens: 'number', reasoning_tokens: 'number' },
} as const;

const usageFields = {
  ...tokenFields,
  service_tier: 'text',
  speed: 'text',
  server_tool_use: { web_search_requests: 'number' },
  iterations: list({ type: 'text', model: 'text', ...tokenFields }),
} as const;

/** `text` only by size: content never becomes text of ours, but for the reset time of a limit notice (`peek`). */
export const blockFields = {
  type: 'text',
  id: 'text',
  name: 'text',
  text: sized({}),
  input: sized({ subagent_type: 'text', skill: 'text' }),
  tool_use_id: 'text',
  is_error: 'flag',
  content: sized({}),
} as const;

const messageFields = {
  id: 'text',
  model: 'text',
  role: 'text',
  usage: usageFields,
  content: list(blockFields),
} as const;

/** What is taken from a row; nothing else of it is ever looked at. */
export const plan = fields({
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
  attributionAgent: 'text',
  requestId: 'text',
  isMeta: 'flag',
  isCompactSummary: 'flag',
  isApiErrorMessage: 'flag',
  error: sized({ status: 'number' }),
  costUSD: 'number',
  durationMs: 'number',
  message: messageFields,
  toolUseResult: sized({
    agentId: 'text',
    agentType: 'text',
    resolvedModel: 'text',
    status: 'text',
    totalDurationMs: 'number',
    totalToolUseCount: 'number',
  }),
  compactMetadata: {
    trigger: 'text',
    preTokens: 'number',
    postTokens: 'number',
    pre_tokens: 'number',
    post_tokens: 'number',
  },
  microcompactMetadata: { trigger: 'text', preTokens: 'number', tokensSaved: 'number' },
  hookCount: 'number',
  hookInfos: list({ durationMs: 'number' }),
  preventedContinuation: 'flag',
  prNumber: 'number',
  attachment: {
    type: 'text',
    hookEvent: 'text',
    hookName: 'text',
    exitCode: 'number',
    durationMs: 'number',
    skillCount: 'number',
  },
  data: {
    type: 'text',
    agentId: 'text',
    hookEvent: 'text',
    hookName: 'text',
    message: { type: 'text', timestamp: 'text', uuid: 'text', requestId: 'text', message: messageFields },
  },
});

/** A row of the log. */
export type Row = Picked<typeof plan>;

/** What an assistant said, or a copy of it. */
export type Message = PickedShape<typeof messageFields>;

/** What a response used. */
export type Usage = PickedShape<typeof usageFields>;

/** Counters of one request. */
export type Tokens = PickedShape<typeof tokenFields>;

/** A part of a message. */
export type Block = PickedShape<typeof blockFields>;
