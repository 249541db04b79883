import { knownCount, timeOf } from '../../readers/values.ts';
import { type Context, keyOfRecord } from './notes.ts';
import type { Row, UiEvent } from './plan.ts';
import { takeResponse } from './responses.ts';
import { tellSession } from './session.ts';
import { takeToolCall } from './tools.ts';

/** Kinds of `system` record that hold nothing we take. */
const silent = new Set([
  'session_notes',
  'slash_command',
  'at_command',
  'attribution_snapshot',
  'notification',
  'background_task_completed',
  'cron',
  'mid_turn_user_message',
  'custom_title',
  'session_source',
  'session_execution_engine',
  'omni_recall',
  'rewind',
  'agent_bootstrap',
  'agent_launch_prompt',
  'agent_retry',
  'agent_session_ready',
  'file_history_snapshot',
  'user_text_elements',
  'session_artifact_event',
  'session_artifact_snapshot',
  'session_sources_snapshot',
  'branch_checkpoint',
  'goal_state',
  'goal_runtime',
  'goal_turn_end',
  'realtime_message',
  'turn_result',
]);

export function takeSystem(row: Row, context: Context): void {
  const notes = context.state;
  const payload = row.systemPayload;
  const common = { key: keyOfRecord(row, context), session: notes.session, at: timeOf(row.timestamp) } as const;
  switch (row.subtype) {
    case 'ui_telemetry':
      return payload?.uiEvent === undefined ? undefined : takeEvent(payload.uiEvent, row, context);
    case 'chat_compression':
      if ((payload?.info?.compressionStatus ?? 1) !== 1) return; // 1: it was done
      return context.emit({
        kind: 'compaction',
        ...common,
        preTokens: knownCount(payload?.info?.originalTokenCount),
        postTokens: knownCount(payload?.info?.newTokenCount),
        micro: false,
      });
    case 'parent_session':
      return tellSession({ parent: payload?.parentSessionId }, row, context);
    case 'session_model': {
      const model = payload?.modelId;
      if (model === undefined || model === notes.model) return;
      if (notes.model !== undefined)
        context.emit({ kind: 'activity', ...common, type: 'model_change', phase: 'changed', name: model, model });
      notes.model = model;
      return;
    }
    case 'session_approval_mode': {
      const mode = payload?.mode;
      if (mode === undefined || mode === notes.mode) return;
      if (notes.mode !== undefined)
        context.emit({ kind: 'activity', ...common, type: 'mode_change', phase: 'changed', name: mode });
      notes.mode = mode;
      return;
    }
    default:
      if (row.subtype === undefined || !silent.has(row.subtype)) context.unknownType();
  }
}

function takeEvent(event: UiEvent, row: Row, context: Context): void {
  switch (event['event.name']?.replace(/^qwen-code\./, '')) {
    case 'api_response':
      return takeResponse(event, row, context);
    case 'tool_call':
      return takeToolCall(event, row, context);
    case 'api_error':
      return context.emit({
        kind: 'activity',
        key: keyOfRecord(row, context),
        session: context.state.session,
        at: timeOf(row.timestamp),
        type: 'retry',
        phase: 'single',
        name: 'api_error',
        status: event.status_code?.toString(),
        success: false,
        agentType: event.subagent_name,
        model: event.model,
      });
  }
}
