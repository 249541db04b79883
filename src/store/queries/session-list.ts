import type { Database } from '../driver.ts';
import type { SessionActivity } from './live-sessions.ts';
import { projectIdsNamed } from './projects.ts';

export interface SessionListFilter {
  readonly limit: number;
  /** Only sessions whose newest turn is older, UTC ms. */
  readonly before?: number | undefined;
  readonly provider?: string | undefined;
  /** A display name. */
  readonly project?: string | undefined;
}

/** Top-level sessions by their newest turn, their own or a subagent's, newest first. */
export function sessionsBefore(db: Database, filter: SessionListFilter): readonly SessionActivity[] {
  const conditions = ['s.last_turn_at IS NOT NULL'];
  const values: unknown[] = [];
  if (filter.provider !== undefined) {
    conditions.push('LOWER(s.provider) = ?');
    values.push(filter.provider.toLowerCase());
  }
  if (filter.project !== undefined) {
    conditions.push('s.project_id IN (SELECT value FROM json_each(?))');
    values.push(JSON.stringify(projectIdsNamed(db, [filter.project])));
  }
  const before = filter.before ?? Number.MAX_SAFE_INTEGER;
  // By the index of last turns: a session is met first at its newest, and met again only through its subagents.
  const rows = db
    .prepare<unknown[], SessionActivity>(
      `SELECT s.top_id AS rowId, s.last_turn_at AS lastActivityAt FROM session s
       WHERE ${conditions.join(' AND ')} ORDER BY s.last_turn_at DESC, s.id DESC`,
    )
    .iterate(...values);
  const seen = new Set<number>();
  const found: SessionActivity[] = [];
  for (const row of rows) {
    if (seen.has(row.rowId)) continue;
    seen.add(row.rowId);
    if (row.lastActivityAt >= before) continue;
    found.push(row);
    if (found.length >= filter.limit) break;
  }
  return found;
}

/** Which providers' and models' sessions there are, each in the order of its name; subagents' own do not count. */
export function providersAndModels(
  db: Database,
): readonly { readonly provider: string; readonly model: string | null }[] {
  return db
    .prepare<[], { provider: string; model: string | null }>(
      `SELECT DISTINCT s.provider, m.text AS model FROM session s LEFT JOIN word m ON m.id = s.model_id
       WHERE s.id = s.top_id ORDER BY s.provider, m.text`,
    )
    .all();
}
