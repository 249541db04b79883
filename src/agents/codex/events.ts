import type { CompactionEvent } from '../../events.ts';
import { answer, callOf, letGo, takeEnd, takeMcpEnd } from './calls.ts';
import { takeLimits } from './limits.ts';
import type { Context } from './notes.ts';
import { isCopied, placeOf, scopeOf, tell } from './place.ts';
import type { Payload } from './plan.ts';
import { takePrompt } from './prompts.ts';
import { modesOf, takeModel, takeModes, takeWindow } from './settings.ts';
import { setOf } from './silence.ts';
import { startTurn } from './thread.ts';
import { takeTokenCount } from './usage.ts';

const silentEvents = setOf(`agent_message agent_reasoning agent_reasoning_raw_content agent_reasoning_section_break
  background_event collab_agent_interaction_end collab_close_end collab_resume_end collab_waiting_end deprecation_notice
  dynamic_tool_call_request dynamic_tool_call_response entered_review_mode error exited_review_mode guardian_assessment
  guardian_warning image_generation_end item_started model_reroute model_verification plan_update session_configured
  stream_error thread_goal_updated thread_rolled_back turn_diff undo_completed view_image_tool_call warning web_search_end`);

/** An event of the log. */
export function takeEvent(event: Payload, at: number | undefined, context: Context): void {
  const notes = context.state;
  switch (event.type) {
    case 'token_count':
      takeTokenCount(event.info, at, context);
      return takeLimits(event.rate_limits, at, context);
    case 'task_started':
    case 'turn_started':
      startTurn(event.turn_id, context);
      takeWindow(event.model_context_window, at, context);
      return takeModes({ collaboration: event.collaboration_mode_kind }, at, context);
    case 'thread_settings_applied': {
      const settings = event.thread_settings ?? event;
      notes.tier = settings.service_tier;
      takeModel(settings.model, at, context);
      return takeModes(modesOf(settings), at, context);
    }
    case 'turn_aborted':
      letGo(context);
      if (notes.answeredBy !== undefined && notes.fork?.part !== 'open') notes.prompts = []; // told, and not answered
      return tell(
        {
          kind: 'activity',
          key: `${event.turn_id === undefined ? placeOf(notes) : `${scopeOf(notes)}:${event.turn_id}`}:aborted`,
          session: notes.thread,
          at,
          type: 'notification',
          phase: 'single',
          name: 'turn_aborted',
          status: event.reason,
          success: false,
        },
        context,
      );
    case 'user_message':
      return takePrompt('user_message', at, context);
    case 'item_completed':
      return event.item?.type === 'UserMessage' ? takePrompt('item_completed', at, context) : undefined;
    case 'context_compacted':
      return takeCompaction('context_compacted', at, context);
    case 'task_complete':
    case 'turn_complete':
      return letGo(context);
    case 'exec_command_end':
      return takeEnd(event, { isError: event.exit_code !== undefined && event.exit_code !== 0 }, context);
    case 'patch_apply_end':
      return takeEnd(event, { isError: event.success === false }, context);
    case 'mcp_tool_call_end':
      return takeMcpEnd(event, at, context);
    case 'collab_agent_spawn_end': {
      const { new_thread_id: childSession, new_agent_role: childAgentType, model: resolvedModel } = event;
      return takeEnd(event, { childSession, childAgentType, resolvedModel }, context);
    }
    case 'sub_agent_activity':
      return takeAgentActivity(event, at, context);
    default:
      if (event.type === undefined || !silentEvents.has(event.type)) context.unknownType();
  }
}

/** Two records tell of a compaction, in this order or the other. */
export function takeCompaction(record: string, at: number | undefined, context: Context): void {
  const notes = context.state;
  if (isCopied(notes)) return;
  const { compaction } = notes;
  if (compaction !== undefined && !compaction.seen.includes(record)) {
    compaction.seen.push(record);
    return;
  }
  const key = `${placeOf(notes)}:compaction${notes.since.compactions++}`;
  const event: CompactionEvent = {
    kind: 'compaction',
    key,
    session: notes.thread,
    at,
    preTokens: notes.context,
    micro: false,
  };
  notes.compaction = { event, seen: [record] };
  notes.context = undefined;
  tell(event, context);
}

function takeAgentActivity(event: Payload, at: number | undefined, context: Context): void {
  const notes = context.state;
  const child = event.agent_thread_id;
  const call = callOf(event.event_id, notes);
  if (call !== undefined) answer(call, { childSession: child }, context);
  const phase = event.kind === 'started' ? 'start' : event.kind === 'completed' ? 'complete' : 'single';
  tell(
    {
      kind: 'activity',
      key: `${scopeOf(notes)}:agent:${child ?? ''}:${event.event_id ?? at ?? context.offset}:${event.kind ?? ''}`,
      session: notes.thread,
      at,
      type: 'subagent',
      phase,
      name: 'sub_agent_activity',
      status: event.kind,
      correlation: child,
    },
    context,
  );
}
