import type { ToolCall } from '../../events.ts';
import { noteAnswer, takeCall, takeOutput } from './calls.ts';
import type { Context } from './notes.ts';
import { placeOf } from './place.ts';
import type { Payload } from './plan.ts';
import { setOf } from './silence.ts';

const silentItems = setOf(`agent_message additional_tools compaction compaction_summary context_compaction
  ghost_snapshot other tool_search_output`);

/** Something the model or a tool wrote: only calls of tools are taken. */
export function takeItem(item: Payload, at: number | undefined, context: Context): void {
  const notes = context.state;
  switch (item.type) {
    case 'message':
      if (item.role === 'assistant') noteAnswer(notes);
      return;
    case 'reasoning':
      return noteAnswer(notes);
    case 'function_call':
    case 'custom_tool_call':
      return takeCall(functionCall(item, at, context), context);
    case 'local_shell_call':
      return takeCall(plainCall(item, 'local_shell', 'tool', at, context), context);
    case 'web_search_call': {
      const action = item.action?.fields?.type;
      const isSearch = action === undefined || action === 'search';
      return takeCall(plainCall(item, 'web_search', 'server_tool', at, context), context, isSearch);
    }
    case 'image_generation_call':
      return takeCall(plainCall(item, 'image_generation', 'server_tool', at, context), context);
    case 'tool_search_call': {
      const type = item.execution === 'client' ? 'tool' : 'server_tool';
      return takeCall(plainCall(item, 'tool_search', type, at, context), context);
    }
    case 'function_call_output':
    case 'custom_tool_call_output':
    case 'local_shell_call_output':
      return takeOutput(item.call_id, item.output?.sizeBytes ?? 0, at, context);
    default:
      if (item.type === undefined || !silentItems.has(item.type)) context.unknownType();
  }
}

function functionCall(item: Payload, at: number | undefined, context: Context): ToolCall {
  const name = item.name ?? 'unknown';
  const [mcpServer, mcpTool] = mcpOf(name, item.namespace);
  const isAgent = name === 'spawn_agent';
  const type = mcpServer !== undefined ? 'mcp' : isAgent ? 'subagent' : 'tool';
  const executionMode = isAgent ? 'background' : undefined; // it returns at once
  return { ...plainCall(item, name, type, at, context), mcpServer, mcpTool, executionMode };
}

/** `mcp__server__tool`, in 2025 `server__tool`, later the first part as a namespace. No tool of Codex's own has two underscores. */
function mcpOf(name: string, namespace: string | undefined): readonly (string | undefined)[] {
  const whole = namespace === undefined ? name : `${namespace.replace(/_+$/, '')}__${name}`;
  if (namespace !== undefined && !namespace.startsWith('mcp__')) return [];
  const [, server, tool] = /^(?:mcp__)?(.+?)__(.+)$/s.exec(whole.slice(0, 512)) ?? [];
  return [server, tool];
}

function plainCall(
  item: Payload,
  name: string,
  type: ToolCall['type'],
  at: number | undefined,
  context: Context,
): ToolCall {
  const input = item.arguments ?? item.input ?? item.action;
  return {
    key:
      item.call_id ?? item.id ?? `${placeOf(context.state)}:call${context.state.calls.length}:${at ?? context.offset}`,
    at,
    name,
    type,
    inputSizeBytes: input?.sizeBytes ?? 0,
    inputDigest: input === undefined ? undefined : context.digest(input),
  };
}
