import type { TokenUsage, TurnEvent } from '../events.ts';

/**
 * Two copies of one response, written one after the other, as one: the maximum of each count, the earlier time.
 * Undefined when they are not such copies, and whoever stores them must tell which counts.
 */
export function mergeCopies(a: TurnEvent, b: TurnEvent): TurnEvent | undefined {
  const alike =
    a.key === b.key &&
    a.session === b.session &&
    a.sidechain === b.sidechain &&
    a.rank === b.rank &&
    a.model === b.model;
  if (!alike || a.branch !== b.branch || a.at === undefined || b.at === undefined) return undefined;
  if (sameCounts(a, b) && a.at <= b.at) return a;
  return {
    ...a,
    at: Math.min(a.at, b.at),
    usage: maxUsage(a.usage, b.usage),
    fast: a.fast || b.fast,
    serviceTier: a.serviceTier ?? b.serviceTier,
    costNanoUsd: maxKnown(a.costNanoUsd, b.costNanoUsd),
    webSearchRequests: Math.max(a.webSearchRequests, b.webSearchRequests),
    promptTokens: Math.max(a.promptTokens, b.promptTokens),
    contextTokens: Math.max(a.contextTokens, b.contextTokens),
    suspect: a.suspect === true || b.suspect === true,
  };
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
