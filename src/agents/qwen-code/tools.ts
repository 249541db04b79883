import type { ToolCall, ToolResult } from '../../events.ts';
import { knownCount, timeOf } from '../../readers/values.ts';
import { type Context, keepLast, keyOfRecord, mostCalls } from './notes.ts';
import type { Row, UiEvent } from './plan.ts';

/** The calls an assistant record asks for; they are then open. */
export function callsOf(
  row: Row,
  turn: string | undefined,
  response: string | undefined,
  context: Context,
): readonly ToolCall[] {
  const asked = (row.message?.parts?.items ?? []).flatMap((part) => part.functionCall ?? []);
  return asked.map((call, index) => {
    const made = {
      ...nameOf(call.name),
      key: call.id ?? `${keyOfRecord(row, context)}:${index}`,
      at: timeOf(row.timestamp),
      target: call.args?.fields?.skill ?? call.args?.fields?.subagent_type,
      inputSizeBytes: call.args?.sizeBytes ?? 0,
      inputDigest: call.args === undefined ? undefined : context.digest(call.args),
    };
    const open = { key: made.key, name: made.name, at: made.at, turn, response, durationMs: undefined };
    keepLast(context.state.calls, open, mostCalls);
    return made;
  });
}

export function nameOf(name = 'unknown'): Pick<ToolCall, 'name' | 'type' | 'mcpServer' | 'mcpTool'> {
  const [, mcpServer, mcpTool] = /^mcp__(.+?)__(.+)$/.exec(name) ?? [];
  if (mcpServer !== undefined) return { name, type: 'mcp', mcpServer, mcpTool };
  return { name, type: name === 'skill' ? 'skill' : name === 'agent' || name === 'task' ? 'subagent' : 'tool' };
}

/** How long a call took. One that no record asked for is a subagent's: this event is all that is told of it. */
export function takeToolCall(event: UiEvent, row: Row, context: Context): void {
  const { calls, responses, session } = context.state;
  const durationMs = knownCount(event.duration_ms);
  const open = calls.find((call) =>
    event.call_id === undefined
      ? call.response === event.response_id && call.name === event.function_name && call.durationMs === undefined
      : call.key === event.call_id,
  );
  if (open !== undefined) {
    open.durationMs = durationMs;
    return;
  }
  const response = responses.findLast((each) => each.id !== undefined && each.id === event.response_id);
  const at = timeOf(event['event.timestamp']) ?? timeOf(row.timestamp);
  const name = nameOf(event.function_name);
  context.emit({
    kind: 'tool',
    session: response?.session ?? row.forkedFrom?.sessionId ?? session,
    model: response?.model,
    branch: row.gitBranch || undefined,
    sidechain: response?.sidechain === true,
    call: {
      ...name,
      ...(event.mcp_server_name === undefined
        ? {}
        : { type: 'mcp', mcpServer: event.mcp_server_name, mcpTool: name.mcpTool ?? name.name }),
      key: event.call_id ?? keyOfRecord(row, context),
      at,
      target: event.function_args?.fields?.skill ?? event.function_args?.fields?.subagent_type,
      inputSizeBytes: event.function_args?.sizeBytes ?? 0,
      inputDigest: event.function_args === undefined ? undefined : context.digest(event.function_args),
      result: {
        at,
        isError: event.status === 'error',
        outputSizeBytes: knownCount(event.content_length) ?? 0,
        durationMs,
      },
    },
  });
}

export function takeToolResult(row: Row, context: Context): void {
  const notes = context.state;
  for (const { functionResponse } of row.message?.parts?.items ?? []) {
    const id = functionResponse?.id ?? row.toolCallResult?.callId;
    const index = functionResponse === undefined ? -1 : notes.calls.findLastIndex((call) => call.key === id);
    const [call] = index < 0 ? [] : notes.calls.splice(index, 1);
    if (call === undefined) continue;
    const result: ToolResult = {
      at: timeOf(row.timestamp),
      isError: row.toolCallResult?.status === 'error',
      outputSizeBytes: functionResponse?.response?.sizeBytes ?? 0,
      durationMs: call.durationMs,
    };
    if (call.turn === undefined) {
      const told = { ...nameOf(call.name), key: call.key, at: call.at, inputSizeBytes: 0, result };
      context.emit({ kind: 'tool', session: notes.session, call: told, sidechain: row.isSidechain === true });
    } else if (!context.answer(call.key, result)) {
      context.emit({ kind: 'tool_result', key: call.key, turn: call.turn, session: notes.session, result });
    }
  }
}
