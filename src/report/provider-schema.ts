/** The published shape of what is known of providers and their limits. */

import { z } from 'zod';

const count = z.int().nonnegative();
const instant = z.iso.datetime();

export const limitSchema = z.strictObject({
  provider: z.string(),
  window: z.string().describe('five_hour, weekly, or what the log calls it'),
  window_minutes: count.nullable(),
  used_pct: z.number().nullable().describe('0–100 as last reported; past while `state` is not current'),
  used: z
    .number()
    .nonnegative()
    .nullable()
    .describe(
      "In the window's own unit, no money; what all sessions counted since `since` where each keeps its own count",
    ),
  entitlement: z.number().nonnegative().nullable().describe('How much there is, in the same unit'),
  since: instant.nullable().describe('Set where the counts of sessions were added up: the beginning of the month, UTC'),
  resets_at: instant.nullable(),
  reached: z.boolean(),
  plan: z.string().nullable(),
  state: z
    .enum(['current', 'reset', 'old'])
    .describe('reset: its reset time has passed since; old: reported longer ago than the window is long'),
  source: z.string().describe("log: the agent's own"),
  as_of: instant.describe('When the log reported it'),
  age_secs: count,
});

/** `scopeon limits --json`. The newest report of each window of each provider. */
export const limitsSchema = z.strictObject({
  schema_version: z.literal(1),
  generated_at: instant,
  limits: z.array(limitSchema),
});

const capability = z.strictObject({
  capability: z.enum(['skills', 'hooks', 'mcp_identity', 'task_history', 'interaction_tokens']),
  level: z.enum(['exact', 'estimated', 'unsupported']),
  note: z.string(),
});

const providerSchema = z.strictObject({
  id: z.string(),
  title: z.string(),
  enabled: z.boolean().describe('false: `providers.enabled` in the configuration names others only'),
  found: z.boolean().describe('One of the places where its logs would lie, or that show it is here, is there'),
  roots: z
    .array(z.strictObject({ path: z.string(), exists: z.boolean() }))
    .optional()
    .describe('Where it was looked for, the home directory as `~`; left out where paths are not told'),
  signs: z
    .array(z.strictObject({ path: z.string(), what: z.string(), exists: z.boolean() }))
    .optional()
    .describe('Places that only show the agent is here; never opened'),
  files: count,
  missing_files: count.describe('Read once and gone since; their figures stay'),
  sessions: count.describe('With a turn; subagents count as their parent'),
  turns: count,
  last_turn_at: instant.nullable(),
  last_event_at: instant.nullable().describe('Newest record of any kind'),
  last_change_at: instant.nullable().describe('Newest change of a file, as of its last reading'),
  capabilities: z.array(capability),
  unrecorded: z.string().nullable().describe('What it uses and writes down nowhere on this machine; never estimated'),
  records: count,
  skipped: z.strictObject({ invalid: count, oversize: count }).describe('Records that could not be read'),
  bad_values: count.describe('Absurd counts in records that were read, taken as 0'),
  unknown_types: count.describe('Records of a kind that is not known'),
  quarantined_files: count.describe('Without a readable line: left alone until they change'),
  broken_files: count.describe('The provider itself failed on them: left alone until they change'),
  failure: z.string().nullable().describe('What went wrong in the provider itself'),
  dark: z.boolean().describe('Its files go on changing, and for longer than is its habit no turn was taken from them'),
  silent_since: instant.nullable().describe('Since when its files change without a turn'),
});

/** `scopeon providers --json`. */
export const providersSchema = z.strictObject({
  schema_version: z.literal(1),
  generated_at: instant,
  providers: z.array(providerSchema).describe('By id'),
});
