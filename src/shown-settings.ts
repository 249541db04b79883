import { readFileSync } from 'node:fs';
import { resolveWebhook } from './alerts/webhook.ts';
import { settingKeys } from './config/defaults.ts';
import { expandHome } from './config/paths.ts';
import { type LoadedConfig, warningText } from './config.ts';
import type { Settings } from './tui/tab.ts';

type Webhook = LoadedConfig['config']['alerts']['webhooks'][number];

/** Every setting as it may be shown: webhooks by host and a hash, tables by the names in them. Never a secret or a header. */
export function shownSettings(
  { config, sources, warnings, paths }: Pick<LoadedConfig, 'config' | 'sources' | 'warnings' | 'paths'>,
  host: { readonly env: Readonly<Record<string, string | undefined>>; readonly home: string },
): Settings {
  return {
    file: paths.config,
    lines: settingKeys.map((name) => {
      const [section = '', key = ''] = name.split('.');
      const value = (config as Readonly<Record<string, Readonly<Record<string, unknown>>>>)[section]?.[key]; // keys of the schema
      const isWebhooks = name === 'alerts.webhooks';
      return {
        name,
        value: isWebhooks ? config.alerts.webhooks.map((each) => address(each, host)).join(', ') : valueText(value),
        source: sources[name],
      };
    }),
    warnings: warnings.map(warningText),
  };
}

function valueText(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (Array.isArray(value)) return value.map(String).join(', ');
  return typeof value === 'object' ? Object.keys(value).join(', ') : String(value);
}

function address(webhook: Webhook, { env, home }: Parameters<typeof shownSettings>[1]): string {
  const read = (path: string): string | undefined => {
    try {
      return readFileSync(expandHome(path, home, process.platform), 'utf8').trimEnd();
    } catch {
      return undefined;
    }
  };
  const found = resolveWebhook(webhook, { env, read });
  return 'trouble' in found ? `not used: ${found.trouble}` : found.shown;
}
