import type { Database } from '../driver.ts';
import { bucketOf } from '../rollups.ts';
import { projectNames } from './projects.ts';

/** Models without a price that were used since then, with all their turns so far. */
export function recentUnpriced(
  db: Database,
  sinceMs: number,
): readonly { readonly model: string; readonly provider: string; readonly turns: number }[] {
  // As a rule there are none, which the sums tell without looking at a single turn.
  const some = db.prepare('SELECT 1 FROM rollup WHERE bucket >= ? AND turns > auto_turns LIMIT 1');
  if (some.get(bucketOf(sinceMs)) === undefined) return [];
  return db
    .prepare<[number], { model: string; provider: string; turns: number }>(
      `SELECT m.text AS model, r.provider, SUM(r.turns) AS turns FROM (
         SELECT DISTINCT t.model_id, s.provider FROM turn t JOIN session s ON s.id = t.session_id
         WHERE t.at >= ? AND t.cost_calculated_nano IS NULL AND t.cost_logged_nano IS NULL AND t.quality <> 'partial') u
       JOIN rollup r ON r.model_id = u.model_id AND r.provider = u.provider JOIN word m ON m.id = u.model_id GROUP BY r.provider, r.model_id`,
    )
    .all(sinceMs);
}

/** Logs of which nothing can be read, by provider and why. */
export function logTroubles(
  db: Database,
): readonly { readonly provider: string; readonly reason: 'quarantined' | 'unreadable'; readonly files: number }[] {
  return db
    .prepare<[], { provider: string; reason: 'quarantined' | 'unreadable'; files: number }>(
      `SELECT provider, 'quarantined' AS reason, COUNT(*) AS files FROM source_file
       WHERE quarantined = 1 AND missing_since IS NULL AND provider <> 'original' GROUP BY provider`,
    )
    .all();
}

/** Display name of a session's project; undefined: none is known. */
export function liveProject(db: Database, sessionRowId: number): string | undefined {
  const id = db.prepare<[number], number>('SELECT project_id FROM session WHERE id = ?').pluck().get(sessionRowId);
  return id === undefined ? undefined : projectNames(db).get(id)?.name;
}

/** The session's own id. */
export function sessionIdOf(db: Database, sessionRowId: number): string | undefined {
  return db.prepare<[number], string>('SELECT sid FROM session WHERE id = ?').pluck().get(sessionRowId);
}
