import type { LogReader } from '../../provider.ts';
import { jsonLines } from '../../readers/json-lines.ts';
import { knownCount, timeOf } from '../../readers/values.ts';
import { takeCall, takeMessage, takePrompt } from './calls.ts';
import { takeCompaction, takeTruncation } from './compactions.ts';
import { takeHookEnd, takeHookStart } from './hooks.ts';
import { takeSessionLimit, takeTotals } from './limits.ts';
import { type Context, remember, restoreNotes, startNotes } from './notes.ts';
import { act, childSession, type Place, ranks, wordOf } from './place.ts';
import { type Data, plan, type Row } from './plan.ts';
import {
  beginLeg,
  learnWindow,
  takeModeChange,
  takeModel,
  takeModelChange,
  takeResume,
  takeStart,
  tellAgent,
  tellSession,
  whereOf,
} from './sessions.ts';
import { takeAgentEnd, takeAgentStart, takeSkill } from './subagents.ts';
import { takeShutdown } from './sums.ts';
import { takeToolEnd, takeToolStart } from './tools.ts';

/** Reads `events.jsonl`, the log of a session. */
export const readEvents: LogReader = jsonLines({ plan, start: startNotes, restore: restoreNotes, parse });

/** Types that hold nothing we take. Whatever is in neither list is counted as unknown. */
const silent = new RegExp(
  `^(${[
    'session\\.(info|idle|handoff|title_changed|usage_info|snapshot_rewind|context_cleared|binary_asset|import_legacy)',
    'session\\.(background_tasks|custom_agents|permissions|todos|tools|remote_steerable|workspace_file|extensions|skills)_\\w+',
    'session\\.(mcp|mode_notice|schedule|autopilot|managed_settings|canvas)_\\w+',
    'assistant\\.(turn_start|turn_end|reasoning|intent|idle|message_start|server_tool_progress|\\w+_delta|fusion_\\w+)',
    'tool\\.(user_requested|execution_partial_result|execution_progress|search_activated)',
    'subagent\\.(selected|deselected|configured)',
    'system\\.message|permission\\.requested|skill\\.context_delivered_ref|hook\\.progress|model\\.\\w+',
    '(user_input|elicitation|sampling|exit_plan_mode|external_tool|commands?|capabilities|auto_mode_switch)\\.\\w+',
    '(mcp_\\w+|factory_run|pending_messages|session_limits_exhausted)\\.\\w+',
  ].join('|')})$`,
);

function parse(row: Row, context: Context): void {
  const { data } = row;
  if (row.type === undefined || data === undefined) return context.unknownType();
  const place = placeOf(row, data, context);
  switch (row.type) {
    case 'session.start':
      return takeStart(data, place, context);
    case 'session.resume':
      return takeResume(data, place, context);
    case 'session.context_changed':
      return tellSession(whereOf(data), place, context);
    case 'session.model_change':
      return takeModelChange(data, place, context);
    case 'session.auto_mode_resolved':
      return takeModel(data.chosenModel, 'auto', place, context);
    case 'session.mode_changed':
      return takeModeChange(data, place, context);
    case 'session.plan_changed':
      return act({ type: 'plan', phase: 'changed', name: wordOf(data.operation) ?? 'plan' }, place, context);
    case 'user.message':
      return takePrompt(data, place, context);
    case 'assistant.message':
      return takeMessage(data, place, context);
    case 'session.usage_record':
      return takeCall(data.usage, ranks.record, place, context);
    case 'assistant.usage':
      return takeCall(data, ranks.stream, place, context);
    case 'session.usage_checkpoint':
      return takeTotals(data, place, context);
    case 'session.session_limits_changed':
      return takeSessionLimit(data, place, context);
    case 'session.shutdown':
      return takeShutdown(data, place, context);
    case 'session.compaction_start':
      context.state.fill = knownCount(data.currentTokens);
      return learnWindow(data.tokenLimit, place, context);
    case 'session.compaction_complete':
      return takeCompaction(data, place, context);
    case 'session.truncation':
      return takeTruncation(data, place, context);
    case 'tool.execution_start':
      return takeToolStart(data, place, context);
    case 'tool.execution_complete':
      return takeToolEnd(data, place, context);
    case 'hook.start':
      return takeHookStart(data, place, context);
    case 'hook.end':
      return takeHookEnd(data, place, context);
    case 'subagent.started':
      return takeAgentStart(data, place, context);
    case 'subagent.completed':
    case 'subagent.failed':
      return takeAgentEnd(data, row.type === 'subagent.completed', place, context);
    case 'skill.invoked':
      return takeSkill(data, place, context);
    default:
      return takeNotice(row.type, data, place, context);
  }
}

function placeOf(row: Row, data: Data, context: Context): Place {
  const notes = context.state;
  const at = timeOf(row.timestamp);
  const agentId = row.agentId ?? data.parentToolCallId; // which is how older versions called it
  const isForeign = notes.isForeign && !notes.isResumed && row.type !== 'session.resume';
  const isInherited = isForeign || (at !== undefined && notes.startedAt !== undefined && at < notes.startedAt);
  if (at !== undefined) notes.lastAt = Math.max(at, notes.lastAt ?? at);
  // What it inherited and what it did itself may be told by different sources.
  if (notes.isInherited && !isInherited) beginLeg(at, context);
  notes.isInherited = isInherited;
  const place = {
    key: row.id ?? `${context.file.scope}:${context.offset}`,
    session: agentId === undefined ? notes.session : childSession(notes.session, agentId),
    at,
    agentId,
    parent: data.parentToolCallId ?? notes.agents.find(([id]) => id === agentId)?.[1],
    isInherited,
    rank: isInherited || notes.isForeign ? 'progress' : 'own',
  } as const;
  if (agentId !== undefined && !notes.agents.some(([id]) => id === agentId)) {
    const starter = row.type?.startsWith('subagent.') === true ? data.toolCallId : data.parentToolCallId;
    remember(notes.agents, [agentId, starter] as const);
    tellAgent(undefined, place, context);
  }
  return place;
}

function takeNotice(type: string, data: Data, place: Place, context: Context): void {
  const notice = (name: string, status: string | undefined, success?: boolean): void =>
    act(
      { type: 'notification', phase: 'emitted', name, status, success, correlation: data.toolCallId },
      place,
      context,
    );
  switch (type) {
    case 'system.notification':
      return notice(wordOf(data.kind?.type) ?? 'notification', wordOf(data.kind?.status));
    case 'session.error':
      if (data.errorType === 'quota' || data.errorType === 'rate_limit')
        context.emit({ kind: 'limit', key: place.key, at: place.at, window: data.errorType, reached: true });
      return notice('error', knownCount(data.statusCode)?.toString() ?? wordOf(data.errorType), false);
    case 'session.warning':
      return notice('warning', wordOf(data.warningType));
    case 'session.task_complete':
      return notice('task_complete', undefined, data.success);
    case 'permission.completed':
      return notice('permission', wordOf(data.result?.fields?.kind));
    case 'abort':
      return notice('abort', undefined);
    default:
      if (!silent.test(type)) context.unknownType();
  }
}
