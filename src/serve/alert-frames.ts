import { buildAlerts } from '../report/alerts.ts';
import type { RouteDeps } from './route.ts';
import type { AlertFrame } from './snapshot.ts';

/** How many of the newest alerts are looked at. */
const lookBack = 100;

/** Alerts told since the last time of asking, oldest first; at tier 1 without names. */
export function createAlertFrames(): (deps: RouteDeps) => readonly AlertFrame[] {
  const told = new Map<string, number>();
  return (deps) => {
    const { recent } = buildAlerts(deps.db, {
      now: deps.now,
      limit: lookBack,
      names: deps.tier >= 2,
      isPublicModel: deps.isPublicModel,
    });
    const news = recent.filter(({ id, times, state }) => told.get(id) !== times && state !== 'resolved');
    told.clear(); // what has left the newest is not told again: it would have to be seen again first
    for (const { id, times } of recent) told.set(id, times);
    return news
      .toReversed()
      .map((alert) => ({ type: 'alert', alert: JSON.stringify({ ...alert, type: 'alert', alert_type: alert.type }) }));
  };
}
