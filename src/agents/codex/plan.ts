import { fields, type Picked, type PickedShape, sized } from '../../readers/fields.ts';

const countFields = {
  input_tokens: 'number',
  cached_input_tokens: 'number',
  cache_write_input_tokens: 'number',
  output_tokens: 'number',
  reasoning_output_tokens: 'number',
  total_tokens: 'number',
} as const;

const windowFields = {
  used_percent: 'number',
  window_minutes: 'number',
  resets_at: 'number',
  resets_in_seconds: 'number',
} as const;

const settingFields = {
  model: 'text',
  service_tier: 'text',
  approval_policy: 'text',
  sandbox_policy: { type: 'text' },
  collaboration_mode: { mode: 'text' },
} as const;

const metaFields = {
  id: 'text',
  session_id: 'text',
  timestamp: 'text',
  cwd: 'text',
  cli_version: 'text',
  forked_from_id: 'text',
  parent_thread_id: 'text',
  thread_source: 'text',
  agent_role: 'text',
  git: { branch: 'text' },
  source: sized({
    subagent: sized({ other: 'text', thread_spawn: { parent_thread_id: 'text', agent_role: 'text' } }),
  }),
} as const;

/** Arguments, outputs and results only by size: content never becomes text of ours. */
const callFields = {
  role: 'text',
  name: 'text',
  namespace: 'text',
  call_id: 'text',
  execution: 'text',
  arguments: sized({}),
  input: sized({}),
  action: sized({ type: 'text' }),
  output: sized({}),
  exit_code: 'number',
  success: 'flag',
  duration: { secs: 'number', nanos: 'number' },
  invocation: { server: 'text', tool: 'text', arguments: sized({}) },
  result: sized({ Ok: { isError: 'flag' }, Err: sized({}) }),
  new_thread_id: 'text',
  new_agent_role: 'text',
  agent_thread_id: 'text',
  event_id: 'text',
  kind: 'text',
} as const;

/** What is taken from a line; nothing else of it is ever looked at. */
export const plan = fields({
  type: 'text',
  timestamp: 'text',
  // of records without an envelope
  id: 'text',
  record_type: 'text',
  git: { branch: 'text' },
  payload: {
    type: 'text',
    ...metaFields,
    ...settingFields,
    thread_settings: settingFields,
    turn_id: 'text',
    model_context_window: 'number',
    collaboration_mode_kind: 'text',
    reason: 'text',
    item: { type: 'text' },
    info: { total_token_usage: countFields, last_token_usage: countFields, model_context_window: 'number' },
    rate_limits: {
      limit_id: 'text',
      plan_type: 'text',
      rate_limit_reached_type: 'text',
      primary: windowFields,
      secondary: windowFields,
    },
    thread_id: 'text',
    response_id: 'text',
    usage: countFields,
    thread_token_usage: countFields,
    ...callFields,
  },
});

/** A line. */
export type Row = Picked<typeof plan>;

/** What a line holds. */
export type Payload = NonNullable<Row['payload']>;

/** What may change between turns. */
export type Settings = PickedShape<typeof settingFields>;

/** Counters of one response or of a thread. */
export type Counts = PickedShape<typeof countFields>;
