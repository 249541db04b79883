/** The published shape of what the doctor finds. */

import { z } from 'zod';

/** `scopeon doctor --json`. */
export const doctorSchema = z.strictObject({
  schema_version: z.literal(1),
  generated_at: z.iso.datetime(),
  version: z.string().describe("The program's"),
  ok: z.boolean().describe('Nothing to do; the exit code is 0'),
  sections: z.array(
    z.strictObject({
      id: z.string(),
      title: z.string(),
      ok: z.boolean(),
      facts: z
        .record(z.string(), z.json())
        .describe('By name; more are added over time. Paths begin with `~` below the home directory'),
      todo: z.array(z.strictObject({ fact: z.string(), advice: z.string() })),
      mended: z.array(z.string()).describe('By --fix, just now'),
    }),
  ),
});
