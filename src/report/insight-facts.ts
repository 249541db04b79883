import { isCompactionDrop } from '../metrics/compaction-drop.ts';
import type { InsightCall, InsightTurn } from '../metrics/insight-turn.ts';
import type { PriceBook } from '../metrics/prices.ts';
import type { Database } from '../store/driver.ts';
import type { CallRow } from '../store/queries/insight-calls.ts';
import { compactionMarks, type InsightTurnRow, mainPrompts } from '../store/queries/insight-turns.ts';

/**
 * Rows as insight looks at them: priced, their chain told, and the first main-chain turn after each compaction marked.
 * `ownRowId`: the session whose main chain counts; undefined: every session's own (a day's turns).
 */
export function insightTurns(
  db: Database,
  rows: readonly InsightTurnRow[],
  ownRowId: number | undefined,
  book: PriceBook,
): readonly InsightTurn[] {
  const marks = new Map<number, number[]>();
  for (const { sessionRowId, at } of compactionMarks(db, [...new Set(rows.map((row) => row.sessionRowId))]))
    marks.set(sessionRowId, [...(marks.get(sessionRowId) ?? []), at]);
  const before = new Map<number, InsightTurnRow>();
  return rows.map((row) => {
    const sidechain = row.sidechain === 1 || (ownRowId !== undefined && row.sessionRowId !== ownRowId);
    let afterCompaction = false;
    if (!sidechain) {
      const last = before.get(row.sessionRowId);
      afterCompaction = isAfterCompaction(last, row, marks.get(row.sessionRowId) ?? []);
      before.set(row.sessionRowId, row);
    }
    return {
      id: row.id,
      at: row.at,
      model: row.model ?? 'unknown',
      sidechain,
      usage: {
        uncachedInputTokens: row.uncachedInputTokens,
        cacheReadInputTokens: row.cacheReadInputTokens,
        cacheCreation5mInputTokens: row.cacheCreation5mInputTokens,
        cacheCreation1hInputTokens: row.cacheCreation1hInputTokens,
        outputTokens: row.outputTokens,
        reasoningOutputTokens: row.reasoningOutputTokens ?? undefined,
      },
      promptTokens: row.promptTokens,
      contextTokens: row.contextTokens,
      costNanoUsd: row.nano ?? undefined,
      price: row.model === null ? undefined : book.find(row.model, row.at, row.fast === 1 ? 'fast' : 'standard'),
      afterCompaction,
      toolCalls: row.toolCalls,
      mcpCalls: row.mcpCalls,
    };
  });
}

type Prompt = Pick<InsightTurnRow, 'at' | 'model' | 'promptTokens'>;

function isAfterCompaction(last: Prompt | undefined, row: Prompt, marks: readonly number[]): boolean {
  if (last === undefined) return false;
  if (marks.some((at) => at >= last.at && at <= row.at)) return true;
  const isTold = row.promptTokens > 0;
  return isTold && last.model === row.model && isCompactionDrop(last.promptTokens, row.promptTokens);
}

export function insightCalls(rows: readonly CallRow[]): readonly InsightCall[] {
  return rows.map((row) => ({
    turnId: row.turnId ?? undefined,
    name: row.name ?? '',
    mcpServer: row.server ?? undefined,
    digest: row.digest ?? undefined,
    inputSizeBytes: row.inputSize,
  }));
}

/** How many main-chain turns there were since the last compaction, however many. */
export function turnsSinceCompaction(db: Database, rowId: number): number {
  const marks = compactionMarks(db, [rowId]).map(({ at }) => at);
  let count = 0;
  let later: Prompt | undefined;
  for (const prompt of mainPrompts(db, rowId)) {
    if (later !== undefined && isAfterCompaction(prompt, later, marks)) break;
    if (prompt.contextTokens > 0) count++;
    later = prompt;
  }
  return count;
}

/** Main-chain turns since the last compaction, oldest first: those the context is made of. */
export function sinceCompaction(turns: readonly InsightTurn[]): readonly InsightTurn[] {
  const mainChain = turns.filter((turn) => !turn.sidechain && turn.contextTokens > 0);
  const last = mainChain.findLastIndex((turn) => turn.afterCompaction);
  return mainChain.slice(Math.max(last, 0));
}
