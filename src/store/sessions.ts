import type { SessionEvent } from '../events.ts';
import { cleanName } from './clean.ts';
import type { Database } from './driver.ts';
import type { SessionPlace } from './rollups.ts';
import type { Words } from './words.ts';

/** A row of `session` while it is being worked on; what its turns say is worked out apart. */
export interface SessionRow {
  readonly id: number;
  readonly provider: string;
  readonly sid: string;
  parentId: number | null;
  topId: number;
  projectId: number;
  /** The project is only what the provider's folder is called: 1; a directory the log names: 0. */
  isProjectHint: number;
  branchId: number;
  version: string | null;
  agentType: string | null;
  contextWindow: number | null;
  contextTold: number | null;
  factsRank: number;
  factsPath: string;
  startedAt: number | null;
  lastAt: number | null;
  dirty: boolean;
  /** Made in this batch: the store has no figures of it yet. */
  fresh: boolean;
  /** A subagent was adopted by it in this batch. */
  hasChildren: boolean;
}

/** Sessions as one batch sees them: looked up once, changed in memory, written at its end. */
export interface Sessions {
  /** Row id of a conversation; made when it is new. */
  idOf(provider: string, sid: string): number;
  /** Takes facts over; returns where the session's figures were when that changed. */
  learn(
    provider: string,
    event: SessionEvent,
    path: string,
    projectId: number,
  ): { id: number; from: SessionPlace } | undefined;
  sawAt(id: number, at: number): void;
  placeOf(id: number): SessionPlace;
  /** Writes what changed, works out again what the given sessions' last turns say, and has all of them tagged. */
  flush(touched: ReadonlySet<number>): void;
  /** Those known, in the order of their ids. */
  all(): Iterable<SessionRow>;
  forget(): void;
}

/** `fillsNew`: nothing is in the store yet, and none of it is written here: ids are given out in turn. */
export function createSessions(
  db: Database,
  words: Words,
  { tag, fillsNew }: { readonly tag: (ids: Iterable<number>) => void; readonly fillsNew: boolean },
): Sessions {
  const byId = new Map<number, SessionRow>();
  const bySid = new Map<string, SessionRow>();
  const columns = `id, provider, sid, parent_id AS parentId, top_id AS topId, project_id AS projectId, branch_id AS branchId,
    version, agent_type AS agentType, context_window AS contextWindow, context_told AS contextTold, facts_rank AS factsRank, facts_path AS factsPath,
    started_at AS startedAt, last_at AS lastAt, NOT EXISTS (SELECT 1 FROM project_cwd c WHERE c.project_id = session.project_id) AS isProjectHint`;
  const findBySid = db.prepare<[string, string], SessionRow>(
    `SELECT ${columns} FROM session WHERE provider = ? AND sid = ?`,
  );
  const findById = db.prepare<[number], SessionRow>(`SELECT ${columns} FROM session WHERE id = ?`);
  const insert = db.prepare<[string, string]>('INSERT INTO session (provider, sid, top_id) VALUES (?, ?, 0)');
  const update = db.prepare(
    `UPDATE session SET parent_id = ?, top_id = ?, project_id = ?, branch_id = ?, version = ?, agent_type = ?,
     context_window = ?, context_told = ?, facts_rank = ?, facts_path = ?, started_at = ?, last_at = ? WHERE id = ?`,
  );
  const moveChildren = db.prepare('UPDATE session SET top_id = ? WHERE top_id = ?');
  const derive = db.prepare(deriveSql('id = ?'));

  function remember(row: SessionRow): SessionRow {
    row.dirty = false;
    row.fresh = false;
    row.hasChildren = false;
    byId.set(row.id, row);
    bySid.set(`${row.provider}\0${row.sid}`, row);
    return row;
  }

  let last: { readonly provider: string; readonly rawSid: string; readonly row: SessionRow } | undefined;

  /** Events come in runs of one session. */
  function rowOf(provider: string, rawSid: string): SessionRow {
    if (last?.rawSid !== rawSid || last.provider !== provider)
      last = { provider, rawSid, row: lookUp(provider, cleanName(rawSid)) };
    return last.row;
  }

  function lookUp(provider: string, sid: string): SessionRow {
    const known = bySid.get(`${provider}\0${sid}`) ?? (fillsNew ? undefined : findBySid.get(provider, sid));
    if (known !== undefined) return byId.get(known.id) ?? remember(known);
    const id = fillsNew ? byId.size + 1 : Number(insert.run(provider, sid).lastInsertRowid);
    const row = remember({
      id,
      provider,
      sid,
      parentId: null,
      topId: id,
      projectId: 0,
      isProjectHint: 1,
      branchId: 0,
      version: null,
      agentType: null,
      contextWindow: null,
      contextTold: null,
      factsRank: 9,
      factsPath: '',
      startedAt: null,
      lastAt: null,
      dirty: true,
      fresh: true,
      hasChildren: false,
    });
    row.dirty = true;
    row.fresh = true;
    return row;
  }

  function rowById(id: number): SessionRow {
    if (last?.row.id === id) return last.row;
    const known = byId.get(id);
    if (known !== undefined) return known;
    const row = findById.get(id);
    if (row === undefined) throw new Error(`no session ${id}`);
    return remember(row);
  }

  function adopt(row: SessionRow, parent: SessionRow): void {
    if (row.parentId !== null || parent.topId === row.id || parent.id === row.id) return;
    row.parentId = parent.id;
    parent.hasChildren = true;
    if (row.hasChildren || !row.fresh) {
      // Whatever stood below it goes along to the new top.
      if (!fillsNew) moveChildren.run(parent.topId, row.id);
      for (const other of byId.values()) {
        if (other.topId !== row.id) continue;
        other.topId = parent.topId;
        other.dirty = true;
      }
    }
    row.topId = parent.topId;
    row.dirty = true;
  }

  return {
    idOf: (provider, sid) => rowOf(provider, sid).id,
    learn(provider, event, path, projectId) {
      const row = rowOf(provider, event.session);
      if (event.parent !== undefined) adopt(row, rowOf(provider, event.parent));
      const rank = event.rank === 'own' ? 0 : 1;
      const wins = rank < row.factsRank || (rank === row.factsRank && path <= row.factsPath);
      const first = wins && (rank !== row.factsRank || path !== row.factsPath);
      const from = { provider: row.provider, projectId: row.projectId };
      const take = <T>(mine: T | null, theirs: T | undefined): T | null =>
        theirs === undefined ? mine : wins || mine === null ? theirs : mine;
      row.version = take(row.version, event.version && cleanName(event.version));
      row.agentType = take(row.agentType, event.agentType && cleanName(event.agentType));
      row.contextWindow = take(row.contextWindow, event.contextWindow);
      row.contextTold = take(row.contextTold, event.contextTokens);
      if (event.branch !== undefined && (wins || row.branchId === 0)) row.branchId = words.idOf(event.branch);
      // The project is where the work began: later folders of the same file do not move it. Any folder beats a hint.
      const isHint = event.cwd === undefined ? 1 : 0;
      if (
        projectId !== 0 &&
        (row.projectId === 0 || isHint < row.isProjectHint || (first && isHint === row.isProjectHint))
      ) {
        row.projectId = projectId;
        row.isProjectHint = isHint;
      }
      if (wins) {
        row.factsRank = rank;
        row.factsPath = path;
      }
      row.dirty = true;
      return row.projectId === from.projectId || row.fresh ? undefined : { id: row.id, from };
    },
    sawAt(id, at) {
      const row = rowById(id);
      if (row.startedAt === null || at < row.startedAt) {
        row.startedAt = at;
        row.dirty = true;
      }
      if (row.lastAt === null || at > row.lastAt) {
        row.lastAt = at;
        row.dirty = true;
      }
    },
    placeOf(id) {
      const row = rowById(id);
      return { provider: row.provider, projectId: row.projectId };
    },
    flush(touched) {
      if (fillsNew) return;
      const changed = new Set<number>();
      for (const row of byId.values()) {
        row.fresh = false;
        if (!row.dirty) continue;
        row.dirty = false;
        changed.add(row.id).add(row.topId);
        update.run(
          row.parentId,
          row.topId,
          row.projectId,
          row.branchId,
          row.version,
          row.agentType,
          row.contextWindow,
          row.contextTold,
          row.factsRank,
          row.factsPath,
          row.startedAt,
          row.lastAt,
          row.id,
        );
      }
      for (const id of touched) {
        derive.run(id);
        changed.add(id).add(rowById(id).topId);
      }
      tag(changed);
    },
    all: () => byId.values(),
    forget() {
      last = undefined;
      byId.clear();
      bySid.clear();
    },
  };
}

