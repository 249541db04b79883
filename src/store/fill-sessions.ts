import type { Database } from './driver.ts';
import { noTurns, type SessionTally, type Tallies } from './session-tally.ts';
import { inDoubt, type SessionRow } from './sessions.ts';
import type { TagOf } from './tags.ts';

/** The last compaction of a session, and how many there were. */
interface Compactions {
  count: number;
  at: number;
  postTokens: number | null;
}

/**
 * Writes all sessions of a first fill, with what their turns say and the tags rules give them. Of a session whose tally
 * is not sure `last_turn_at` is {@link inDoubt}: that one is worked out from its rows once the indices stand.
 */
export function fillSessions(db: Database, rows: Iterable<SessionRow>, tallies: Tallies, tagOf: TagOf): void {
  const insert = db.prepare(
    `INSERT INTO session (id, provider, sid, parent_id, top_id, project_id, branch_id, version, agent_type, context_window,
      context_told, facts_rank, facts_path, started_at, last_at, last_turn_at, model_id, max_prompt_tokens, compactions,
      context_tokens) VALUES (${Array.from({ length: 20 }, () => '?').join(', ')})`,
  );
  const addTag = db.prepare("INSERT INTO tag (session_id, tag, source) VALUES (?, ?, 'auto')");
  const textOf = createTextLookup(db);
  const compactions = readCompactions(db);
  const tops: SessionRow[] = [];
  /** By the top of the conversation. */
  const calls: (number[] | undefined)[] = [];
  for (const row of rows) {
    const tally = tallies.of(row.id);
    const said = derive(row, tally, compactions.get(row.id));
    insert.run(
      row.id,
      row.provider,
      row.sid,
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
      said.lastTurnAt,
      said.modelId,
      said.maxPromptTokens,
      said.compactions,
      said.contextTokens,
    );
    if (row.topId === row.id) tops.push(row);
    if (tally !== undefined) addTo((calls[row.topId] ??= []), tally.calls);
  }
  for (const { id, provider, branchId } of tops) {
    const named = new Map<string, number>();
    calls[id]?.forEach((times, number) => {
      const name = times > 0 ? textOf(tallies.nameOf(number)) : undefined;
      if (name !== undefined) named.set(name, times);
    });
    const tag = tagOf({ provider, branch: textOf(branchId), calls: named });
    if (tag !== undefined) addTag.run(id, tag);
  }
}

/** The same as the statement in `sessions.ts` says of the rows. */
function derive(row: SessionRow, tally: SessionTally | undefined, compacted: Compactions | undefined) {
  const compactions = compacted?.count ?? 0;
  const { main, side } = tally ?? nothing;
  const isChild = row.parentId !== null;
  const last = isChild && main.turns === 0 ? side : main;
  const later = side.at > main.at ? side : main;
  const largest = isChild && side.maxPromptTokens > main.maxPromptTokens ? side : main;
  const isVoid = compacted !== undefined && compacted.at >= (last.turns > 0 ? last.at : 0);
  const isSure = last.isLastSure && later.isLastSure && largest.isMaxSure;
  return {
    lastTurnAt: !isSure ? inDoubt : later.turns > 0 ? later.at : null,
    modelId: last.modelId,
    maxPromptTokens: largest.maxPromptTokens,
    compactions,
    contextTokens: row.contextTold ?? (isVoid ? compacted.postTokens : last.contextTokens || null),
  };
}

const nothing = { main: noTurns, side: noTurns };

function readCompactions(db: Database): ReadonlyMap<number, Compactions> {
  const all = db
    .prepare<[], [number, number, number | null]>(
      "SELECT session_id, at, post_tokens FROM event WHERE kind = 'compaction' ORDER BY id",
    )
    .raw()
    .iterate() as IterableIterator<unknown> as IterableIterator<[number, number, number | null]>; // rows are arrays: raw
  const bySession = new Map<number, Compactions>();
  for (const [sessionId, at, postTokens] of all) {
    const known = bySession.get(sessionId);
    if (known === undefined) bySession.set(sessionId, { count: 1, at, postTokens });
    else {
      known.count++;
      if (at >= known.at) Object.assign(known, { at, postTokens });
    }
  }
  return bySession;
}

function addTo(sums: number[], calls: readonly number[]): void {
  for (let number = 0; number < calls.length; number++) sums[number] = (sums[number] ?? 0) + (calls[number] ?? 0);
}

function createTextLookup(db: Database): (id: number) => string | undefined {
  const find = db.prepare<[number], string>('SELECT text FROM word WHERE id = ?').pluck();
  const known: (string | undefined)[] = [];
  return (id) => (id === 0 ? undefined : (known[id] ??= find.get(id)));
}
