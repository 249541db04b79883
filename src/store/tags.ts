import type { Database } from './driver.ts';

/** Replaces the tags somebody gave a session, all at once; those found by rules stay. */
export function setTags(db: Database, sessionRowId: number, tags: readonly string[]): void {
  const forget = db.prepare("DELETE FROM tag WHERE session_id = ? AND source = 'manual'");
  const add = db.prepare(
    "INSERT INTO tag (session_id, tag, source) VALUES (?, ?, 'manual') ON CONFLICT DO UPDATE SET source = 'manual'",
  );
  db.transaction(() => {
    forget.run(sessionRowId);
    for (const tag of tags) add.run(sessionRowId, tag);
  })();
}
