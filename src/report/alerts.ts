import { firingAlerts, recentAlerts, type StoredAlert } from '../store/alerts.ts';
import type { Database } from '../store/driver.ts';
import { projectNames } from '../store/queries/projects.ts';
import { snoozedUntil } from '../store/snoozes.ts';
import type { AlertItem, AlertsJson } from './alert-schema.ts';

/** Alerts that are on and the newest that were. `names`: with session and project. */
export function buildAlerts(
  db: Database,
  options: {
    readonly now: number;
    readonly limit: number;
    readonly names: boolean;
    readonly isPublicModel: (model: string) => boolean;
  },
): AlertsJson {
  const snoozed = snoozedUntil(db, options.now);
  const projects = options.names ? projectNames(db) : undefined;
  const item = (alert: StoredAlert): AlertItem => {
    const { model, provider, session } = alert;
    const until = snoozed.get(alert.uid);
    const project = projects?.get(alert.project)?.name;
    return {
      ...alert.fields,
      id: alert.uid,
      type: alert.type,
      severity: alert.severity as AlertItem['severity'], // a rule's own word
      message: alert.message,
      state: alert.isFiring ? 'firing' : alert.resolvedAt === null ? 'event' : 'resolved',
      first_seen: new Date(alert.firstSeen).toISOString(),
      last_seen: new Date(alert.lastSeen).toISOString(),
      resolved_at: alert.resolvedAt === null ? null : new Date(alert.resolvedAt).toISOString(),
      times: alert.times,
      ...(until === undefined ? {} : { snoozed_until: new Date(until).toISOString() }),
      ...(provider === undefined ? {} : { provider }),
      ...(model !== undefined && (options.names || options.isPublicModel(model)) ? { model } : {}),
      ...(options.names && session !== null ? { session_id: session } : {}),
      ...(project === undefined ? {} : { project }),
    };
  };
  return {
    schema_version: 1,
    generated_at: new Date(options.now).toISOString(),
    firing: firingAlerts(db, options.now).map(item),
    recent: recentAlerts(db, options.limit).map(item),
  };
}
