/** The published shape of reports and of the status, `schema_version` 1. Fields are added, never changed or taken away. */

import { z } from 'zod';
import { doctorSchema } from './doctor-schema.ts';
import { limitSchema, limitsSchema, providersSchema } from './provider-schema.ts';

const count = z.int().nonnegative();
const usd = z.number().nullable();
const instant = z.iso.datetime();

const figures = {
  sessions: count.describe('Distinct sessions with a turn here; subagents count as their parent'),
  turns: count.describe('Model responses, those of subagents too'),
  prompts: count.describe('Messages of the user'),
  input_tokens: count.describe('Uncached input only'),
  cache_read_tokens: count,
  cache_write_tokens: count.describe('Five-minute and one-hour writes together'),
  cache_write_5m_tokens: count,
  cache_write_1h_tokens: count,
  output_tokens: count.describe('All output, reasoning included'),
  reasoning_tokens: count.nullable().describe('Part of output, as far as the logs tell; null when none does'),
  total_tokens: count.describe('Input, cache reads, cache writes and output'),
  cost_usd: usd.describe('null: there are turns, and none has a cost'),
  cost_source: z.enum(['logged', 'calculated', 'mixed', 'none']),
  unpriced_turns: count.describe('Turns without a cost in this mode; cost_usd leaves them out'),
  cache_hit_rate: z.number().min(0).max(1).nullable().describe('Cache reads / (cache reads + uncached input)'),
  cache_savings_usd: usd.describe('Net of what writing the cache cost; may be negative'),
  tool_calls: count,
  mcp_calls: count,
};

export const figuresSchema = z.strictObject(figures);

const breakdownSchema = z.strictObject({ model: z.string(), provider: z.string(), ...figures });

const row = {
  key: z.string().nullable().describe('null: the logs say nothing'),
  ...figures,
  providers: z.array(z.string()),
  models: z.array(z.string()),
  breakdown: z.array(breakdownSchema).optional(),
};

const plainRow = z.strictObject(row);

const sessionRow = z.strictObject({
  ...row,
  key: z.string(),
  id: z.string(),
  provider: z.string(),
  provider_version: z.string().nullable(),
  project: z.string().nullable(),
  project_path: z.string().optional(),
  branch: z.string().nullable(),
  started_at: instant.nullable(),
  last_turn_at: instant.nullable(),
  context_fill_pct: z.number().min(0).max(100).nullable(),
  context_window: count.nullable(),
  compactions: count,
  tags: z.array(z.string()),
  is_subagent: z.boolean(),
  parent_id: z.string().nullable(),
  subagents: count.describe('Subagents it started'),
});

const modelRow = z.strictObject({
  ...row,
  key: z.string().describe('As the log names it; "-fast" behind it for usage in fast mode'),
  model_id: z.string().nullable().describe('The normalised id that prices it; null: no price known'),
  speed: z.enum(['standard', 'fast']),
});

const blockRow = z.strictObject({
  ...row,
  key: instant,
  start: instant,
  end: instant,
  active: z.boolean(),
  burn_rate_tokens_per_min: z.number().nonnegative().nullable(),
  burn_rate_usd_per_hour: usd,
  projected_tokens: count.nullable(),
  projected_cost_usd: usd,
});

const toolRow = z.strictObject({
  key: z.string().nullable(),
  calls: count,
  errors: count,
  sessions: count,
  server: z.string().optional().describe('MCP server, for a tool of one'),
  input_size_bytes: count.describe('Serialised arguments as they stand in the logs'),
  output_size_bytes: count.nullable().describe('null: no result was logged'),
  providers: z.array(z.string()),
});

const envelope = {
  schema_version: z.literal(1),
  timezone: z.string(),
  since: z.string().nullable().describe('YYYY-MM-DD, or an instant where one was asked for; inclusive'),
  until: z.string().nullable(),
  generated_at: instant,
  totals: figuresSchema.describe('Of everything in range and filters, whatever order and limit left out'),
  unpriced_models: z.array(z.string()),
  as_of: instant.nullable().describe('When the logs were last read'),
  ingest: z.strictObject({ files: count, skipped_records: count }),
};

