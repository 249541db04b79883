import type { SessionEvent } from '../../events.ts';
import { knownCount, timeOf } from '../../readers/values.ts';
import type { Context, SessionFacts } from './notes.ts';
import { type Row, rankOf, type UiEvent } from './plan.ts';

/** Says who the session is when that is new. */
export function learnSession(row: Row, context: Context): void {
  const notes = context.state;
  if (row.sessionId !== undefined && row.sessionId !== notes.session) {
    notes.session = row.sessionId;
    notes.facts = undefined;
  }
  const before = notes.facts;
  const facts = {
    cwd: before?.cwd ?? row.cwd,
    branch: row.gitBranch || before?.branch,
    version: row.version ?? before?.version,
    contextWindow: knownCount(row.contextWindowSize) || before?.contextWindow,
  };
  const names = Object.keys(facts) as (keyof SessionFacts)[]; // its own keys
  if (before !== undefined && names.every((name) => facts[name] === before[name])) return;
  notes.facts = facts;
  tellSession({ ...facts, projectHint: facts.cwd === undefined ? notes.projectHint : undefined }, row, context);
}

export function tellSession(facts: Partial<SessionEvent>, row: Row, context: Context): void {
  const { session } = context.state;
  context.emit({ kind: 'session', session, rank: 'own', at: timeOf(row.timestamp), ...facts });
}

export function childSession(agent: string, row: Row, context: Context, event?: UiEvent): string {
  const parent = row.forkedFrom?.sessionId ?? context.state.session;
  const session = `${parent}-agent-${agent}`;
  const agentType = event?.subagent_type ?? event?.subagent_name;
  const at = timeOf(row.timestamp);
  context.emit({
    kind: 'session',
    session,
    parent,
    agentType,
    branch: row.gitBranch || undefined,
    version: row.version,
    rank: rankOf(row),
    at,
  });
  return session;
}
