import { fields, list, type Picked, type PickedShape, sized } from '../../readers/fields.ts';

/** Counters of one or many calls. */
export const tokenFields = {
  inputTokens: 'number',
  outputTokens: 'number',
  cacheReadTokens: 'number',
  cacheWriteTokens: 'number',
  reasoningTokens: 'number',
} as const;

/** One call, in a `session.usage_record` or, where a program writes the stream down, an `assistant.usage`. */
export const callFields = {
  ...tokenFields,
  model: 'text',
  maxPromptTokens: 'number',
  copilotUsage: { totalNanoAiu: 'number' },
  quotaSnapshots: sized({}),
} as const;

/** Contents only by size and keyed hash. */
const dataFields = {
  ...callFields,
  usage: callFields,
  // sessions
  sessionId: 'text',
  copilotVersion: 'text',
  startTime: 'text',
  context: { cwd: 'text', gitRoot: 'text', branch: 'text' },
  cwd: 'text',
  gitRoot: 'text',
  branch: 'text',
  selectedModel: 'text',
  newModel: 'text',
  chosenModel: 'text',
  newMode: 'text',
  operation: 'text',
  // sums
  modelMetrics: sized({}),
  currentModel: 'text',
  currentTokens: 'number',
  totalNanoAiu: 'number',
  totalPremiumRequests: 'number',
  sessionLimits: { maxAiCredits: 'number' },
  // messages
  content: sized({}),
  source: 'text',
  interactionId: 'text',
  messageId: 'text',
  apiCallId: 'text',
  toolRequests: list({ toolCallId: 'text', name: 'text', arguments: sized({}) }),
  // compactions
  success: 'flag',
  trigger: 'text',
  tokenLimit: 'number',
  preCompactionTokens: 'number',
  postCompactionTokens: 'number',
  systemTokens: 'number',
  conversationTokens: 'number',
  toolDefinitionsTokens: 'number',
  tokenAccountingBasis: 'text',
  compactionTokensUsed: {
    ...tokenFields,
    input: 'number',
    output: 'number',
    cachedInput: 'number',
    model: 'text',
    copilotUsage: { totalNanoAiu: 'number' },
  },
  preTruncationTokensInMessages: 'number',
  postTruncationTokensInMessages: 'number',
  tokensRemovedDuringTruncation: 'number',
  messagesRemovedDuringTruncation: 'number',
  // tools
  toolCallId: 'text',
  parentToolCallId: 'text',
  toolName: 'text',
  mcpServerName: 'text',
  mcpToolName: 'text',
  arguments: sized({ agent_type: 'text', mode: 'text', model: 'text', skill: 'text', name: 'text' }),
  result: sized({ kind: 'text' }),
  error: sized({}),
  shellExecution: { exitCode: 'number' },
  toolTelemetry: { metrics: { exit_code: 'number', context_token_limit: 'number' } },
  // hooks
  hookInvocationId: 'text',
  hookType: 'text',
  input: sized({ toolName: 'text', toolArgs: sized({}) }),
  output: sized({ permissionDecision: 'text', decision: 'text' }),
  // subagents, skills, notices
  agentName: 'text',
  agentType: 'text',
  executionMode: 'text',
  totalTokens: 'number',
  totalToolCalls: 'number',
  durationMs: 'number',
  name: 'text',
  kind: { type: 'text', status: 'text', agentType: 'text' },
  errorType: 'text',
  warningType: 'text',
  statusCode: 'number',
} as const;

/** What is taken from a record; nothing else of it is ever looked at. */
export const plan = fields({ type: 'text', id: 'text', timestamp: 'text', agentId: 'text', data: dataFields });

/** A record. */
export type Row = Picked<typeof plan>;

/** What a record holds. */
export type Data = PickedShape<typeof dataFields>;

/** Counters of one or many calls, under the names most records have. */
export type Tokens = PickedShape<typeof tokenFields>;
