import { buildInteractions, buildTasks } from '../../report/interactions.ts';
import { newestSessions } from '../../store/queries/live-sessions.ts';
import { sessionDetail } from '../../store/queries/session-detail.ts';
import type { AgentFacts } from '../components/agent-tree.ts';
import { defineQuestion } from '../question.ts';

/** Sessions that can be stepped through. */
const most = 200;
/** Subagents and events looked at; older ones of a very long session are left out. */
const mostTasks = 100;
const mostEvents = 2_000;

export interface AgentsAnswer {
  /** Row ids, newest first. */
  readonly ids: readonly number[];
  /** Of the session asked for, else the newest. */
  readonly facts: AgentFacts | undefined;
}

export default defineQuestion('agents', (db, { rowId }: { readonly rowId: number | undefined }): AgentsAnswer => {
  const ids = newestSessions(db, most).map((session) => session.rowId);
  const wanted = rowId ?? ids[0];
  const detail = wanted === undefined ? undefined : sessionDetail(db, wanted, 1);
  if (detail === undefined) return { ids, facts: undefined };
  const { id, provider, version, model, rowId: row } = detail.facts;
  const head = { rowId: row, id, provider, version, model };
  const tasks = buildTasks(db, head, mostTasks);
  return { ids, facts: { detail, tasks, summary: buildInteractions(db, head, mostEvents).hook_effect_summary } };
});
