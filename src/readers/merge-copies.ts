import type { TokenUsage, ToolCall, TurnEvent } from '../events.ts';

/**
 * Folds copy `b` of a response into copy `a`, written just before it: the maximum of each count, the earlier time, the
 * tool calls of both. False, and nothing done, when they are not such copies: whoever stores them must tell which counts.
 */
export function mergeCopies(a: TurnEvent, b: TurnEvent): boolean {
  const alike =
    a.key === b.key &&
    a.session === b.session &&
    a.sidechain === b.sidechain &&
    a.rank === b.rank &&
    a.model === b.model &&
    a.copies === undefined &&
    b.copies === undefined;
  if (!alike || a.branch !== b.branch || a.at === undefined || b.at === undefined) return false;
  // The batch that made `a` still has it to itself.
  const into: Mutable<TurnEvent> = a;
  if (b.tools.length > 0) into.tools = joinTools(a.tools, b.tools);
  if (sameCounts(a, b) && a.at <= b.at) return true;
  into.at = Math.min(a.at, b.at);
  into.usage = maxUsage(a.usage, b.usage);
  into.fast = a.fast || b.fast;
  into.serviceTier = a.serviceTier ?? b.serviceTier;
  into.costNanoUsd = maxKnown(a.costNanoUsd, b.costNanoUsd);
  into.webSearchRequests = Math.max(a.webSearchRequests, b.webSearchRequests);
  into.promptTokens = Math.max(a.promptTokens, b.promptTokens);
  into.contextTokens = Math.max(a.contextTokens, b.contextTokens);
  into.suspect = a.suspect === true || b.suspect === true;
  return true;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function joinTools(a: readonly ToolCall[], b: readonly ToolCall[]): readonly ToolCall[] {
  return a.length === 0 ? b : [...a, ...b.filter((call) => !a.some((other) => other.key === call.key))];
}

/** Most copies differ in nothing but their time. */
function sameCounts(a: TurnEvent, b: TurnEvent): boolean {
  return (
    a.usage.outputTokens === b.usage.outputTokens &&
    a.usage.uncachedInputTokens === b.usage.uncachedInputTokens &&
    a.usage.cacheReadInputTokens === b.usage.cacheReadInputTokens &&
    a.usage.cacheCreation5mInputTokens === b.usage.cacheCreation5mInputTokens &&
    a.usage.cacheCreation1hInputTokens === b.usage.cacheCreation1hInputTokens &&
    a.usage.reasoningOutputTokens === b.usage.reasoningOutputTokens &&
    a.fast === b.fast &&
    a.serviceTier === b.serviceTier &&
    a.costNanoUsd === b.costNanoUsd &&
    a.webSearchRequests === b.webSearchRequests &&
    a.promptTokens === b.promptTokens &&
    a.contextTokens === b.contextTokens &&
    a.suspect === b.suspect
  );
}

function maxUsage(a: TokenUsage, b: TokenUsage): TokenUsage {
  return {
    uncachedInputTokens: Math.max(a.uncachedInputTokens, b.uncachedInputTokens),
    cacheReadInputTokens: Math.max(a.cacheReadInputTokens, b.cacheReadInputTokens),
    cacheCreation5mInputTokens: Math.max(a.cacheCreation5mInputTokens, b.cacheCreation5mInputTokens),
    cacheCreation1hInputTokens: Math.max(a.cacheCreation1hInputTokens, b.cacheCreation1hInputTokens),
    outputTokens: Math.max(a.outputTokens, b.outputTokens),
    reasoningOutputTokens: maxKnown(a.reasoningOutputTokens, b.reasoningOutputTokens),
  };
}

function maxKnown(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined) return b;
  return b === undefined ? a : Math.max(a, b);
}
