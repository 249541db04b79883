import { timeOf } from '../../readers/values.ts';
import { type Context, childSession, type Notes } from './notes.ts';
import type { Row } from './plan.ts';

/** A subagent whose rows stand inside the session's own file. */
export function inlineChild(agentId: string, row: Row, context: Context): string {
  const session = childSession(context.state.session, agentId);
  context.emit({
    kind: 'session',
    session,
    parent: context.state.session,
    cwd: row.cwd,
    branch: row.gitBranch || undefined,
    version: row.version,
    agentType: row.attributionAgent,
    rank: 'progress',
    at: timeOf(row.timestamp),
  });
  return session;
}

/** The chain of rows this one belongs to. */
export function chainOf(row: Row, notes: Notes): string {
  if (notes.agentId !== undefined || row.isSidechain !== true) return '';
  return agentChain(row.agentId);
}

/** The sign in front keeps a hostile id from naming a member every object has. */
export function agentChain(agentId: string | undefined): string {
  return agentId === undefined ? '~' : `@${agentId}`;
}
