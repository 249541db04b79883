/** The published shape of alerts. */

import { z } from 'zod';

const instant = z.iso.datetime();

export const alertItem = z
  .object({
    id: z.string(),
    type: z.string(),
    severity: z.enum(['info', 'warning', 'critical']),
    message: z.string(),
    state: z.enum(['firing', 'resolved', 'event']),
    first_seen: instant,
    last_seen: instant,
    resolved_at: instant.nullable(),
    times: z.int().nonnegative().describe('How often it was told'),
    snoozed_until: instant.optional().describe('Somebody silenced it until then; absent: nobody did'),
    provider: z.string().optional(),
    model: z.string().optional(),
    session_id: z.string().optional(),
    project: z.string().optional(),
  })
  .catchall(z.union([z.string(), z.number(), z.boolean(), z.null()]))
  .describe("With the type's own fields beside these");

export const alertsSchema = z.strictObject({
  schema_version: z.literal(1),
  generated_at: instant,
  firing: z.array(alertItem),
  recent: z.array(alertItem).describe('Newest first, those that are on among them'),
});

export type AlertsJson = z.infer<typeof alertsSchema>;
export type AlertItem = z.infer<typeof alertItem>;
