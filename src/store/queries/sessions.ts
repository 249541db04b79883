import type { Database } from '../driver.ts';
import { projectNames } from './projects.ts';

/** What is known of a session besides its sums. Times are UTC ms. */
export interface SessionFacts {
  readonly rowId: number;
  readonly id: string;
  readonly provider: string;
  readonly version: string | null;
  readonly project: string | null;
  readonly projectRoot: string | null;
  readonly branch: string | null;
  readonly model: string | null;
  readonly agentType: string | null;
  readonly startedAt: number | null;
  readonly lastTurnAt: number | null;
  /** Tokens the next request starts from; null after a compaction nobody has answered yet. */
  readonly contextTokens: number | null;
  /** The window the log itself reports. */
  readonly reportedWindow: number | null;
  /** Largest prompt of the main chain. */
  readonly maxPromptTokens: number;
  readonly compactions: number;
  readonly parentId: string | null;
  readonly subagents: number;
  readonly tags: readonly string[];
  readonly imported: boolean;
}

interface FactsRow extends Omit<SessionFacts, 'project' | 'projectRoot' | 'tags' | 'imported'> {
  readonly projectId: number;
  readonly tags: string;
  readonly imported: number;
}

const select = `SELECT s.id AS rowId, s.sid AS id, s.provider, s.version, s.project_id AS projectId, b.text AS branch, m.text AS model,
    s.agent_type AS agentType, s.started_at AS startedAt, s.last_turn_at AS lastTurnAt, s.context_tokens AS contextTokens,
    s.context_window AS reportedWindow, s.max_prompt_tokens AS maxPromptTokens, s.compactions, p.sid AS parentId, s.imported,
    (SELECT COUNT(*) FROM session c WHERE c.parent_id = s.id) AS subagents,
    (SELECT json_group_array(tag) FROM tag WHERE session_id = s.id AND tag <> '') AS tags
  FROM session s LEFT JOIN word b ON b.id = s.branch_id LEFT JOIN word m ON m.id = s.model_id LEFT JOIN session p ON p.id = s.parent_id`;

/** Facts of the given sessions by row id. */
export function sessionFacts(db: Database, rowIds: readonly number[]): ReadonlyMap<number, SessionFacts> {
  const rows = db
    .prepare<[string], FactsRow>(`${select} WHERE s.id IN (SELECT value FROM json_each(?))`)
    .all(JSON.stringify(rowIds));
  const projects = projectNames(db);
  return new Map(
    rows.map(({ projectId, tags, imported, ...row }) => {
      const project = projects.get(projectId);
      const names: string[] = JSON.parse(tags); // json_group_array of a text column
      return [
        row.rowId,
        {
          ...row,
          project: project?.name ?? null,
          projectRoot: project?.root ?? null,
          tags: names,
          imported: imported === 1,
        },
      ];
    }),
  );
}

/** A session counts as live this long after a turn, its own or a subagent's. */
export const liveMs = 15 * 60 * 1000;
/** A turn further ahead than this was written by a broken clock: its session is not the present one. */
const aheadMs = 24 * 60 * 60 * 1000;

/**
 * The top-level session with the newest turn, its own or a subagent's, and how many are live. Undefined: no session
 * has a turn.
 */
export function currentSession(
  db: Database,
  now: number,
): { readonly rowId: number; readonly lastActivityAt: number; readonly live: number } | undefined {
  const newest = db
    .prepare<[number], { rowId: number; at: number }>(
      'SELECT top_id AS rowId, last_turn_at AS at FROM session WHERE last_turn_at <= ? ORDER BY last_turn_at DESC LIMIT 1',
    )
    .get(now + aheadMs);
  if (newest === undefined) return undefined;
  const live =
    db
      .prepare<[number, number], { n: number }>(
        'SELECT COUNT(DISTINCT top_id) AS n FROM session WHERE last_turn_at > ? AND last_turn_at <= ?',
      )
      .get(now - liveMs, now + aheadMs)?.n ?? 0;
  return { rowId: newest.rowId, lastActivityAt: newest.at, live };
}

/** Row id of the top-level session with the newest turn, its own or a subagent's, of a project and a provider or any. */
export function newestTopSession(
  db: Database,
  of: { readonly now: number; readonly project: number | undefined; readonly provider: string | undefined },
): number | undefined {
  const byProject = of.project === undefined ? '' : 'AND t.project_id = ?';
  const byProvider = of.provider === undefined ? '' : 'AND t.provider = ?';
  return db
    .prepare<unknown[], number>(
      `SELECT s.top_id FROM session s JOIN session t ON t.id = s.top_id
       WHERE s.last_turn_at <= ? ${byProject} ${byProvider} ORDER BY s.last_turn_at DESC LIMIT 1`,
    )
    .pluck()
    .get(
      of.now + aheadMs,
      ...(of.project === undefined ? [] : [of.project]),
      ...(of.provider === undefined ? [] : [of.provider]),
    );
}

/** Row id of the one top-level session with this id, or whose id alone begins so; a subagent's id leads to its parent. */
export function topSessionNamed(db: Database, id: string): number | undefined {
  const exact = db.prepare<[string], number>('SELECT top_id FROM session WHERE sid = ?').pluck().all(id);
  if (exact.length > 0) return exact[0];
  const found = db
    .prepare<[string, string], number>(
      'SELECT DISTINCT top_id FROM session WHERE SUBSTR(sid, 1, LENGTH(?)) = ? LIMIT 2',
    )
    .pluck()
    .all(id, id);
  return found.length === 1 ? found[0] : undefined;
}
