import type { CopyRank } from '../../events.ts';
import { fields, list, type Picked, type PickedShape, sized } from '../../readers/fields.ts';

/** Of a tool's arguments nothing but the name of the skill or subagent it calls. */
export const argumentFields = { skill: 'text', subagent_type: 'text' } as const;

const eventFields = {
  'event.name': 'text',
  'event.timestamp': 'text',
  response_id: 'text',
  prompt_id: 'text',
  model: 'text',
  status_code: 'scalar',
  input_token_count: 'number',
  output_token_count: 'number',
  cached_content_token_count: 'number',
  thoughts_token_count: 'number',
  total_token_count: 'number',
  subagent_name: 'text',
  subagent_id: 'text',
  subagent_type: 'text',
  call_id: 'text',
  function_name: 'text',
  function_args: sized(argumentFields),
  duration_ms: 'number',
  status: 'text',
  mcp_server_name: 'text',
  content_length: 'number',
} as const;

export const plan = fields({
  uuid: 'text',
  sessionId: 'text',
  timestamp: 'text',
  type: 'text',
  subtype: 'text',
  provenance: 'text',
  cwd: 'text',
  version: 'text',
  gitBranch: 'text',
  isSidechain: 'flag',
  agentId: 'text',
  forkedFrom: { sessionId: 'text' },
  model: 'text',
  contextWindowSize: 'number',
  usageMetadata: {
    promptTokenCount: 'number',
    candidatesTokenCount: 'number',
    thoughtsTokenCount: 'number',
    cachedContentTokenCount: 'number',
    totalTokenCount: 'number',
  },
  message: {
    parts: list({
      functionCall: { id: 'text', name: 'text', args: sized(argumentFields) },
      functionResponse: { id: 'text', response: sized({}) },
    }),
  },
  toolCallResult: { callId: 'text', status: 'text' },
  systemPayload: {
    uiEvent: eventFields,
    info: { originalTokenCount: 'number', newTokenCount: 'number', compressionStatus: 'number' },
    parentSessionId: 'text',
    modelId: 'text',
    mode: 'text',
  },
});

export type Row = Picked<typeof plan>;

export type UiEvent = PickedShape<typeof eventFields>;

/** A conversation that branches off another begins with a copy of it. */
export function rankOf(row: Row): CopyRank {
  return row.forkedFrom === undefined ? 'own' : 'progress';
}
