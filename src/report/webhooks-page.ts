import { truncateToWidth } from '../display.ts';
import { countOf } from './format.ts';
import type { Palette } from './palette.ts';
import { fitFacts } from './wrap.ts';

/** A webhook as `scopeon webhook list --json` shows it; its address without what is secret in it. */
export interface WebhookListItem {
  readonly index: number;
  readonly address: string | null;
  readonly format: string | null;
  readonly trouble: string | null;
  readonly paused_until: string | null;
  readonly last_ok_at: string | null;
  readonly last_failed_at: string | null;
  readonly waiting: number;
  readonly sent: number;
  readonly dead: readonly {
    readonly id: number;
    readonly severity: string;
    readonly error: string | null;
    readonly created_at: string;
    readonly attempts: number;
  }[];
}

/** Webhooks and what was given up. Ends in a newline; no line is wider than `width`. */
export function renderWebhooks(
  webhooks: readonly WebhookListItem[],
  { width, palette }: { readonly width: number; readonly palette: Palette },
): string {
  if (webhooks.length === 0) {
    const words = 'No webhook is set. config.example.toml shows how, at [[alerts.webhooks]].';
    return `\n ${truncateToWidth(words, width - 2)}\n\n`;
  }
  const blocks = webhooks.map((webhook) => {
    const state =
      webhook.trouble ?? (webhook.paused_until === null ? undefined : `paused until ${webhook.paused_until}`);
    const counts = [countOf(webhook.sent, 'sent', 'sent'), countOf(webhook.waiting, 'waiting', 'waiting')];
    return [
      ` ${palette.bold(String(webhook.index))}  ${fitFacts([webhook.address ?? 'no address', webhook.format ?? 'by its host'], width - 6)}`,
      ...(state === undefined ? [] : [`    ${palette.yellow(truncateToWidth(state, width - 5))}`]),
      `    ${palette.dim(fitFacts([...counts, `last taken ${webhook.last_ok_at ?? 'never'}`], width - 5))}`,
      ...webhook.dead.map(
        (item) =>
          `    ${palette.red(fitFacts([`given up: ${item.id}`, item.error ?? '', item.severity, item.created_at], width - 5))}`,
      ),
    ].join('\n');
  });
  return `\n${blocks.join('\n\n')}\n\n`;
}
