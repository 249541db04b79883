import type { TurnEvent, TurnSource } from '../../events.ts';
import { countOf } from '../../readers/values.ts';
import type { Context, Sum } from './notes.ts';
import type { Place } from './place.ts';
import type { Tokens } from './plan.ts';

/** A call that used nothing. */
export const nothing = {
  uncachedInputTokens: 0,
  cacheReadInputTokens: 0,
  cacheCreation5mInputTokens: 0,
  cacheCreation1hInputTokens: 0,
  outputTokens: 0,
} as const;

/** What all turns of this log have in common. */
export function turnOf(place: Place, context: Context, rank: number) {
  const { session, branch } = context.state;
  return {
    kind: 'turn',
    session: place.session,
    at: place.at,
    fast: false,
    webSearchRequests: 0,
    sidechain: place.agentId !== undefined,
    rank: place.rank,
    branch,
    source: { rank, session } as TurnSource,
    tools: [],
  } as const;
}

/** Counters of one call as a turn has them. The input holds what was read from and written to the cache. */
export function countsOf(
  tokens: Tokens,
  context: { bad(): void; readonly badCounts: number },
): Pick<TurnEvent, 'usage' | 'promptTokens' | 'contextTokens' | 'suspect' | 'copies'> {
  const badBefore = context.badCounts;
  const promptTokens = countOf(tokens.inputTokens, context);
  const outputTokens = countOf(tokens.outputTokens, context);
  const usage = usageOf(
    {
      input: promptTokens,
      output: outputTokens,
      cacheRead: countOf(tokens.cacheReadTokens, context),
      cacheWrite: countOf(tokens.cacheWriteTokens, context),
      reasoning: tokens.reasoningTokens === undefined ? undefined : countOf(tokens.reasoningTokens, context),
    },
    context,
  );
  const suspect = context.badCounts > badBefore;
  return { usage, promptTokens, contextTokens: promptTokens + outputTokens, suspect, copies: 'prompt' };
}

/** Tokens in disjoint kinds: the input holds what was read from and written to the cache. */
export function usageOf(
  { input, output, cacheRead, cacheWrite, reasoning }: Omit<Sum, 'requests' | 'nanoAiu'>,
  context: { bad(): void },
): TurnEvent['usage'] {
  if (cacheRead + cacheWrite > input || (reasoning ?? 0) > output) context.bad();
  return {
    uncachedInputTokens: Math.max(0, input - cacheRead - cacheWrite),
    cacheReadInputTokens: cacheRead,
    cacheCreation5mInputTokens: cacheWrite,
    cacheCreation1hInputTokens: 0,
    outputTokens: output,
    reasoningOutputTokens: reasoning === undefined ? undefined : Math.min(output, reasoning),
  };
}

/** 1e9 nano AI units are one credit, a cent. 0 stands for "not known" where somebody else's key was used. */
export function costOf(nanoAiu: number | undefined): number | undefined {
  return nanoAiu !== undefined && nanoAiu > 0 && nanoAiu <= 1e17 ? Math.round(nanoAiu / 100) : undefined;
}
