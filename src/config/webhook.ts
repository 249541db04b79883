import { z } from 'zod';
import { settingNotes } from './notes.ts';

const signingSecretText =
  '"whsec_" and the base64 of 24 to 64 bytes, { env = "NAME" } or { file = "PATH" }, or a list of two';

/**
 * One `[[alerts.webhooks]]`. Anything wrong in an entry disables the entry: half of a filter would send more than was wanted.
 * Whether an event, provider or project of that name exists is not asked here.
 */
export const webhookSchema = z
  .object({
    url: z
      .string()
      .trim()
      .check(isWebAddress)
      .describe('an http or https URL')
      .register(settingNotes, { secret: true, advise: adviseOnAddress })
      .optional(),
    // Marked as a secret for those who write the address itself here.
    url_env: secret(
      z
        .string()
        .regex(/^[A-Za-z_][A-Za-z0-9_]*$/)
        .describe('the name of an environment variable'),
    ).optional(),
    url_file: z.string().min(1).describe('the path of a file').optional(),
    format: z
      .enum(['scopeon', 'slack', 'discord', 'teams', 'pagerduty', 'ntfy', 'template'])
      .describe('"scopeon", "slack", "discord", "teams", "pagerduty", "ntfy" or "template"')
      .optional(),
    template: secret(z.string().min(1).describe('a text')).optional(),
    events: z
      .array(z.string().regex(/^[a-z0-9_*?]+$/))
      .describe('a list of alert types, * and ? allowed')
      .default([]),
    min_severity: z.enum(['info', 'warning', 'critical']).describe('"info", "warning" or "critical"').default('info'),
    projects: z.array(z.string().min(1)).describe('a list of project names').default([]),
    providers: z.array(z.string().min(1)).describe('a list of provider ids').default([]),
    quiet_hours: z
      .string()
      .regex(/^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$/)
      .describe('two local times such as "22:00-07:00"')
      .optional(),
    include: z
      .array(z.enum(['session_id', 'project', 'host']))
      .describe('a list of "session_id", "project" and "host"')
      .default([]),
    allow_private: z.boolean().describe('true or false').default(false),
    secret: secret(
      z.union([signingSecret(), z.array(signingSecret()).min(1).max(2)]).describe(signingSecretText),
    ).optional(),
    headers: z
      .record(
        z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/),
        secret(
          valueOrReference(z.string().regex(/^[\t\x20-\x7e\x80-\xff]*$/)).describe(
            'a text, { env = "NAME" } or { file = "PATH" }',
          ),
        ),
      )
      .describe('a table of HTTP headers')
      .default({}),
    routing_key: secret(
      valueOrReference(z.string().min(1)).describe('a text, { env = "NAME" } or { file = "PATH" }'),
    ).optional(),
  })
  .describe('a table [[alerts.webhooks]]')
  .check(({ value, issues }) => {
    const complain = (message: string) => issues.push({ code: 'custom', message, input: value });
    const places = [value.url, value.url_env, value.url_file].filter((place) => place !== undefined).length;
    if (places === 0) complain('has no address: write one of url, url_env and url_file');
    if (places > 1) complain('has several addresses: write only one of url, url_env and url_file');
    if (value.format === 'template' && value.template === undefined)
      complain('has format = "template" but no template');
  });

function signingSecret() {
  return valueOrReference(
    z.string().refine((text) => {
      const encoded = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(text)?.[1];
      const size = encoded === undefined ? 0 : Buffer.from(encoded, 'base64').length;
      return size >= 24 && size <= 64;
    }),
  );
}

/** The text itself, or where to find it at the time of sending. */
function valueOrReference(text: z.ZodString) {
  return z.union([text, z.strictObject({ env: z.string().min(1) }), z.strictObject({ file: z.string().min(1) })]);
}

function secret<Schema extends z.ZodType>(schema: Schema): Schema {
  settingNotes.add(schema, { secret: true });
  return schema;
}

function isWebAddress({ value, issues }: { readonly value: string; readonly issues: z.core.$ZodRawIssue[] }): void {
  const complain = (message: string) => issues.push({ code: 'custom', message, input: value });
  if (value === '') return void complain('is empty');
  if (!URL.canParse(value)) return void complain('is not a valid URL');
  const { protocol, hostname } = new URL(value);
  if (protocol !== 'http:' && protocol !== 'https:')
    complain(`has the scheme ${protocol.slice(0, -1)}; only http and https are sent to`);
  else if (hostname === '') complain('names no host');
}

const loopback = /^(localhost|127(\.\d+){3}|\[::1\])$/;

function adviseOnAddress(value: unknown): string | undefined {
  if (typeof value !== 'string' || !URL.canParse(value)) return undefined;
  const { protocol, username, password, hostname } = new URL(value);
  if (username !== '' || password !== '')
    return 'holds a user name or password; better in headers, with { env = "NAME" }';
  if (protocol === 'http:' && !loopback.test(hostname))
    return 'is plain http: whoever is on the way can read the alerts';
  return undefined;
}
