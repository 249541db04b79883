import { knownCount } from '../../readers/values.ts';
import type { Context } from './notes.ts';
import { act, type Place, ranks } from './place.ts';
import type { Data } from './plan.ts';
import { learnWindow } from './sessions.ts';
import { costOf, countsOf, turnOf } from './turns.ts';

/** The call that wrote the summary stands in no sum and has no record of its own. */
export function takeCompaction(data: Data, place: Place, context: Context): void {
  const notes = context.state;
  const used = data.compactionTokensUsed;
  if (used !== undefined) {
    const tokens = {
      inputTokens: used.inputTokens ?? used.input,
      outputTokens: used.outputTokens ?? used.output,
      cacheReadTokens: used.cacheReadTokens ?? used.cachedInput,
      cacheWriteTokens: used.cacheWriteTokens,
      reasoningTokens: used.reasoningTokens,
    };
    const turn = turnOf(place, context, ranks.record);
    if (tokens.inputTokens !== undefined || tokens.outputTokens !== undefined)
      context.emit({
        ...turn,
        ...countsOf(tokens, context),
        key: `compaction:${place.key}`,
        model: used.model ?? notes.model ?? 'unknown',
        contextTokens: 0, // its prompt is gone
        costNanoUsd: costOf(used.copilotUsage?.totalNanoAiu),
        compaction: true,
        quality: 'measured',
        source: { ...turn.source, isExtra: true },
      });
  }
  learnWindow(data.tokenLimit, place, context);
  const fill = notes.fill;
  notes.fill = undefined;
  if (data.success === false)
    return act({ type: 'notification', phase: 'emitted', name: 'compaction', success: false }, place, context);
  // Before 1.0.8x these two were the conversation's alone.
  const isWhole = data.tokenAccountingBasis?.includes('full_context') === true;
  const parts = [data.systemTokens, data.conversationTokens, data.toolDefinitionsTokens].map(knownCount);
  context.emit({
    kind: 'compaction',
    key: place.key,
    session: place.session,
    at: place.at,
    trigger: data.trigger,
    preTokens: fill ?? (isWhole ? knownCount(data.preCompactionTokens) : undefined),
    postTokens: isWhole ? knownCount(data.postCompactionTokens) : sumOfKnown(parts),
    micro: false,
  });
}

function sumOfKnown(parts: readonly (number | undefined)[]): number | undefined {
  return parts.reduce((sum, part) => (sum === undefined || part === undefined ? undefined : sum + part), 0);
}

/** Messages were left out of the context. */
export function takeTruncation(data: Data, place: Place, context: Context): void {
  learnWindow(data.tokenLimit, place, context);
  const removed = (data.tokensRemovedDuringTruncation ?? 0) > 0 || (data.messagesRemovedDuringTruncation ?? 0) > 0;
  if (!removed) return;
  context.emit({
    kind: 'compaction',
    key: place.key,
    session: place.session,
    at: place.at,
    trigger: 'truncation',
    preTokens: knownCount(data.preTruncationTokensInMessages),
    postTokens: knownCount(data.postTruncationTokensInMessages),
    micro: true,
  });
}
