import type { ToolCall, ToolResult } from '../../events.ts';
import { knownCount } from '../../readers/values.ts';
import { type Call, type Context, mostCalls, type Notes } from './notes.ts';
import { isCopied, placeOf, tell } from './place.ts';
import type { Payload } from './plan.ts';

/** A part of an answer: what comes next is no longer of the compaction before it. */
export function noteAnswer(notes: Notes): void {
  notes.answerItems++;
  notes.compaction = undefined;
}

/** A tool is called. */
export function takeCall(call: ToolCall, context: Context, isSearch = false): void {
  const notes = context.state;
  noteAnswer(notes);
  if (isCopied(notes)) return;
  const mine: Call = { call, isSearch, turn: undefined, isLoose: false };
  remember(mine, notes);
  const { lastTurn } = notes;
  if (notes.isFresh || notes.order !== 'after' || lastTurn === undefined) return;
  // The usage of its response is already told: say the response again with it.
  mine.turn = lastTurn.key;
  notes.lastTurn = { ...lastTurn, webSearchRequests: lastTurn.webSearchRequests + (isSearch ? 1 : 0) };
  tell({ ...notes.lastTurn, tools: [{ ...call }] }, context);
}

function remember(mine: Call, notes: Notes): void {
  if (notes.calls.length >= mostCalls) {
    const answered = notes.calls.findIndex((each) => each.call.result !== undefined);
    notes.calls.splice(Math.max(0, answered), 1);
  }
  notes.calls.push(mine);
}

/** The usage of the response that made these calls will not come: they count by themselves. */
export function letGo(context: Context): void {
  const notes = context.state;
  const waiting = notes.calls.filter((each) => each.turn === undefined && !each.isLoose);
  // Of a copy nobody could say whose it is.
  if (notes.fork?.part === 'open') notes.calls = notes.calls.filter((each) => !waiting.includes(each));
  else
    for (const each of waiting) {
      each.isLoose = true;
      tellLoose(each.call, context);
    }
}

function tellLoose(call: ToolCall, context: Context): void {
  const { thread, model, branch, parent } = context.state;
  context.emit({ kind: 'tool', session: thread, call: { ...call }, model, branch, sidechain: parent !== undefined });
}

/** A tool has answered. */
export function takeOutput(id: string | undefined, size: number, at: number | undefined, context: Context): void {
  const call = callOf(id, context.state);
  if (call !== undefined) answer(call, { at, outputSizeBytes: size }, context);
}

/** The end of an act, which may come before or after its output. */
export function takeEnd(event: Payload, result: Partial<ToolResult>, context: Context): void {
  const call = callOf(event.call_id, context.state);
  if (call !== undefined) answer(call, { ...result, durationMs: durationOf(event.duration) }, context);
}

/** A call of an MCP server; in some modes this is the only record of it. */
export function takeMcpEnd(event: Payload, at: number | undefined, context: Context): void {
  const notes = context.state;
  const { server, tool, arguments: input } = event.invocation ?? {};
  const came = event.result?.fields;
  const durationMs = durationOf(event.duration);
  const result: ToolResult = {
    at,
    isError: came?.Err !== undefined || came?.Ok?.isError === true,
    outputSizeBytes: event.result?.sizeBytes ?? 0,
    durationMs,
  };
  const known = callOf(event.call_id, notes);
  if (known !== undefined) {
    if (known.turn === undefined) known.call = { ...known.call, type: 'mcp', mcpServer: server, mcpTool: tool };
    return answer(known, result, context);
  }
  if (notes.fork !== undefined && notes.fork.part !== 'own') return;
  const call: ToolCall = {
    key: event.call_id ?? `${placeOf(notes)}:mcp:${at ?? context.offset}`,
    at: at === undefined || durationMs === undefined ? undefined : at - durationMs,
    name: tool ?? 'unknown',
    mcpServer: server,
    mcpTool: tool,
    type: 'mcp',
    inputSizeBytes: input?.sizeBytes ?? 0,
    inputDigest: input === undefined ? undefined : context.digest(input),
    result,
  };
  tellLoose(call, context);
}

/** An open call by its id. */
export function callOf(id: string | undefined, notes: Notes): Call | undefined {
  return id === undefined ? undefined : notes.calls.findLast((each) => each.call.key === id);
}

/** What came back for a call, part by part. */
export function answer(mine: Call, part: Partial<ToolResult>, context: Context): void {
  const told = Object.fromEntries(Object.entries(part).filter(([, value]) => value !== undefined));
  const before: ToolResult = mine.call.result ?? { at: undefined, isError: false, outputSizeBytes: 0 };
  const result: ToolResult = { ...before, ...told };
  mine.call = { ...mine.call, result };
  if (mine.isLoose) return tellLoose(mine.call, context);
  // In a fork that may be all copies, the origin's answer must not be overwritten by one that was stamped anew.
  if (mine.turn === undefined || context.state.fork?.part === 'open') return;
  if (!context.answer(mine.call.key, result))
    context.emit({
      kind: 'tool_result',
      key: mine.call.key,
      turn: mine.turn,
      session: context.state.thread,
      result,
    });
}

function durationOf(duration: Payload['duration']): number | undefined {
  const seconds = knownCount(duration?.secs);
  return seconds === undefined ? undefined : seconds * 1000 + Math.round((knownCount(duration?.nanos) ?? 0) / 1e6);
}
