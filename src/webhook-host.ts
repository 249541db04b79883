import { readFileSync } from 'node:fs';
import type { WebhookHost } from './alerts/webhook.ts';
import { expandHome } from './config/paths.ts';

/** Where addresses, secrets and headers of webhooks are found: variables, and files whose name may begin with `~`. */
export function createWebhookHost({ env, home }: Pick<WebhookHost, 'env'> & { readonly home: string }): WebhookHost {
  return {
    env,
    read(path) {
      try {
        return readFileSync(expandHome(path, home, process.platform), 'utf8').trimEnd();
      } catch {
        return undefined;
      }
    },
  };
}
