/** The published shape of what happened in a session: interactions, tasks, and how far a provider's logs can be trusted. */

import { z } from 'zod';

const count = z.int().nonnegative();
const instantMs = z.int().describe('UTC ms');

const providerSchema = z.strictObject({
  name: z.string().describe('Provider id'),
  version: z.string().nullable().describe("The agent's"),
  model: z.string().nullable().describe("The session's last"),
});

const capabilitySchema = z.strictObject({
  provider: z.string(),
  capability: z.enum(['skills', 'hooks', 'mcp_identity', 'task_history', 'interaction_tokens']),
  level: z.enum(['exact', 'estimated', 'unsupported']),
  note: z.string(),
});

const interactionKind = z.enum([
  'tool',
  'mcp',
  'task',
  'skill',
  'hook',
  'subagent',
  'plan',
  'mode_change',
  'model_change',
  'notification',
  'compaction',
]);

const confidence = z
  .enum(['exact', 'estimated', 'unsupported'])
  .describe(
    'exact: stated by the log; estimated: four bytes a token; unsupported: nothing to go by, the numbers are 0',
  );

const interactionSchema = z.strictObject({
  id: z.string(),
  timestamp: instantMs,
  turn_id: z.string().nullable().describe('As `id` in an export of turns; null: the log does not say which'),
  task_run_id: z.string().nullable().describe('The task it is, or ran within'),
  correlation_id: z.string().nullable().describe('Shared by the records of one act'),
  parent_id: z.string().nullable().describe('`id` of the call within which it happened'),
  kind: interactionKind,
  phase: z
    .enum(['single', 'start', 'complete', 'invoked', 'changed', 'emitted'])
    .describe('A call with its result is `single`, one without a result yet `start`'),
  name: z.string(),
  display_name: z.string().nullable(),
  provider: z.string(),
  status: z.string().nullable(),
  success: z.boolean().nullable(),
  hook_type: z.string().nullable(),
  agent_type: z.string().nullable(),
  execution_mode: z.string().nullable(),
  model: z.string().nullable(),
  mcp: z.strictObject({ server: z.string().nullable(), tool: z.string().nullable() }),
  sizes: z
    .strictObject({ input_chars: count, output_chars: count, prompt_chars: count, summary_chars: count })
    .describe(
      'Bytes as serialised in the log, 0 where it tells none; of a task, prompt is what it was given, description included, and summary what came back',
    ),
  tokens: z.strictObject({
    total: count.nullable().describe("The log's own, or the sum of a subagent's turns"),
    estimated_input: count,
    estimated_output: count,
    attributed_total: count.describe('The total, else the estimates together'),
    confidence,
  }),
  duration_ms: count.nullable(),
  tool_calls: count.nullable(),
  hook_effect: z
    .enum(['pass_through', 'modified', 'blocked', 'observed'])
    .nullable()
    .describe('What the log proves a hook did to its call; null for what is no hook, or only the end of one'),
});

const ofSession = {
  session_id: z.string(),
  provider: providerSchema,
  capabilities: z.array(capabilitySchema),
};

export const interactionsSchema = z.strictObject({
  ...ofSession,
  hook_effect_summary: z.strictObject({ modified: count, blocked: count, pass_through: count, observed: count }),
  count,
  events: z.array(interactionSchema).describe('Oldest first'),
});

const taskSchema = z.strictObject({
  id: z.string(),
  correlation_id: z.string().nullable(),
  name: z.string(),
  display_name: z.string().nullable(),
  agent_type: z.string().describe('`unknown` where the log does not say'),
  execution_mode: z.string().describe('`unknown` where the log does not say'),
  requested_model: z.string().nullable(),
  actual_model: z.string().nullable(),
  started_at: instantMs,
  completed_at: instantMs.nullable(),
  duration_ms: count.nullable(),
  success: z.boolean().nullable(),
  tokens: z.strictObject({ total: count.nullable(), confidence }),
  tool_calls: count.nullable(),
  payload_sizes: z
    .strictObject({ description_chars: count, prompt_chars: count, summary_chars: count })
    .describe('Bytes as serialised in the log; the description is counted in the prompt'),
  interaction_summary: z.strictObject({
    count,
    by_kind: z.record(z.string(), count),
    tools_used: z.array(z.string()),
    mcp_tools_used: z.array(z.string()),
  }),
});

export const tasksSchema = z.strictObject({
  ...ofSession,
  count,
  tasks: z.array(taskSchema).describe('Oldest first'),
});

export const capabilitiesSchema = z.strictObject({
  session_id: z.string(),
  provider: providerSchema,
  support_summary: z.strictObject({ exact: count, estimated: count, unsupported: count }),
  capabilities: z.array(capabilitySchema),
});
