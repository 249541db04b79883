import type { ToolCall, ToolResult } from '../events.ts';
import { nameOf } from './clean.ts';
import type { Database } from './driver.ts';

/** Where the call stands that started a subagent: in a turn, or in a session where no turn is known to have asked. */
export interface TaskPlace {
  /** 0: no turn. */
  readonly turnId: number;
  /** 0: a turn says it. */
  readonly sessionId: number;
  readonly callId: number;
}

/** Calls that started a subagent. What is told later fills and replaces; what it leaves out stays. */
export interface TaskTable {
  /** A call, its result, or both. */
  write(place: TaskPlace, call: ToolCall | undefined, result: ToolResult | undefined): void;
  /** The end of a task, if the call made one; else nothing. */
  end(place: TaskPlace, result: ToolResult): void;
  /** All tasks of a turn. */
  remove(turnId: number): void;
}

export function createTaskTable(db: Database): TaskTable {
  // The agent's type of the result beats the one the call asked for, whichever comes first.
  const upsert = db.prepare(
    `INSERT INTO task (turn_id, session_id, call_id, child_sid, agent_type, execution_mode, requested_model, model, status,
       completed_at, duration_ms, tool_calls, total_tokens) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (turn_id, session_id, call_id) DO UPDATE SET child_sid = COALESCE(excluded.child_sid, child_sid),
       agent_type = COALESCE(?, agent_type, excluded.agent_type), execution_mode = COALESCE(excluded.execution_mode, execution_mode),
       requested_model = COALESCE(excluded.requested_model, requested_model), model = COALESCE(excluded.model, model),
       status = COALESCE(excluded.status, status), completed_at = COALESCE(excluded.completed_at, completed_at),
       duration_ms = COALESCE(excluded.duration_ms, duration_ms), tool_calls = COALESCE(excluded.tool_calls, tool_calls),
       total_tokens = COALESCE(excluded.total_tokens, total_tokens)`,
  );
  const end = db.prepare(
    `UPDATE task SET model = COALESCE(?, model), status = COALESCE(?, status), completed_at = COALESCE(?, completed_at),
       duration_ms = COALESCE(?, duration_ms), tool_calls = COALESCE(?, tool_calls), total_tokens = COALESCE(?, total_tokens)
     WHERE turn_id = ? AND session_id = ? AND call_id = ?`,
  );
  const remove = db.prepare('DELETE FROM task WHERE turn_id = ?');
  return {
    remove: (turnId) => void remove.run(turnId),
    write({ turnId, sessionId, callId }, call, result) {
      const childAgentType = nameOf(result?.childAgentType);
      upsert.run(
        turnId,
        sessionId,
        callId,
        nameOf(result?.childSession),
        childAgentType ?? nameOf(call?.target),
        nameOf(call?.executionMode),
        nameOf(call?.requestedModel),
        nameOf(result?.resolvedModel),
        nameOf(result?.status),
        result?.at ?? null,
        result?.durationMs ?? null,
        result?.toolCalls ?? null,
        result?.totalTokens ?? null,
        childAgentType,
      );
    },
    end({ turnId, sessionId, callId }, result) {
      end.run(
        nameOf(result.resolvedModel),
        nameOf(result.status),
        result.at ?? null,
        result.durationMs ?? null,
        result.toolCalls ?? null,
        result.totalTokens ?? null,
        turnId,
        sessionId,
        callId,
      );
    },
  };
}
