import type { Database } from './driver.ts';

/** Until when alerts are not to be shown, UTC ms, by their lasting ids; those of which the time is over are not among them. */
export function snoozedUntil(db: Database, now: number): ReadonlyMap<string, number> {
  const rows = db.prepare<[number], [string, number]>('SELECT uid, until FROM snooze WHERE until > ?').raw().all(now);
  return new Map(rows as unknown as [string, number][]); // rows are arrays: raw
}

/** These alerts are not to be shown until then, UTC ms; `undefined`: from now on they are. */
export function snoozeAlerts(db: Database, uids: readonly string[], until: number | undefined, now: number): void {
  const forget = db.prepare('DELETE FROM snooze WHERE uid = ? OR until <= ?');
  const add = db.prepare('INSERT INTO snooze (uid, until) VALUES (?, ?)');
  db.transaction(() => {
    for (const uid of uids) {
      forget.run(uid, now);
      if (until !== undefined) add.run(uid, until);
    }
  }).immediate();
}
