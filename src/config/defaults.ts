import type { ConfigSource } from '../config.ts';
import type { Config, SettingKey } from './schema.ts';

/** A table without a prototype, so that looking up a project called `constructor` finds nothing. */
const emptyTable: Readonly<Record<string, never>> = Object.freeze(Object.create(null));

/**
 * What holds when nothing is set. Written out a second time beside the schema, because loading zod costs more than the
 * rest of a start; a test holds the two equal. Deeply frozen.
 */
export const defaultConfig: Config = deepFreeze<Config>({
  general: { theme: 'standard', background: 'auto', mouse: true, refresh_interval_secs: 2 },
  providers: { enabled: [], generic_paths: [], generic_name: 'Custom OpenAI' },
  dashboard: {
    live_metrics: [
      'cache_hit_rate',
      'cost_per_turn',
      'token_velocity',
      'cache_roi',
      'thinking_ratio',
      'context_efficiency',
    ],
    insights_metrics: [],
  },
  alerts: { repeat_after_mins: 30, send_resolved: false, desktop: false, bell: false, webhooks: [] },
  budget: { daily_usd: 0, weekly_usd: 0, monthly_usd: 0, providers: emptyTable, projects: emptyTable },
  optimizer: { applied_presets: emptyTable },
  pricing: { overrides: emptyTable },
  storage: {},
});

/** Every setting as `section.key`, in the order of config.example.toml; also those without a default. */
export const settingKeys: readonly SettingKey[] = [
  'general.theme',
  'general.background',
  'general.mouse',
  'general.refresh_interval_secs',
  'providers.enabled',
  'providers.generic_paths',
  'providers.generic_name',
  'dashboard.live_metrics',
  'dashboard.insights_metrics',
  'budget.daily_usd',
  'budget.weekly_usd',
  'budget.monthly_usd',
  'budget.providers',
  'budget.projects',
  'alerts.daily_cost_usd',
  'alerts.cache_hit_rate_min',
  'alerts.repeat_after_mins',
  'alerts.send_resolved',
  'alerts.desktop',
  'alerts.bell',
  'alerts.webhooks',
  'pricing.override_file',
  'pricing.overrides',
  'storage.retain_days',
  'optimizer.applied_presets',
];

/** Every setting with the source `default`; a fresh object. */
export function allDefault(): Record<SettingKey, ConfigSource> {
  // The cast says what fromEntries cannot: the keys are exactly the settings.
  return Object.fromEntries(settingKeys.map((key) => [key, 'default'])) as Record<SettingKey, ConfigSource>;
}

/** The same value, frozen all the way down. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const part of Object.values(value)) deepFreeze(part);
  return Object.freeze(value);
}