/** Any report; `by` tells which rows it has. */
export const reportSchema = z.discriminatedUnion('by', [
  z.strictObject({
    ...envelope,
    by: z.enum(['hour', 'day', 'week', 'month', 'project', 'provider', 'branch', 'tag', 'agent']),
    rows: z.array(plainRow),
  }),
  z.strictObject({ ...envelope, by: z.literal('session'), rows: z.array(sessionRow) }),
  z.strictObject({ ...envelope, by: z.literal('model'), rows: z.array(modelRow) }),
  z.strictObject({ ...envelope, by: z.literal('block'), rows: z.array(blockRow) }),
  z.strictObject({ ...envelope, by: z.literal('tool'), rows: z.array(toolRow) }),
]);

const budgetSchema = z.strictObject({
  spent: usd,
  limit: z.number().nullable(),
  pct: z.number().nullable().describe('Of the limit, 0–100 and beyond'),
});

/** `scopeon status --json`. Week and month are calendar ones. */
export const statusSchema = z.strictObject({
  schema_version: z.literal(1),
  timezone: z.string(),
  generated_at: instant,
  as_of: instant.nullable(),
  today: figuresSchema,
  week: figuresSchema,
  month: figuresSchema,
  all: figuresSchema,
  context: z
    .strictObject({
      session_id: z.string(),
      provider: z.string(),
      project: z.string().nullable(),
      model: z.string().nullable(),
      context_window: count.nullable(),
      window_source: z.string().nullable(),
      used_tokens: count.nullable(),
      fill_pct: z.number().min(0).max(100).nullable(),
      tokens_remaining: count.nullable(),
      pressure_level: z.enum(['normal', 'high', 'critical']).nullable(),
      predicted_turns_remaining: count.nullable(),
      last_turn_at: instant.nullable(),
      stale: z.boolean().describe('No session is live; this is the newest one'),
    })
    .nullable(),
  live_sessions: count,
  health_score: z.int().min(0).max(100).nullable(),
  top_project: z
    .strictObject({ project: z.string().nullable(), cost_usd: usd, total_tokens: count })
    .nullable()
    .describe("Today's, else the month's"),
  budget: z.strictObject({ daily: budgetSchema, weekly: budgetSchema, monthly: budgetSchema }),
  limits: z.array(limitSchema).describe('Current ones only'),
  unpriced_models: z.array(z.string()),
  collector: z.strictObject({ pid: count.nullable() }),
});

const severity = z.enum(['info', 'warning', 'critical']);
const points = z.strictObject({ score: z.number().nonnegative(), max: count });

/** Published under several names: `scopeon insights --json`, HTTP and MCP. */
const signalSchema = z
  .object({
    kind: z.string(),
    severity,
    message: z.string(),
    evidence: z.array(z.string()).describe('Ids of turns, as exports name them'),
  })
  .catchall(z.union([z.string(), z.number(), z.array(z.string())]))
  .describe("With the kind's own fields beside these");

const suggestionSchema = z.strictObject({
  id: z.string(),
  severity,
  title: z.string(),
  body: z.string(),
  evidence: z.array(z.string()),
  saving_usd_per_month: z.number().nonnegative().nullable().describe('null: no price, or nothing to compare with'),
});

const healthSchema = z.strictObject({
  score: z.int().min(0).max(100),
  profile: z.enum(['cache_heavy', 'exploration', 'tool_heavy', 'balanced']),
  parts: z.strictObject({ cache: points, context: points, cost: points, waste: points }),
});

const spell = z.strictObject({
  spent_usd: z.number().nonnegative().describe('Of the turns whose cost is known'),
  limit_usd: z.number().nullable().describe('null: no limit is set'),
  used_pct: z.number().nullable(),
  state: z.enum(['none', 'ok', 'warning', 'over']),
});

