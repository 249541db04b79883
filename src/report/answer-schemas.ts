/**
 * The published shapes of what HTTP and MCP answer, by the names and units of the original program. Fields are added, never
 * changed or taken away; amounts are US dollars, `ms` UTC milliseconds since 1970, ratios 0–1, percentages 0–100.
 */

import { z } from 'zod';

const count = z.int().nonnegative();
const ms = z.int().nonnegative();
const usd = z.number();
const pct = z.number().min(0).max(100);
const ratio = z.number().min(0).max(1);

export const statsAnswer = z.strictObject({
  total_sessions: count.describe('Subagents count as their parent'),
  total_turns: count,
  total_input_tokens: count.describe('Uncached input'),
  total_output_tokens: count,
  total_cache_read_tokens: count,
  total_cache_write_tokens: count,
  total_thinking_tokens: count.optional().describe('Part of output; absent where no log tells it'),
  estimated_cost_usd: usd.describe('Of the turns whose cost is known; see unpriced_turns'),
  cache_savings_usd: usd.describe('Net of what writing cost; may be negative'),
  cache_hit_rate: ratio.describe('Cache reads / (cache reads + uncached input); 0 without either'),
  unpriced_turns: count,
  today_cost_usd: usd,
  health_score: z.int().min(0).max(100).optional(),
  context_fill_pct: pct.optional().describe('Of the live session'),
});

const spendLimits = z.strictObject({
  daily_usd: usd.nullable(),
  weekly_usd: usd.nullable(),
  monthly_usd: usd.nullable(),
});

export const budgetAnswer = z.strictObject({
  daily_cost_usd: usd.describe('The present calendar day'),
  weekly_cost_usd: usd.describe('The present calendar week, from Monday'),
  monthly_cost_usd: usd.describe('The present calendar month'),
  daily_rollups_30d: z
    .array(
      z.strictObject({
        date: z.iso.date(),
        cost_usd: usd,
        sessions: count,
        turns: count,
        input_tokens: count,
        cache_read_tokens: count,
        unpriced_turns: count,
      }),
    )
    .describe('30 calendar days, oldest first, today last; those without use have zeros'),
  limits: spendLimits.describe('null: none is set'),
  projection: z.strictObject({
    end_of_day_usd: usd.nullable(),
    month_usd: usd.nullable(),
    days_to_monthly_limit: z.number().nonnegative().nullable(),
  }),
});

export const sessionItem = z.strictObject({
  id: z.string(),
  provider: z.string(),
  provider_version: z.string(),
  model: z.string(),
  project_name: z.string(),
  total_turns: count,
  started_at: ms,
  last_turn_at: ms,
  is_subagent: z.boolean(),
  git_branch: z.string(),
  cost_usd: usd.nullable().describe('null: unpriced'),
  cache_hit_rate: ratio.nullable(),
  tags: z.array(z.string()),
});

export const sessionsAnswer = z.strictObject({
  sessions: z.array(sessionItem),
  next_before: ms.nullable().describe('Give it as `before` for the next page; null: this is the last'),
});

export const contextAnswer = z.union([
  z.strictObject({
    session_id: z.string(),
    project_name: z.string().describe('Empty: the log does not say'),
    model: z.string(),
    context_window: count,
    window_source: z.string(),
    fill_pct: pct.describe('0 where used_tokens is null'),
    tokens_remaining: count,
    pressure_level: z.enum(['normal', 'high', 'critical']),
    used_tokens: count.nullable().describe('null: not known until the next turn, as after a compaction'),
    predicted_turns_remaining: count.nullable(),
    stale: z.boolean().describe('No session is live; this is the newest one'),
  }),
  z.strictObject({ message: z.string() }),
]);

const turnItem = z.strictObject({
  at: ms,
  model: z.string(),
  input_tokens: count,
  cache_read_tokens: count,
  cache_write_tokens: count,
  cache_write_5m_tokens: count,
  cache_write_1h_tokens: count,
  output_tokens: count,
  reasoning_tokens: count.nullable(),
  cost_usd: usd.nullable(),
  fill_pct: pct.nullable().describe('Of the main chain; null for a subagent'),
  is_subagent: z.boolean(),
  is_compaction: z.boolean(),
  tool_calls: count,
});

export const sessionTurnsAnswer = z.strictObject({
  session: sessionItem.extend({
    context_window: count.nullable(),
    context_fill_pct: pct.nullable(),
    compactions: count,
    subagents: count,
  }),
  turns: z.array(turnItem).describe('Oldest first'),
  next_before: ms.nullable().describe('Give it as `before` for older turns; null: there are none'),
});

export type StatsAnswer = z.infer<typeof statsAnswer>;
export type BudgetAnswer = z.infer<typeof budgetAnswer>;
export type SessionItem = z.infer<typeof sessionItem>;
export type SessionsAnswer = z.infer<typeof sessionsAnswer>;
export type ContextAnswer = z.infer<typeof contextAnswer>;
export type SessionTurnsAnswer = z.infer<typeof sessionTurnsAnswer>;
