import { cleanName } from './clean.ts';
import type { Database } from './driver.ts';
import { readMeta, writeMeta } from './meta.ts';

/** The tag rules give a session, by how often its tools were called and by its branch. Handed in by ingest. */
export type TagOf = (session: {
  readonly provider: string;
  readonly branch: string | undefined;
  readonly calls: ReadonlyMap<string, number>;
}) => string | undefined;

/** Stands for "no tags at all": somebody took them away, and rules leave the session alone. */
const none = '';

/** Replaces a session's tags, all at once. From then on rules give it none, also where the list is empty. */
export function setTags(db: Database, sessionRowId: number, tags: readonly string[]): void {
  const forget = db.prepare('DELETE FROM tag WHERE session_id = ?');
  const add = db.prepare("INSERT INTO tag (session_id, tag, source) VALUES (?, ?, 'manual')");
  db.transaction(() => {
    forget.run(sessionRowId);
    for (const tag of tags.length === 0 ? [none] : tags) add.run(sessionRowId, tag);
  })();
}

/**
 * Gives conversations the tags another program kept of their sessions; returns how many got some. Whom the user has tagged
 * here keeps what it has. That program did not tell typed tags from those of rules: what ours give as well stays theirs.
 */
export function takeOverTags(
  db: Database,
  sessions: Iterable<{ readonly provider: string; readonly session: string; readonly tags: readonly string[] }>,
): number {
  const find = db
    .prepare<[string, string], number>('SELECT top_id FROM session WHERE provider = ? AND sid = ?')
    .pluck();
  const current = db.prepare<[number], { tag: string; source: string }>(
    'SELECT tag, source FROM tag WHERE session_id = ?',
  );
  const byTop = new Map<number, Set<string>>();
  for (const { provider, session, tags } of sessions) {
    const top = tags.length === 0 ? undefined : find.get(provider, cleanName(session));
    if (top !== undefined) byTop.set(top, new Set([...(byTop.get(top) ?? []), ...tags]));
  }
  let given = 0;
  for (const [top, tags] of byTop) {
    const there = current.all(top);
    const isKnown = tags.size === there.length && there.every(({ tag }) => tags.has(tag));
    if (isKnown || there.some(({ source }) => source === 'manual')) continue;
    setTags(db, top, [...tags]);
    given++;
  }
  return given;
}

/**
 * Works out again which tag rules give the conversations of these sessions. It belongs to the top of each and to no
 * session somebody tagged. Runs in the caller's transaction.
 */
export function createTagger(db: Database, tagOf: TagOf): (sessionIds: Iterable<number>) => void {
  const find = db.prepare<[number], { isTop: number; provider: string; branch: string | null; isManual: number }>(
    `SELECT s.top_id = s.id AS isTop, s.provider, b.text AS branch,
      EXISTS (SELECT 1 FROM tag WHERE session_id = s.id AND source = 'manual') AS isManual
     FROM session s LEFT JOIN word b ON b.id = s.branch_id WHERE s.id = ?`,
  );
  const callsOf = db
    .prepare<[number, number], [name: string, calls: number]>(
      `SELECT w.text, SUM(calls) FROM (
        SELECT c.name_id, COUNT(*) AS calls FROM session s JOIN turn t ON t.session_id = s.id
          JOIN tool_call c ON c.turn_id = t.id WHERE s.top_id = ? GROUP BY 1
        UNION ALL SELECT c.name_id, COUNT(*) FROM session s JOIN session_call c ON c.session_id = s.id
          WHERE s.top_id = ? GROUP BY 1) JOIN word w ON w.id = name_id GROUP BY 1`,
    )
    .raw();
  const current = db.prepare<[number], string>("SELECT tag FROM tag WHERE session_id = ? AND source = 'auto'").pluck();
  const forget = db.prepare("DELETE FROM tag WHERE session_id = ? AND source = 'auto'");
  const add = db.prepare("INSERT INTO tag (session_id, tag, source) VALUES (?, ?, 'auto')");
  const wantedOf = (id: number): string | undefined => {
    const session = find.get(id);
    if (session === undefined || session.isTop === 0 || session.isManual === 1) return undefined;
    const calls = new Map(callsOf.all(id, id) as unknown as [string, number][]); // rows are arrays: raw
    return tagOf({ provider: session.provider, branch: session.branch ?? undefined, calls });
  };
  return (sessionIds) => {
    for (const id of new Set(sessionIds)) {
      const wanted = wantedOf(id);
      const there = current.get(id);
      if (wanted === there) continue;
      if (there !== undefined) forget.run(id);
      if (wanted !== undefined) add.run(id, wanted);
    }
  };
}

/** Tags every session by the rules, once for each edition of them: a store that is new, or of an older program. */
export function tagAll(db: Database, tagOf: TagOf, rules: string): void {
  if (readMeta(db, 'tag_rules') === rules) return;
  const tag = createTagger(db, tagOf);
  db.transaction(() => {
    tag(db.prepare<[], number>('SELECT id FROM session WHERE top_id = id').pluck().all());
    noteRules(db, rules);
  }).immediate();
}

/** Every session has the tags that this edition of the rules gives it. */
export function noteRules(db: Database, rules: string): void {
  writeMeta(db, 'tag_rules', rules);
}
