import type { Database } from '../store/driver.ts';
import { putOutbox } from '../store/outbox.ts';
import { liveProject, sessionIdOf } from '../store/queries/alert-facts.ts';
import type { Notification } from './engine.ts';
import { alertParams } from './payload.ts';
import { type Webhook, wants } from './webhook.ts';

/** Puts an alert into the box for each webhook that wants it, with the names that webhook may have. */
export function enqueue(
  db: Database,
  notification: Notification,
  options: {
    readonly webhooks: ReadonlyMap<string, Webhook>;
    readonly isPublicModel: (model: string) => boolean;
    readonly host: string;
  },
): void {
  const { sessionId } = notification;
  const project = sessionId === 0 ? budgetProject(notification) : liveProject(db, sessionId);
  for (const [key, webhook] of options.webhooks) {
    if (!wants(webhook, { ...notification, project })) continue;
    const { include } = webhook.settings;
    const params = alertParams(notification, options.isPublicModel, {
      session_id: include.includes('session_id') && sessionId !== 0 ? sessionIdOf(db, sessionId) : undefined,
      project: include.includes('project') ? project : undefined,
      host: include.includes('host') ? options.host : undefined,
    });
    putOutbox(
      db,
      {
        uid: notification.uid,
        webhook: key,
        notification: JSON.stringify(params),
        severity: notification.severity,
      },
      notification.at,
    );
  }
}

/** A project's budget is that project's alert. */
function budgetProject({ type, scope }: Notification): string | undefined {
  return type === 'budget_warning' ? /^project:(.*):(?:daily|weekly|monthly)$/s.exec(scope)?.[1] : undefined;
}