/** `scopeon budget --json`. */
export const budgetStatusSchema = z.strictObject({
  schema_version: z.literal(1),
  timezone: z.string(),
  generated_at: instant,
  as_of: instant.nullable(),
  over_budget: z.boolean(),
  budgets: z.array(
    z.strictObject({
      scope: z.enum(['all', 'provider', 'project']),
      name: z.string().nullable(),
      daily: spell,
      weekly: spell,
      monthly: spell,
      projection: z.strictObject({
        end_of_day_usd: usd,
        month_usd: usd,
        days_to_monthly_limit: z.number().nonnegative().nullable(),
        pace: z.enum(['under_budget', 'on_track', 'over_pace']).nullable().describe('The month against its limit'),
      }),
    }),
  ),
  unpriced_models: z.array(z.string()).describe('Their turns are in no amount above'),
});

/** `scopeon insights --json`. */
export const insightsSchema = z.strictObject({
  schema_version: z.literal(1),
  timezone: z.string(),
  generated_at: instant,
  as_of: instant.nullable(),
  subject: z.enum(['session', 'today']).describe('today: no session is live and none was asked for'),
  session: z
    .strictObject({
      id: z.string(),
      provider: z.string(),
      project: z.string().nullable(),
      model: z.string().nullable(),
      last_turn_at: instant.nullable(),
      stale: z.boolean(),
    })
    .nullable(),
  context: z
    .strictObject({
      context_window: count.nullable(),
      window_source: z.string().nullable(),
      used_tokens: count.nullable(),
      fill_pct: z.number().min(0).max(100).nullable(),
      tokens_remaining: count.nullable(),
      predicted_turns_remaining: count.nullable(),
      predicted_turns_low: count.nullable(),
      predicted_turns_high: count.nullable().describe('null beside a prediction: it may not fill at all'),
      compaction_advised: z.boolean(),
      compaction_score: z.number().nullable(),
    })
    .nullable(),
  health: healthSchema.nullable(),
  waste_score: z.int().min(0).max(100),
  waste_signals: z.array(signalSchema),
  thresholds: z.strictObject({
    cold_cache_pct: z.number(),
    thinking_ratio_warn: z.number(),
    thinking_ratio_critical: z.number(),
    context_bloat_multiplier: z.number(),
    days: count.describe('Days they were learnt from; 0: the defaults'),
  }),
  suggestions: z.array(suggestionSchema),
  cache_regressions: z.array(
    z.strictObject({
      turn: z.string(),
      at: instant,
      cause: z.enum(['ttl', 'bust']),
      lost_tokens: count,
      cost_usd: usd,
    }),
  ),
  anomaly: z
    .strictObject({
      is_anomalous: z.boolean(),
      is_expensive: z.boolean(),
      is_tool_heavy: z.boolean(),
      is_cache_cold: z.boolean(),
    })
    .nullable(),
  projection: z.strictObject({ end_of_day_usd: usd, month_usd: usd }),
  shadow_prices: z.array(z.strictObject({ model: z.string(), cost_usd: z.number(), own_cost_usd: z.number() })),
  figures: z.record(z.string(), z.number().nullable()).describe('By id; null: the logs do not tell it'),
});

/**
 * The JSON Schema to publish. Open to fields it does not name, unlike the zod schema behind it: a later version may add
 * some, and a consumer's check must not fail on them.
 */
export function jsonSchemaOf(name: SchemaName): Record<string, unknown> {
  const schema = z.toJSONSchema(published[name], {
    override: ({ jsonSchema }) => {
      delete jsonSchema.additionalProperties;
    },
  });
  return { ...schema, title: `scopeon ${name}, schema_version 1` };
}

const published = {
  report: reportSchema,
  status: statusSchema,
  insights: insightsSchema,
  budget: budgetStatusSchema,
  limits: limitsSchema,
  providers: providersSchema,
  doctor: doctorSchema,
};

export type SchemaName = keyof typeof published;

export const schemaNames = Object.keys(published) as readonly SchemaName[];
