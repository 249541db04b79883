import { randomUUID } from 'node:crypto';
import { postItem } from './alerts/deliver.ts';
import { type FormatModule, formatFor } from './alerts/format.ts';
import type { AlertParams } from './alerts/payload.ts';
import { resolveWebhook, type Webhook } from './alerts/webhook.ts';
import type { CommandContext } from './command.ts';
import { displaySafe } from './display.ts';
import { ScopeonError } from './errors.ts';
import { loadMembers } from './members.ts';
import { createWebhookHost } from './webhook-host.ts';

/** A webhook of the settings, by its number there, or why it is not used. */
export interface WebhookEntry {
  readonly index: number;
  readonly webhook: Webhook | undefined;
  readonly trouble: string | undefined;
}

export async function webhookEntries(context: CommandContext): Promise<readonly WebhookEntry[]> {
  const { config } = await context.config();
  const host = createWebhookHost(context);
  return config.alerts.webhooks.map((settings, index) => {
    const found = resolveWebhook(settings, host);
    return 'trouble' in found
      ? { index, webhook: undefined, trouble: found.trouble }
      : { index, webhook: found, trouble: undefined };
  });
}

/** An alert of that type which nothing raised. @throws ScopeonError `usage` when it can be no type */
export function madeUpAlert(type: string, now: number): AlertParams {
  if (!/^[a-z_]{1,64}$/.test(type)) throw new ScopeonError('usage', `"${type}" is no type of alert.`);
  return {
    type,
    severity: 'info',
    message: 'This is a test: the alert is made up.',
    id: randomUUID(),
    ts: new Date(now).toISOString(),
    state: 'firing',
    fill_pct: 82,
  };
}

/** Sends it to each, or shows what would be sent; a line for each of what came of it. */
export async function tryWebhooks(
  entries: readonly WebhookEntry[],
  alert: AlertParams,
  { now, dryRun }: { readonly now: () => number; readonly dryRun: boolean },
): Promise<{ readonly isOk: boolean; readonly lines: readonly string[] }> {
  const formats = await loadMembers<FormatModule>('alerts/formats');
  const lines: string[] = [];
  let isOk = true;
  for (const { index, webhook, trouble } of entries) {
    if (webhook === undefined) {
      isOk = false;
      lines.push(`webhook ${index}: not used, ${trouble}`);
      continue;
    }
    if (dryRun) {
      const format = formatFor(formats, webhook.settings.format, webhook.url.hostname);
      const { body } = format.of(alert, { routingKey: '…', template: webhook.settings.template });
      lines.push(`webhook ${index}: POST ${webhook.shown}`, displaySafe(body, 16_384));
      continue;
    }
    const outcome = await postItem(webhook, { uid: alert.id, notification: JSON.stringify(alert) }, { formats, now });
    const isTaken = outcome.kind === 'answered' && outcome.status >= 200 && outcome.status < 300;
    isOk &&= isTaken;
    const words = outcome.kind === 'answered' ? `answered ${outcome.status}` : outcome.error;
    lines.push(`webhook ${index}: ${webhook.shown} ${isTaken ? 'took it' : 'failed'}: ${words}`);
  }
  return { isOk, lines };
}
