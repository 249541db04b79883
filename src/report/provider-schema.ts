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
