import type { TokenUsage, TurnEvent } from '../../events.ts';
import { countOf, nanoUsdOf } from '../../readers/values.ts';
import type { Context, Place } from './notes.ts';
import type { Message, Tokens, Usage } from './plan.ts';
import { toolCalls } from './tools.ts';

/** A response and its tool calls. Nothing for the client's own placeholder texts, which bill nothing. */
export function takeMessage(message: Message, context: Context, place: Place): TurnEvent | undefined {
  const { usage } = message;
  if (usage === undefined || message.model === '<synthetic>') return undefined;
  const key = turnKey(message, context, place);
  const badBefore = context.badCounts;
  const total = tokensOf(usage, context);
  const last = lastRequest(usage, context) ?? total;
  const suspect = context.badCounts > badBefore;
  const turn: TurnEvent = {
    kind: 'turn',
    key,
    session: place.session,
    at: place.at,
    model: message.model || 'unknown',
    usage: total,
    fast: usage.speed === 'fast',
    serviceTier: usage.service_tier,
    costNanoUsd: nanoUsdOf(place.costUsd),
    webSearchRequests: countOf(usage.server_tool_use?.web_search_requests, context),
    promptTokens: promptOf(last),
    contextTokens: promptOf(last) + last.outputTokens,
    sidechain: place.sidechain,
    rank: place.rank,
    branch: place.branch,
    compaction: context.state.agentId?.startsWith('acompact'),
    suspect,
    quality: 'measured',
    tools: toolCalls(message.content, key, place, context),
  };
  context.emitTurn(turn);
  if (usage.iterations !== undefined) emitAdvisors(usage.iterations, turn, context);
  return turn;
}

/** A response may be made of several requests; its context is the last one's. Undefined when there was but one. */
function lastRequest(usage: Usage, context: Context): TokenUsage | undefined {
  if (usage.iterations === undefined) return undefined;
  const requests = usage.iterations.items.filter((item) => item.type === 'message');
  return requests.length > 1 ? tokensOf(requests.at(-1) as Tokens, context) : undefined;
}

/** Advisor requests are billed beside the total, under their own model. */
function emitAdvisors(iterations: NonNullable<Usage['iterations']>, turn: TurnEvent, context: Context): void {
  const advisors = iterations.items.filter((item) => item.type === 'advisor_message');
  advisors.forEach((item, index) => {
    const used = tokensOf(item, context);
    context.emit({
      ...turn,
      tools: [],
      key: `${turn.key}#advisor${index}`,
      model: item.model ?? turn.model,
      usage: used,
      fast: false,
      costNanoUsd: undefined,
      webSearchRequests: 0,
      promptTokens: promptOf(used),
      contextTokens: 0, // not a step of the conversation: the fill stays the main answer's
    });
  });
}

/**
 * The API's own id where there is one, the same in every copy. Ids of gateways repeat, in the worst case in every
 * response, so they hold only within a session and until the user's next row.
 */
function turnKey(message: Message, context: Context, place: Place): string {
  if (message.id?.startsWith('msg_')) return message.id;
  if (message.id) return `${place.session}\0${message.id}\0${context.state.lastUser[place.chain] ?? ''}`;
  if (place.requestId) return `request\0${place.requestId}`;
  return place.uuid ? `row\0${place.uuid}` : `at\0${context.file.scope}:${context.offset}`;
}

function tokensOf(part: Tokens, context: Context): TokenUsage {
  const write = countOf(part.cache_creation_input_tokens, context);
  const write1h = countOf(part.cache_creation?.ephemeral_1h_input_tokens, context);
  const write5m = countOf(part.cache_creation?.ephemeral_5m_input_tokens, context);
  const details = part.output_tokens_details;
  const reasoning = details?.thinking_tokens ?? details?.reasoning_tokens;
  const output = countOf(part.output_tokens, context);
  if (reasoning !== undefined && reasoning > output) context.bad();
  return {
    uncachedInputTokens: countOf(part.input_tokens, context),
    cacheReadInputTokens: countOf(part.cache_read_input_tokens, context),
    // What the split leaves uncovered was written for five minutes.
    cacheCreation5mInputTokens: Math.max(write5m, write - write1h),
    cacheCreation1hInputTokens: write1h,
    outputTokens: output,
    reasoningOutputTokens: reasoning === undefined ? undefined : Math.min(output, countOf(reasoning, context)),
  };
}

function promptOf(usage: TokenUsage): number {
  return (
    usage.uncachedInputTokens +
    usage.cacheReadInputTokens +
    usage.cacheCreation5mInputTokens +
    usage.cacheCreation1hInputTokens
  );
}
