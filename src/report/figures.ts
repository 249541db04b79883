/** Sums as the store gives them and the figures every report, page and answer shows of them. */

import { cacheHitRatio } from '../metrics/cache.ts';

/**
 * Sums over some turns. Integers: counts, tokens, nano-USD (1e-9 USD). The cost of a turn is kept three ways: as its log
 * states it, as we calculate it from tokens and prices, and `auto` (the log's where it states one, else ours).
 */
export interface Sums {
  /** Distinct sessions with a turn here, subagents folded into their parent. Does not add up over groups. */
  readonly sessions: number;
  readonly turns: number;
  readonly prompts: number;
  readonly toolCalls: number;
  readonly mcpCalls: number;
  readonly uncachedInputTokens: number;
  readonly cacheReadInputTokens: number;
  readonly cacheCreation5mInputTokens: number;
  readonly cacheCreation1hInputTokens: number;
  readonly outputTokens: number;
  /** Over the turns that tell it. */
  readonly reasoningOutputTokens: number;
  /** Turns that tell their reasoning tokens. */
  readonly reasoningTurns: number;
  readonly loggedNanoUsd: number;
  readonly loggedTurns: number;
  readonly calculatedNanoUsd: number;
  readonly calculatedTurns: number;
  readonly autoNanoUsd: number;
  /** Turns with either cost. */
  readonly autoTurns: number;
  /** Net savings by cache over the turns our table prices; may be negative. */
  readonly savingsNanoUsd: number;
}

/** Which cost counts. @see Sums */
export type CostMode = 'auto' | 'calculate' | 'display';

/** Where the counted cost comes from; `none`: no turn has one. */
export type CostSource = 'logged' | 'calculated' | 'mixed' | 'none';

/** The public figures, in their published order. Tokens whole, money in USD. */
export interface Figures {
  readonly sessions: number;
  readonly turns: number;
  readonly prompts: number;
  /** Uncached input only. */
  readonly input_tokens: number;
  readonly cache_read_tokens: number;
  readonly cache_write_tokens: number;
  readonly cache_write_5m_tokens: number;
  readonly cache_write_1h_tokens: number;
  readonly output_tokens: number;
  /** Part of output, over the turns that tell it; null when none does. */
  readonly reasoning_tokens: number | null;
  readonly total_tokens: number;
  /** null: there are turns and not one has a cost. */
  readonly cost_usd: number | null;
  readonly cost_source: CostSource;
  readonly unpriced_turns: number;
  /** Cache reads over cache reads plus uncached input, 0–1; null without either. */
  readonly cache_hit_rate: number | null;
  /** May be negative; null: there are turns and our table prices none. */
  readonly cache_savings_usd: number | null;
  readonly tool_calls: number;
  readonly mcp_calls: number;
}

/** The public figures of some sums. `noCost` leaves out what money tells. */
export function figuresOf(sums: Sums, mode: CostMode, noCost = false): Figures {
  const cost = costOf(sums, mode);
  const writes = sums.cacheCreation5mInputTokens + sums.cacheCreation1hInputTokens;
  return {
    sessions: sums.sessions,
    turns: sums.turns,
    prompts: sums.prompts,
    input_tokens: sums.uncachedInputTokens,
    cache_read_tokens: sums.cacheReadInputTokens,
    cache_write_tokens: writes,
    cache_write_5m_tokens: sums.cacheCreation5mInputTokens,
    cache_write_1h_tokens: sums.cacheCreation1hInputTokens,
    output_tokens: sums.outputTokens,
    reasoning_tokens: sums.reasoningTurns === 0 ? null : sums.reasoningOutputTokens,
    total_tokens: totalTokensOf(sums),
    cost_usd: noCost || cost.nanoUsd === null ? null : usdOf(cost.nanoUsd),
    cost_source: noCost ? 'none' : cost.source,
    unpriced_turns: sums.turns - cost.turns,
    cache_hit_rate: cacheHitRatio(sums) ?? null,
    cache_savings_usd: noCost || (sums.turns > 0 && sums.calculatedTurns === 0) ? null : usdOf(sums.savingsNanoUsd),
    tool_calls: sums.toolCalls,
    mcp_calls: sums.mcpCalls,
  };
}

/** Uncached input, cache reads and writes, and all output. */
export function totalTokensOf(sums: Sums): number {
  const input = sums.uncachedInputTokens + sums.cacheReadInputTokens;
  return input + sums.cacheCreation5mInputTokens + sums.cacheCreation1hInputTokens + sums.outputTokens;
}

/** Cost in nano-USD in this mode, how many turns have one, and whence; `nanoUsd` null: there are turns, none has one. */
export function costOf(
  sums: Sums,
  mode: CostMode,
): { readonly nanoUsd: number | null; readonly turns: number; readonly source: CostSource } {
  const counted = {
    auto: [sums.autoNanoUsd, sums.autoTurns, sums.loggedTurns],
    calculate: [sums.calculatedNanoUsd, sums.calculatedTurns, 0],
    display: [sums.loggedNanoUsd, sums.loggedTurns, sums.loggedTurns],
  } as const;
  const [nanoUsd, turns, logged] = counted[mode];
  if (turns === 0) return { nanoUsd: sums.turns > 0 ? null : nanoUsd, turns, source: 'none' };
  return { nanoUsd, turns, source: logged === 0 ? 'calculated' : logged >= turns ? 'logged' : 'mixed' };
}

/** Dollars of integer nano-USD: the last step before a figure is shown. */
export function usdOf(nanoUsd: number): number {
  return nanoUsd / 1e9;
}

/** Sums of nothing. */
export const emptySums: Sums = {
  sessions: 0,
  turns: 0,
  prompts: 0,
  toolCalls: 0,
  mcpCalls: 0,
  uncachedInputTokens: 0,
  cacheReadInputTokens: 0,
  cacheCreation5mInputTokens: 0,
  cacheCreation1hInputTokens: 0,
  outputTokens: 0,
  reasoningOutputTokens: 0,
  reasoningTurns: 0,
  loggedNanoUsd: 0,
  loggedTurns: 0,
  calculatedNanoUsd: 0,
  calculatedTurns: 0,
  autoNanoUsd: 0,
  autoTurns: 0,
  savingsNanoUsd: 0,
};

/** Field by field. `sessions` too: right only where the two share none. */
export function addSums(a: Sums, b: Sums): Sums {
  const fields = Object.keys(emptySums) as (keyof Sums)[]; // the constant's own keys
  return Object.fromEntries(fields.map((field) => [field, a[field] + b[field]])) as unknown as Sums; // every key, once
}
