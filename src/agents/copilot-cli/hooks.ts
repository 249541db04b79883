import { type Context, remember } from './notes.ts';
import { act, type Place, wordOf } from './place.ts';
import type { Data } from './plan.ts';

/** A hook begins. */
export function takeHookStart(data: Data, place: Place, context: Context): void {
  const { hookInvocationId: id, hookType, input } = data;
  const tool = input?.fields?.toolName;
  // Arguments in a text were serialised once more, so that their hash compares with nothing.
  const args = input?.fields?.toolArgs;
  const digest = args === undefined || args.isText ? undefined : context.digest(args);
  const call = tool === undefined ? undefined : callFor(tool, digest, place, context);
  const correlation = call ?? id ?? place.key;
  if (id !== undefined) remember(context.state.hooks, { id, correlation, type: hookType, at: place.at });
  act(
    {
      type: 'hook',
      phase: 'start',
      name: hookType ?? 'hook',
      hookType,
      correlation,
      inputSizeBytes: input?.sizeBytes,
      inputDigest: tool !== undefined || input === undefined ? digest : context.digest(input),
    },
    place,
    context,
  );
}

/** The open call of a tool that a hook runs for: the one with its arguments, else the only one. */
function callFor(tool: string, digest: string | undefined, place: Place, context: Context): string | undefined {
  const open = context.state.calls.filter((call) => call.name === tool && call.session === place.session);
  const same = digest === undefined ? undefined : open.findLast((call) => call.digest === digest);
  return (same ?? (open.length === 1 ? open[0] : undefined))?.id;
}

/** A hook has ended. */
export function takeHookEnd(data: Data, place: Place, context: Context): void {
  const { hooks } = context.state;
  const index = hooks.findIndex((hook) => hook.id === data.hookInvocationId);
  const start = index < 0 ? undefined : hooks.splice(index, 1)[0];
  const hookType = data.hookType ?? start?.type;
  act(
    {
      type: 'hook',
      phase: 'complete',
      name: hookType ?? 'hook',
      hookType,
      correlation: start?.correlation ?? data.hookInvocationId,
      success: data.success,
      status: wordOf(data.output?.fields?.permissionDecision ?? data.output?.fields?.decision),
      durationMs: lasted(start?.at, place.at),
      outputSizeBytes: data.output?.sizeBytes,
    },
    place,
    context,
  );
}

function lasted(from: number | undefined, to: number | undefined): number | undefined {
  return from === undefined || to === undefined || to < from ? undefined : to - from;
}
