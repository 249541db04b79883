import { buildInteractions, buildTasks } from '../../report/interactions.ts';
import type { InteractionsJson } from '../../report/shape.ts';
import { agentTree } from '../../store/queries/agent-tree.ts';
import { newestSessions, sessionUse } from '../../store/queries/live-sessions.ts';
import { toolCosts } from '../../store/queries/tool-costs.ts';
import type { AgentFacts, HookCount } from '../components/agent-tree.ts';
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
  const use = wanted === undefined ? undefined : sessionUse(db, [wanted]).get(wanted);
  if (use === undefined) return { ids, facts: undefined };
  const { id, provider, version, model, rowId: row } = use.facts;
  const head = { rowId: row, id, provider, version, model };
  const { events, hook_effect_summary: summary } = buildInteractions(db, head, mostEvents);
  return {
    ids,
    facts: {
      use,
      tree: agentTree(db, row),
      tools: toolCosts(db, row),
      tasks: buildTasks(db, head, mostTasks),
      hooks: hookCounts(events),
      summary,
    },
  };
});

/** Most runs first. A hook of which begin and end are told ran once. */
function hookCounts(events: InteractionsJson['events']): readonly HookCount[] {
  const runs = new Map<string, number>();
  for (const { kind, phase, correlation_id: act, hook_type, name } of events) {
    if (kind !== 'hook' || (phase === 'complete' && act !== null)) continue;
    const called = hook_type ?? name;
    runs.set(called, (runs.get(called) ?? 0) + 1);
  }
  return [...runs].map(([name, count]) => ({ name, runs: count })).sort((a, b) => b.runs - a.runs);
}