/** Stands in `last_turn_at` while a first fill does not know what a session's turns say. */
export const inDoubt = -1;

/** Works that out from the rows, when the indices stand. */
export function deriveDoubtful(db: Database): void {
  db.prepare(deriveSql('last_turn_at = ?')).run(inDoubt);
}

/**
 * Last turn, model and fill of the main chain, from the rows, so that no reading order shows through; a fill of 0 was not
 * told. A compaction after the last turn voids the fill: what the mark says came of it, else unknown. A log that keeps the
 * fill itself is believed.
 */
function deriveSql(where: string): string {
  const lastMain = (column: string): string =>
    `(SELECT ${column} FROM turn t WHERE t.session_id = session.id AND t.sidechain = (session.parent_id IS NOT NULL
       AND NOT EXISTS (SELECT 1 FROM turn m WHERE m.session_id = session.id AND m.sidechain = 0))
      ORDER BY t.at DESC, t.context_tokens DESC LIMIT 1)`;
  return `UPDATE session SET
    last_turn_at = (SELECT MAX(at) FROM turn WHERE session_id = session.id),
    model_id = COALESCE(${lastMain('t.model_id')}, 0),
    max_prompt_tokens = COALESCE((SELECT MAX(prompt_tokens) FROM turn WHERE session_id = session.id AND
      context_tokens > 0 AND (sidechain = 0 OR session.parent_id IS NOT NULL)), 0),
    compactions = (SELECT COUNT(*) FROM event WHERE session_id = session.id AND kind = 'compaction'),
    context_tokens = COALESCE(context_told, CASE
      WHEN (SELECT MAX(at) FROM event WHERE session_id = session.id AND kind = 'compaction') >=
           COALESCE(${lastMain('t.at')}, 0)
      THEN (SELECT post_tokens FROM event WHERE session_id = session.id AND kind = 'compaction'
            ORDER BY at DESC LIMIT 1)
      ELSE NULLIF(${lastMain('t.context_tokens')}, 0) END)
    WHERE ${where}`;
}
