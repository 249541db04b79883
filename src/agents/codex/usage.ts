import type { TurnEvent } from '../../events.ts';
import { countOf, knownCount } from '../../readers/values.ts';
import { type Context, type Counters, type Notes, nothingSince } from './notes.ts';
import { introduce, isCopied, placeOf, tell } from './place.ts';
import type { Counts, Payload } from './plan.ts';
import { answerPrompts } from './prompts.ts';
import { takeWindow } from './settings.ts';

/** Counters as they stand after a response, and often once more. */
export function takeTokenCount(info: Payload['info'], at: number | undefined, context: Context): void {
  if (info === undefined) return; // limits alone
  const notes = context.state;
  takeWindow(info.model_context_window, at, context);
  const badBefore = context.badCounts;
  const total = countersOf(info.total_token_usage, context);
  const last = countersOf(info.last_token_usage, context);
  const step = stepOf(total, last, notes);
  move(total, notes);
  takeEstimate(info, total, last, context);
  if (step === undefined || !isUsage(step)) return;
  const lasts = total === undefined ? `+${notes.since.lasts++}` : '';
  notes.hasUsage = true;
  if (notes.hasRecords) return;
  takeResponse(`${placeOf(notes)}${lasts}:${last?.join(',') ?? ''}`, step, last ?? step, at, context, {
    isSuspect: context.badCounts > badBefore,
    tellsReasoning:
      info.total_token_usage?.reasoning_output_tokens !== undefined ||
      info.last_token_usage?.reasoning_output_tokens !== undefined,
  });
}

/**
 * What a `token_count` adds. The same sums come again and again without a new response (one per turn, per limit, per
 * compaction); they restart when a thread is resumed, rolled back or full.
 */
function stepOf(total: Counters | undefined, last: Counters | undefined, notes: Notes): Counters | undefined {
  const before = notes.total;
  if (total === undefined) return last;
  if (before === undefined) return last ?? (notes.fork === undefined ? total : undefined); // a fork's begin with its ancestors'
  if (total.every((count, i) => count === before[i])) return undefined;
  return isGrown(total, before) ? minus(total, before) : (last ?? total);
}

/** The counters stand here now. */
function move(total: Counters | undefined, notes: Notes): void {
  if (total === undefined || total.every((count, i) => count === notes.total?.[i])) return;
  if (notes.total !== undefined && !isGrown(total, notes.total)) notes.epoch++;
  notes.total = total;
  notes.since = nothingSince();
}

/**
 * Counts of zero with a sum are no usage: after a compaction an estimate of the new context, else the mark that the
 * context is full.
 */
function takeEstimate(
  info: NonNullable<Payload['info']>,
  total: Counters | undefined,
  last: Counters | undefined,
  context: Context,
): void {
  const notes = context.state;
  if (last === undefined || isUsage(last)) return;
  const estimate = knownCount(info.last_token_usage?.total_tokens);
  if (notes.compaction !== undefined && notes.compaction.event.postTokens === undefined) {
    if (estimate === undefined || estimate === 0) return;
    notes.compaction = { ...notes.compaction, event: { ...notes.compaction.event, postTokens: estimate } };
    notes.context = estimate;
    tell(notes.compaction.event, context);
  } else if (total !== undefined && !isUsage(total)) {
    notes.context = knownCount(info.total_token_usage?.total_tokens) || notes.context;
  }
}

/** One completed response, with its own id. The history a fork copies does not hold these. */
export function takeRecord(record: Payload, at: number | undefined, context: Context): void {
  const notes = context.state;
  if (record.thread_id === undefined ? isCopied(notes) : record.thread_id !== notes.thread) return;
  if (notes.fork !== undefined && record.thread_id !== undefined) notes.fork.part = 'own';
  const badBefore = context.badCounts;
  const used = countersOf(record.usage, context);
  if (used === undefined) return context.unknownType();
  notes.hasRecords = true;
  notes.hasUsage = true;
  if (!isUsage(used)) return;
  const thread = countersOf(record.thread_token_usage, context)?.join(',');
  const key = record.response_id ?? (thread === undefined ? `at ${context.offset}` : `sum ${thread}`);
  takeResponse(`${notes.thread}\0${key}`, used, used, at, context, {
    isSuspect: context.badCounts > badBefore,
    tellsReasoning: record.usage?.reasoning_output_tokens !== undefined,
  });
}

/** `step`: what the response used; `last`: what the log says of the last request alone, by which prices and fill go. */
function takeResponse(
  key: string,
  step: Counters,
  last: Counters,
  at: number | undefined,
  context: Context,
  told: { readonly isSuspect: boolean; readonly tellsReasoning: boolean },
): void {
  const notes = context.state;
  const [input, cached, written, output, reasoning] = step;
  const cacheRead = Math.min(cached, input);
  const cacheWrite = Math.min(written, input - cacheRead);
  const isOdd = cacheRead < cached || cacheWrite < written || reasoning > output;
  if (isOdd) context.bad();
  if (notes.isFresh) notes.order = notes.answerItems > 0 ? 'before' : 'after';
  notes.isFresh = false;
  notes.answerItems = 0;
  notes.context = last[0] + last[3];
  if (isCopied(notes)) return;
  if (!notes.isKnown) introduce(context, { at });
  const model = notes.model ?? 'unknown';
  const waiting = notes.calls.filter((each) => each.turn === undefined && !each.isLoose);
  const turn: TurnEvent = {
    kind: 'turn',
    key,
    session: notes.thread,
    at,
    model,
    usage: {
      uncachedInputTokens: input - cacheRead - cacheWrite,
      cacheReadInputTokens: cacheRead,
      cacheCreation5mInputTokens: cacheWrite,
      cacheCreation1hInputTokens: 0,
      outputTokens: output,
      reasoningOutputTokens: told.tellsReasoning ? Math.min(reasoning, output) : undefined,
    },
    fast: notes.tier === 'fast' || notes.tier === 'priority',
    serviceTier: notes.tier,
    webSearchRequests: waiting.filter((each) => each.isSearch).length,
    promptTokens: last[0],
    contextTokens: last[0] + last[3],
    sidechain: notes.parent !== undefined,
    rank: 'own',
    branch: notes.branch,
    suspect: told.isSuspect || isOdd,
    quality: 'measured',
    tools: waiting.map((each) => ({ ...each.call })),
  };
  for (const each of waiting) each.turn = key;
  notes.lastTurn = { ...turn, tools: [] };
  tell(turn, context);
  answerPrompts(turn, context);
}

function countersOf(counts: Counts | undefined, context: Context): Counters | undefined {
  if (counts === undefined) return undefined;
  return [
    countOf(counts.input_tokens, context),
    countOf(counts.cached_input_tokens, context),
    countOf(counts.cache_write_input_tokens, context),
    countOf(counts.output_tokens, context),
    countOf(counts.reasoning_output_tokens, context),
  ];
}

function isUsage(counters: Counters): boolean {
  return counters.some((count) => count > 0);
}

function isGrown(total: Counters, before: Counters): boolean {
  return total.every((count, i) => count >= (before[i] as number)); // both have five
}

function minus(total: Counters, before: Counters): Counters {
  return total.map((count, i) => count - (before[i] as number)) as unknown as Counters; // both have five
}
