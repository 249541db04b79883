import type { InsightCall, InsightTurn } from '../../src/metrics/insight-turn.ts';
import { promptTokensOf } from '../../src/metrics/insight-turn.ts';
import { priceRow, usage } from './usage.ts';

let count = 0;

/** A main-chain turn of Opus at 5/25 USD; tokens in the order I, R, W5, W1, O. */
export function turn(tokens: Parameters<typeof usage>, change: Partial<InsightTurn> = {}): InsightTurn {
  const used = usage(...tokens);
  const promptTokens = promptTokensOf(used);
  return {
    id: `t${++count}`,
    at: 0,
    model: 'claude-opus-4-5',
    sidechain: false,
    usage: used,
    promptTokens,
    contextTokens: promptTokens + used.outputTokens,
    costNanoUsd: undefined,
    price: priceRow(),
    afterCompaction: false,
    toolCalls: 0,
    mcpCalls: 0,
    ...change,
  };
}

/** The same tokens with reasoning in them. */
export function reasoningTurn(output: number, reasoning: number | undefined): InsightTurn {
  const plain = turn([0, 0, 0, 0, output]);
  return { ...plain, usage: { ...plain.usage, reasoningOutputTokens: reasoning } };
}

export function call(name: string, digest?: string, change: Partial<InsightCall> = {}): InsightCall {
  return { turnId: 't', name, mcpServer: undefined, digest, inputSizeBytes: 1, ...change };
}
