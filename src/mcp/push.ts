import { recentAlerts, type StoredAlert } from '../store/alerts.ts';
import type { Database } from '../store/driver.ts';
import type { ProtocolServer } from './protocol.ts';

/** Alerts as notifications: each telling once, and of other people's sessions none. */
export interface AlertPush {
  look(db: Database, own: { readonly project: number | undefined; readonly sessionRowId: number | undefined }): void;
}

/** How many alerts of before the start are looked at, and how old one may be. */
const lookBack = { count: 100, ms: 15 * 60 * 1000 };

export function createAlertPush(server: Pick<ProtocolServer, 'notify' | 'log'>, now: () => number): AlertPush {
  const told = new Map<string, number>();
  return {
    look(db, own) {
      for (const alert of recentAlerts(db, lookBack.count, now() - lookBack.ms).toReversed()) {
        if (told.get(alert.uid) === alert.times) continue;
        if (alert.resolvedAt !== null || !concerns(alert, own)) continue;
        told.set(alert.uid, alert.times);
        tell(server, alert);
      }
    },
  };
}

function concerns(
  alert: StoredAlert,
  own: { readonly project: number | undefined; readonly sessionRowId: number | undefined },
): boolean {
  if (alert.sessionId === 0) return true;
  return alert.sessionId === own.sessionRowId || (own.project !== undefined && alert.project === own.project);
}

function tell(server: Pick<ProtocolServer, 'notify' | 'log'>, alert: StoredAlert): void {
  const { severity } = alert;
  const params = { ...alert.fields, type: alert.type, severity, message: alert.message };
  server.notify('notifications/scopeon/alert', params);
  server.log(severity === 'critical' || severity === 'warning' ? severity : 'info', params);
}
