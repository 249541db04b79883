import { z } from 'zod';
import { settingNotes } from './notes.ts';
import { webhookSchema } from './webhook.ts';

/**
 * Every setting, under the name it has in the file: what a user writes as `[budget] daily_usd` is `config.budget.daily_usd`.
 * The description of a key completes the sentence "… must be …".
 */
export const configSchema = z.object({
  general: section({
    theme: z
      .enum(['standard', 'high-contrast', 'cockpit'])
      .describe('"standard", "high-contrast" or "cockpit"')
      .register(settingNotes, {
        correct: (value) => (value === 'highcontrast' ? { value: 'high-contrast' } : undefined),
      })
      .default('standard'),
    background: z.enum(['auto', 'dark', 'light']).describe('"auto", "dark" or "light"').default('auto'),
    mouse: z.boolean().describe('true or false').default(true),
    refresh_interval_secs: z
      .int()
      .min(1)
      .describe('a whole number of seconds from 1')
      .register(settingNotes, { correct: atLeast(1) })
      .default(2),
  }),
  providers: section({
    enabled: names('a list of provider ids'),
    generic_paths: names('a list of files or directories'),
    generic_name: z.string().min(1).describe('a name').default('Custom OpenAI'),
  }),
  dashboard: section({
    live_metrics: names('a list of metric ids', [
      'cache_hit_rate',
      'cost_per_turn',
      'token_velocity',
      'cache_roi',
      'thinking_ratio',
      'context_efficiency',
    ]),
    insights_metrics: names('a list of metric ids'),
  }),
  alerts: section({
    daily_cost_usd: z
      .number()
      .min(0)
      .describe('an amount in US dollars')
      .register(settingNotes, { correct: atLeast(0) })
      .optional(),
    cache_hit_rate_min: z
      .number()
      .min(0)
      .max(100)
      .describe('a ratio up to 1 or a percentage up to 100')
      .register(settingNotes, { correct: clampToPercentage })
      .optional(),
    repeat_after_mins: z.number().min(0).describe('a number of minutes, 0 for never').default(30),
    send_resolved: z.boolean().describe('true or false').default(false),
    desktop: z.boolean().describe('true or false').default(false),
    bell: z.boolean().describe('true or false').default(false),
    webhooks: z.array(webhookSchema).describe('a list of tables [[alerts.webhooks]]').default([]),
  }),
  budget: section({
    ...limits(),
    providers: tableOf(z.object(limits()).describe('a table of limits')),
    projects: tableOf(z.object(limits()).describe('a table of limits')),
  }),
  optimizer: section({ applied_presets: tableOf(z.string().min(1).describe('the name of a preset')) }),
  pricing: section({
    override_file: z.string().min(1).describe('the path of a TOML file').optional(),
    overrides: overridesTable(),
  }),
  storage: section({
    retain_days: z
      .int()
      .min(1)
      .describe('a whole number of days from 1')
      .register(settingNotes, { correct: zeroKeepsAll, advise: keepsAllYet })
      .optional(),
  }),
});

/** The file that `pricing.override_file` names: further `[overrides."prefix"]` tables. */
export const overrideFileSchema = z.object({ overrides: overridesTable() });

/** The whole configuration, deeply read-only; keys are those of the file. */
export type Config = DeepReadonly<z.output<typeof configSchema>>;

/** `section.key` of every setting. */
export type SettingKey = { [S in keyof Config]: `${S}.${keyof Config[S] & string}` }[keyof Config];

type DeepReadonly<T> = T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T;

function section<Shape extends z.ZodRawShape>(shape: Shape) {
  // `prefault`, not `default`: an absent section is read as an empty one, so that its keys get theirs.
  return z
    .object(shape)
    .describe('a table')
    .prefault({} as z.input<z.ZodObject<Shape>>);
}

function names(description: string, preset: string[] = []) {
  return z.array(z.string().min(1)).describe(description).default(preset);
}

function tableOf<Value extends z.ZodType>(value: Value) {
  // zod leaves `__proto__` out without a word; a key we name is a key the user hears about.
  const name = z.string().refine((key) => key !== '' && key !== '__proto__');
  return z.record(name, value).describe('a table').default({});
}

/** US dollars, 0 = no limit. */
function limits() {
  const limit = () =>
    z
      .number()
      .min(0)
      .describe('an amount in US dollars, 0 for no limit')
      .register(settingNotes, { correct: atLeast(0) })
      .default(0);
  return { daily_usd: limit(), weekly_usd: limit(), monthly_usd: limit() };
}

/** US dollars per million tokens; a price left out keeps its built-in value. `cache_write` is the 5-minute kind. */
function overridesTable() {
  const price = () => z.number().min(0).max(1e6).describe('a price in US dollars per million tokens').optional();
  const prices = {
    input: price(),
    output: price(),
    cache_write: price(),
    cache_write_1h: price(),
    cache_read: price(),
  };
  return tableOf(z.object(prices).describe('a table of prices'));
}

function atLeast(low: number) {
  return (value: unknown) =>
    typeof value === 'number' && value < low ? { value: low, why: `cannot be ${value}; ${low} is used` } : undefined;
}

function clampToPercentage(value: unknown) {
  if (typeof value !== 'number' || (value >= 0 && value <= 100) || Number.isNaN(value)) return undefined;
  const clamped = value < 0 ? 0 : 100;
  return { value: clamped, why: `cannot be ${value}; ${clamped} is used` };
}

function zeroKeepsAll(value: unknown) {
  return value === 0 ? { value: undefined, why: 'is 0, which keeps everything: nothing is ever deleted' } : undefined;
}

/** Until turns can be deleted without being counted again wherever a copy of them is met. */
function keepsAllYet(): string {
  return 'has no effect yet: everything is kept';
}
