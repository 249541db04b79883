import type { ToolCall } from '../../events.ts';
import type { PickedSized, Shape } from '../../readers/fields.ts';
import { type Context, remember } from './notes.ts';
import { type Place, wordOf } from './place.ts';
import type { Data } from './plan.ts';
import { learnWindow } from './sessions.ts';

/** Remembers a call until its end; gives the keyed hash of its arguments. */
export function openCall(
  id: string,
  name: string,
  args: PickedSized<Shape> | undefined,
  place: Place,
  context: Context,
): string | undefined {
  const { calls } = context.state;
  const digest = args === undefined ? undefined : context.digest(args);
  const known = calls.findIndex((call) => call.id === id);
  if (known >= 0) calls.splice(known, 1);
  remember(calls, { id, session: place.session, name, digest });
  return digest;
}

/** A tool is called. */
export function takeToolStart(data: Data, place: Place, context: Context): void {
  const { toolCallId: key, toolName: name = '', arguments: args } = data;
  if (key === undefined) return;
  const type = typeOfTool(data);
  tellTool(
    {
      key,
      at: place.at,
      name,
      mcpServer: data.mcpServerName,
      mcpTool: data.mcpServerName === undefined ? undefined : (data.mcpToolName ?? withoutServer(name, data)),
      target: type === 'skill' ? (args?.fields?.skill ?? args?.fields?.name) : args?.fields?.agent_type,
      type,
      inputSizeBytes: args?.sizeBytes ?? 0,
      inputDigest: openCall(key, name, args, place, context),
      executionMode: type === 'subagent' ? wordOf(args?.fields?.mode) : undefined,
      requestedModel: type === 'subagent' ? args?.fields?.model : undefined,
      parent: place.parent,
    },
    data.model,
    place,
    context,
  );
}

function typeOfTool(data: Data): ToolCall['type'] {
  if (data.mcpServerName !== undefined) return 'mcp';
  return data.toolName === 'skill' ? 'skill' : data.toolName === 'task' ? 'subagent' : 'tool';
}

/** `<server>-<tool>` */
function withoutServer(name: string, { mcpServerName }: Data): string {
  return name.startsWith(`${mcpServerName}-`) ? name.slice(`${mcpServerName}-`.length) : name;
}

/** Says of a call what is known by now. */
export function tellTool(
  call: ToolCall,
  model: string | undefined,
  place: Place,
  context: Context,
  session = place.session,
): void {
  const notes = context.state;
  if (place.isInherited) return;
  const sidechain = session !== notes.session;
  const own = sidechain ? undefined : notes.model;
  context.emit({ kind: 'tool', session, call, model: model ?? own, branch: notes.branch, sidechain });
}

/** A tool has answered. */
export function takeToolEnd(data: Data, place: Place, context: Context): void {
  const { calls } = context.state;
  learnWindow(data.toolTelemetry?.metrics?.context_token_limit, place, context);
  const { toolCallId: key } = data;
  if (key === undefined) return;
  const open = calls.findIndex((call) => call.id === key);
  if (open >= 0 && calls[open]?.name !== 'skill') calls.splice(open, 1);
  // A shell that failed still says success.
  const exitCode = data.shellExecution?.exitCode ?? data.toolTelemetry?.metrics?.exit_code ?? 0;
  const result = {
    at: place.at,
    isError: data.success === false || exitCode !== 0,
    outputSizeBytes: (data.result ?? data.error)?.sizeBytes ?? 0,
  };
  tellTool({ ...untold, key, result }, data.model, place, context);
}

/** A call of which the name was told before. */
export const untold = { at: undefined, name: '', type: 'tool', inputSizeBytes: 0 } as const;
