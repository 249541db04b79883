import type { ToolCall, ToolResult } from '../../events.ts';
import type { PickedList } from '../../readers/fields.ts';
import { knownCount, timeOf } from '../../readers/values.ts';
import { answerCall, type Context, childSession, type Place, rememberCall } from './notes.ts';
import type { Block, blockFields, Row } from './plan.ts';

const noTools: readonly ToolCall[] = [];

/** The calls a message asks for. */
export function toolCalls(
  content: PickedList<typeof blockFields> | undefined,
  turn: string,
  place: Place,
  context: Context,
): readonly ToolCall[] {
  let calls = noTools;
  content?.items.forEach((block, index) => {
    if (block.type !== 'tool_use' && block.type !== 'server_tool_use') return;
    const name = block.name ?? 'unknown';
    const { mcpServer, mcpTool } = serverOf(name);
    const input = block.input;
    const target = input?.fields?.subagent_type ?? input?.fields?.skill;
    const isAgent = name === 'Task' || name === 'Agent' || name === 'Workflow';
    const call: ToolCall = {
      key: block.id ?? `${turn}\0${place.uuid ?? ''}\0${index}`,
      at: place.at,
      name,
      mcpServer,
      mcpTool,
      target: isAgent || name === 'Skill' ? target : undefined,
      type: isAgent
        ? 'subagent'
        : name === 'Skill'
          ? 'skill'
          : mcpServer !== undefined
            ? 'mcp'
            : block.type === 'server_tool_use'
              ? 'server_tool'
              : 'tool',
      inputSizeBytes: input?.sizeBytes ?? 0,
      inputDigest: input === undefined ? undefined : context.digest(input),
      result: undefined,
    };
    calls = calls.length === 0 ? [call] : [...calls, call];
    if (block.id !== undefined)
      rememberCall(context.state, { id: block.id, turn, agentType: isAgent ? target : undefined });
  });
  return calls;
}

/** The MCP server a tool's name tells of. */
export function serverOf(name: string): {
  readonly mcpServer: string | undefined;
  readonly mcpTool: string | undefined;
} {
  const [, mcpServer, mcpTool] = name.startsWith('mcp__') ? (/^mcp__(.+?)__(.+)$/s.exec(name.slice(0, 512)) ?? []) : [];
  return { mcpServer, mcpTool };
}

/** The answer to a call made before. */
export function takeAnswer(key: string, answer: ToolResult, context: Context): void {
  const call = answerCall(context.state, key);
  if (call !== undefined) emitAnswer(key, call.turn, answer, context);
}

function emitAnswer(key: string, turn: string, result: ToolResult, context: Context): void {
  if (!context.answer(key, result))
    context.emit({ kind: 'tool_result', key, turn, session: context.state.session, result });
}

/** A tool has answered. */
export function takeToolResult(block: Block, row: Row, alone: boolean, context: Context): void {
  const notes = context.state;
  const call = block.tool_use_id === undefined ? undefined : answerCall(notes, block.tool_use_id);
  if (block.tool_use_id === undefined || call === undefined) return;
  const result = alone ? row.toolUseResult?.fields : undefined;
  const agentType = result?.agentType ?? call.agentType;
  const child = result?.agentId === undefined ? undefined : childSession(notes.parent ?? notes.session, result.agentId);
  const answer = {
    at: timeOf(row.timestamp),
    isError: block.is_error === true,
    outputSizeBytes: block.content?.sizeBytes ?? 0,
    durationMs: knownCount(result?.totalDurationMs),
    childSession: child,
    childAgentType: child === undefined ? undefined : agentType,
    resolvedModel: result?.resolvedModel,
    status: child === undefined ? undefined : result?.status,
    toolCalls: knownCount(result?.totalToolUseCount),
  };
  emitAnswer(block.tool_use_id, call.turn, answer, context);
  if (child !== undefined && agentType !== undefined)
    context.emit({
      kind: 'session',
      session: child,
      parent: notes.parent ?? notes.session,
      agentType,
      rank: 'progress',
    });
}
