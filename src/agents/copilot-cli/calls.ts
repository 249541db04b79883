import type { PickedShape } from '../../readers/fields.ts';
import { countOf } from '../../readers/values.ts';
import { takeQuotas } from './limits.ts';
import { type Context, type Leg, remember } from './notes.ts';
import { type Place, ranks } from './place.ts';
import type { callFields, Data } from './plan.ts';
import { learnWindow, noteModel, startLeg } from './sessions.ts';
import { openCall } from './tools.ts';
import { costOf, countsOf, nothing, turnOf } from './turns.ts';

/** What the user said. */
export function takePrompt(data: Data, place: Place, context: Context): void {
  const notes = context.state;
  // Skills, subagents and the autopilot speak in the user's place.
  const isTyped = data.source === undefined || data.source === 'user';
  if (place.agentId !== undefined || !isTyped || (data.content?.sizeBytes ?? 0) <= 2) return;
  const prompt = { key: place.key, at: place.at, branch: notes.branch };
  context.emit({ kind: 'prompt', session: notes.session, rank: place.rank, ...prompt });
  if (notes.prompts.length < 16) notes.prompts.push(prompt);
}

/** Now the model that answered is known: say the waiting prompts again with it. */
function answerPrompts(model: string, place: Place, context: Context): void {
  const { session, prompts } = context.state;
  for (const prompt of prompts.splice(0)) context.emit({ kind: 'prompt', session, model, rank: place.rank, ...prompt });
}

/** What went in stands in no message, and since 1.0.82 not even what came out. */
export function takeMessage(data: Data, place: Place, context: Context): void {
  const notes = context.state;
  if (place.agentId === undefined) noteModel(data.model, context);
  const model = data.model ?? (place.agentId === undefined ? notes.model : undefined) ?? 'unknown';
  if (place.agentId === undefined) answerPrompts(model, place, context);
  for (const { toolCallId: id, name, arguments: args } of data.toolRequests?.items ?? []) {
    if (id !== undefined && name !== undefined) openCall(id, name, args, place, context);
  }
  if (data.outputTokens === undefined) return;
  // A message may come in pieces; each says the whole output.
  const key = `${data.interactionId ?? notes.session}:${data.apiCallId ?? data.messageId ?? place.key}`;
  const badBefore = context.badCounts;
  const outputTokens = countOf(data.outputTokens, context);
  addOutput(key, outputTokens, place, context);
  context.emit({
    ...turnOf(place, context, ranks.message),
    key: `message:${key}`,
    model,
    usage: { ...nothing, outputTokens },
    promptTokens: 0,
    contextTokens: 0,
    suspect: context.badCounts > badBefore,
    quality: 'partial',
  });
}

function addOutput(key: string, tokens: number, place: Place, context: Context): void {
  const { legs, outputs } = context.state;
  if (legs.length === 0) startLeg(legs, place.at ?? 0);
  const leg = legs.at(-1) as Leg; // there is one now
  const known = outputs.find(([id]) => id === key);
  leg.isTold = true;
  leg.output += Math.max(0, tokens - (known?.[1] ?? 0));
  if (known === undefined) remember(outputs, [key, tokens]);
  else known[1] = Math.max(known[1], tokens);
}

/** A call that is told of with all its counters. */
export function takeCall(
  call: PickedShape<typeof callFields> | undefined,
  rank: number,
  place: Place,
  context: Context,
): void {
  if (call === undefined) return;
  learnWindow(call.maxPromptTokens, place, context);
  if (call.quotaSnapshots !== undefined) takeQuotas(call.quotaSnapshots, place, context);
  if (call.inputTokens === undefined && call.outputTokens === undefined) return;
  context.emit({
    ...turnOf(place, context, rank),
    ...countsOf(call, context),
    key: `call:${place.key}`,
    model: call.model || 'unknown',
    costNanoUsd: costOf(call.copilotUsage?.totalNanoAiu),
    quality: 'measured',
  });
}
