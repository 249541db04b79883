import type { TokenUsage } from '../events.ts';
import type { PriceRow } from './price-row.ts';

/** A response as figures, signals and suggestions look at it. A session's are given by time, oldest first. */
export interface InsightTurn {
  /** The row's key in hex: what evidence names. */
  readonly id: string;
  /** UTC ms. */
  readonly at: number;
  readonly model: string;
  /** Of a subagent or a side conversation: it does not fill the session's own context. */
  readonly sidechain: boolean;
  readonly usage: TokenUsage;
  /** I + R + W of its last request: what price tiers go by. */
  readonly promptTokens: number;
  /** What the next request starts from. */
  readonly contextTokens: number;
  /** The log's own cost where it states one, else ours. Undefined: unpriced. */
  readonly costNanoUsd: number | undefined;
  /** The price that held for it. Undefined: unpriced. */
  readonly price: PriceRow | undefined;
  /** The first main-chain turn after a compaction mark, or one whose prompt fell by more than half from above 50 000. */
  readonly afterCompaction: boolean;
  readonly toolCalls: number;
  readonly mcpCalls: number;
  /** From the prompt, or the tool result before it, to the answer; undefined where the log does not tell. */
  readonly durationMs?: number | undefined;
}

/** A tool call of a session, by time, oldest first. */
export interface InsightCall {
  /** Of the turn that asked; undefined where the log does not say. */
  readonly turnId: string | undefined;
  readonly name: string;
  readonly mcpServer: string | undefined;
  /** Keyed hash of the arguments; undefined where the log keeps none. */
  readonly digest: string | undefined;
  readonly inputSizeBytes: number;
}

/** Tokens written to the cache, for either time. */
export function cacheWriteTokens(usage: TokenUsage): number {
  return usage.cacheCreation5mInputTokens + usage.cacheCreation1hInputTokens;
}

/** I + R + W: the whole prompt. */
export function promptTokensOf(usage: TokenUsage): number {
  return usage.uncachedInputTokens + usage.cacheReadInputTokens + cacheWriteTokens(usage);
}

/** The sums of some turns' tokens; reasoning only over those that tell it, with their output beside it. */
export function sumUsage(turns: readonly InsightTurn[]): TokenUsage & {
  /** Output of the turns that tell their reasoning: what a share of reasoning is taken of. */
  readonly outputWithReasoning: number;
} {
  const sum = {
    uncachedInputTokens: 0,
    cacheReadInputTokens: 0,
    cacheCreation5mInputTokens: 0,
    cacheCreation1hInputTokens: 0,
    outputTokens: 0,
    outputWithReasoning: 0,
  };
  let reasoning: number | undefined;
  for (const { usage } of turns) {
    sum.uncachedInputTokens += usage.uncachedInputTokens;
    sum.cacheReadInputTokens += usage.cacheReadInputTokens;
    sum.cacheCreation5mInputTokens += usage.cacheCreation5mInputTokens;
    sum.cacheCreation1hInputTokens += usage.cacheCreation1hInputTokens;
    sum.outputTokens += usage.outputTokens;
    if (usage.reasoningOutputTokens === undefined) continue;
    reasoning = (reasoning ?? 0) + usage.reasoningOutputTokens;
    sum.outputWithReasoning += usage.outputTokens;
  }
  return { ...sum, reasoningOutputTokens: reasoning };
}
