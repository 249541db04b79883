import { timeOf } from '../../readers/values.ts';
import { agentChain } from './chains.ts';
import { type Context, childSession, rememberUser, rowKeyOf } from './notes.ts';
import type { Row } from './plan.ts';
import { takeMessage } from './responses.ts';

/** What a subagent, a hook or a tool tells while it runs. */
export function takeProgress(row: Row, context: Context): void {
  const { data } = row;
  if (data?.type === 'hook_progress') {
    const { hookName, hookEvent } = data;
    return takeHook(rowKeyOf(row, context), timeOf(row.timestamp), hookName ?? hookEvent ?? 'hook', hookEvent, context);
  }
  const inner = data?.type === 'agent_progress' ? data.message : undefined;
  if (inner?.type === 'user' && inner.uuid !== undefined)
    rememberUser(context.state, agentChain(data?.agentId), inner.uuid);
  if (inner?.type !== 'assistant' || inner.message === undefined) return;
  const parent = context.state.parent ?? context.state.session;
  const session = data?.agentId === undefined ? parent : childSession(parent, data.agentId);
  const at = timeOf(inner.timestamp) ?? timeOf(row.timestamp);
  if (session !== parent)
    context.emit({
      kind: 'session',
      session,
      parent,
      cwd: row.cwd,
      branch: row.gitBranch || undefined,
      version: row.version,
      rank: 'progress',
      at,
    });
  takeMessage(inner.message, context, {
    session,
    sidechain: true,
    rank: 'progress',
    at,
    requestId: inner.requestId,
    uuid: inner.uuid,
    chain: agentChain(data?.agentId),
    branch: row.gitBranch || undefined,
    costUsd: undefined,
  });
}

/** A hook begins. */
export function takeHook(
  key: string,
  at: number | undefined,
  name: string,
  hookType: string | undefined,
  context: Context,
): void {
  const { session } = context.state;
  context.emit({ kind: 'activity', key, session, at, type: 'hook', phase: 'start', name, hookType });
}
