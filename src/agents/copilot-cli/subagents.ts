import { knownCount } from '../../readers/values.ts';
import type { Context } from './notes.ts';
import { act, childSession, type Place, wordOf } from './place.ts';
import type { Data } from './plan.ts';
import { tellAgent } from './sessions.ts';
import { tellTool, untold } from './tools.ts';

/** Told once more than its tool call, which has ended by then; what the user invoked has none. */
export function takeSkill(data: Data, place: Place, context: Context): void {
  const { calls } = context.state;
  const last = calls.findLastIndex((call) => call.name === 'skill' && call.session === place.session);
  const call = last < 0 ? undefined : calls.splice(last, 1)[0]?.id;
  const name = data.name ?? 'skill';
  act(
    { type: 'skill', phase: 'invoked', name, status: wordOf(data.trigger), correlation: call, model: data.model },
    place,
    context,
  );
}

/** A subagent begins. */
export function takeAgentStart(data: Data, place: Place, context: Context): void {
  const session = starterOf(data, context);
  const agentType = data.agentType ?? data.agentName;
  const executionMode = wordOf(data.executionMode);
  tellAgent(agentType, { ...place, session: agentSession(data, place, context) }, context);
  act(
    {
      type: 'subagent',
      phase: 'start',
      name: data.agentName ?? 'subagent',
      agentType,
      executionMode,
      model: data.model,
      correlation: data.toolCallId,
      parent: undefined,
    },
    place,
    context,
    session,
  );
  if (data.toolCallId !== undefined)
    tellTool(
      { ...untold, key: data.toolCallId, at: place.at, type: 'subagent', target: agentType, executionMode },
      undefined,
      place,
      context,
      session,
    );
}

/** Its totals are in the session's own: shown, never added. */
export function takeAgentEnd(data: Data, success: boolean, place: Place, context: Context): void {
  const session = starterOf(data, context);
  const agentType = data.agentType ?? data.agentName;
  const totals = {
    durationMs: knownCount(data.durationMs),
    totalTokens: knownCount(data.totalTokens),
    toolCalls: knownCount(data.totalToolCalls),
  };
  act(
    {
      type: 'subagent',
      phase: 'complete',
      name: data.agentName ?? 'subagent',
      agentType,
      model: data.model,
      success,
      correlation: data.toolCallId,
      parent: undefined,
      ...totals,
    },
    place,
    context,
    session,
  );
  if (data.toolCallId === undefined) return;
  const result = {
    ...totals,
    at: place.at,
    isError: !success,
    outputSizeBytes: 0,
    childSession: agentSession(data, place, context),
    childAgentType: agentType,
    resolvedModel: data.model,
    status: success ? 'completed' : 'failed',
  };
  tellTool({ ...untold, key: data.toolCallId, type: 'subagent', result }, undefined, place, context, session);
}

/** The subagent's own. */
function agentSession(data: Data, place: Place, context: Context): string {
  const { session } = context.state;
  return place.agentId === undefined ? childSession(session, data.toolCallId ?? place.key) : place.session;
}

/** The session whose call started a subagent: the conversation, or another subagent of it. */
function starterOf(data: Data, context: Context): string {
  const { calls, session } = context.state;
  return calls.find((call) => call.id === data.toolCallId)?.session ?? session;
}
