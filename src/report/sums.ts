import type { GroupSums } from '../store/queries/report.ts';
import type { Sums } from './figures.ts';

/** The store's columns under our own names: the one place where rows cross into reports. */
export function sumsFrom(row: GroupSums): Sums {
  return {
    sessions: row.sessions,
    turns: row.turns,
    prompts: row.prompts,
    toolCalls: row.tool_calls,
    mcpCalls: row.mcp_calls,
    uncachedInputTokens: row.uncached_input_tokens,
    cacheReadInputTokens: row.cache_read_tokens,
    cacheCreation5mInputTokens: row.cache_write_5m_tokens,
    cacheCreation1hInputTokens: row.cache_write_1h_tokens,
    outputTokens: row.output_tokens,
    reasoningOutputTokens: row.reasoning_tokens,
    reasoningTurns: row.reasoning_turns,
    loggedNanoUsd: row.logged_nano,
    loggedTurns: row.logged_turns,
    calculatedNanoUsd: row.calculated_nano,
    calculatedTurns: row.calculated_turns,
    autoNanoUsd: row.auto_nano,
    autoTurns: row.auto_turns,
    savingsNanoUsd: row.savings_nano,
  };
}
