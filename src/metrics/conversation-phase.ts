import type { InsightCall, InsightTurn } from './insight-turn.ts';
import { mean } from './stats.ts';
import { isFileWrite, isSearch } from './tool-names.ts';

export type ConversationPhase = 'compaction' | 'exploration' | 'focus' | 'wind_down';

/**
 * What a session is doing, by its main-chain turns: just compacted; looking around, when more than 55 % of the last five
 * turns' calls read or search; focused, when more than 40 % write; else by whether the mean uncached input of the later
 * half fell below 0.75 or rose above 1.35 of the earlier half's. Undefined below three turns, or when nothing tells.
 */
export function conversationPhase(
  turns: readonly InsightTurn[],
  calls: readonly InsightCall[],
): ConversationPhase | undefined {
  const mainChain = turns.filter((turn) => !turn.sidechain);
  if (mainChain.length < 3) return undefined;
  if (mainChain.at(-1)?.afterCompaction === true) return 'compaction';
  const lastIds = new Set(mainChain.slice(-5).map((turn) => turn.id));
  const recent = calls.filter((call) => call.turnId !== undefined && lastIds.has(call.turnId));
  if (recent.length > 0) {
    const writes = recent.filter((call) => isFileWrite(call.name)).length / recent.length;
    const looks = recent.filter((call) => !isFileWrite(call.name) && isSearch(call.name)).length / recent.length;
    if (looks > 0.55) return 'exploration';
    if (writes > 0.4) return 'focus';
  }
  return mainChain.length >= 6 ? byInput(mainChain) : undefined;
}

function byInput(turns: readonly InsightTurn[]): ConversationPhase | undefined {
  const middle = Math.floor(turns.length / 2);
  const inputs = turns.map((turn) => turn.usage.uncachedInputTokens);
  const earlier = mean(inputs.slice(0, middle)) ?? 0;
  const later = mean(inputs.slice(middle)) ?? 0;
  if (earlier === 0) return undefined;
  if (later / earlier < 0.75) return 'wind_down';
  return later / earlier > 1.35 ? 'exploration' : undefined;
}
