import type { Database } from '../store/driver.ts';
import { type InsightTurnRow, sessionTurns } from '../store/queries/insight-turns.ts';
import { sessionUse } from '../store/queries/live-sessions.ts';
import { topSessionNamed } from '../store/queries/sessions.ts';
import type { SessionTurnsAnswer } from './answer-schemas.ts';
import { contextState } from './context.ts';
import { usdOf } from './figures.ts';
import { sessionItem } from './session-list.ts';
import type { NowRequest } from './stats.ts';

/** One session and a page of its turns, subagents' among them; a subagent's id leads to its parent. Undefined: there is none of this id. */
export function sessionTurnsAnswer(
  db: Database,
  request: Pick<NowRequest, 'now' | 'book' | 'growth'>,
  asked: { readonly id: string; readonly limit: number; readonly before: number | undefined },
): SessionTurnsAnswer | undefined {
  const rowId = topSessionNamed(db, asked.id);
  const use = rowId === undefined ? undefined : sessionUse(db, [rowId]).get(rowId);
  if (rowId === undefined || use === undefined) return undefined;
  const { facts } = use;
  const context = contextState(db, facts, request);
  const page = sessionTurns(db, rowId, asked.limit + 1, { beforeMs: asked.before });
  const shown = page.slice(-asked.limit);
  const [oldest] = shown;
  return {
    session: {
      ...sessionItem(use, facts.lastTurnAt ?? 0),
      context_window: context.windowTokens ?? null,
      context_fill_pct: context.pressure?.fillPct ?? null,
      compactions: facts.compactions,
      subagents: facts.subagents,
    },
    turns: shown.map((row) => turnItem(row, rowId, context.windowTokens)),
    next_before: page.length > asked.limit && oldest !== undefined ? oldest.at : null,
  };
}

function turnItem(
  row: InsightTurnRow,
  ownRowId: number,
  windowTokens: number | undefined,
): SessionTurnsAnswer['turns'][number] {
  const isSubagent = row.sidechain === 1 || row.sessionRowId !== ownRowId;
  const fill = windowTokens === undefined || isSubagent ? null : (row.contextTokens / windowTokens) * 100;
  return {
    at: row.at,
    model: row.model ?? 'unknown',
    input_tokens: row.uncachedInputTokens,
    cache_read_tokens: row.cacheReadInputTokens,
    cache_write_tokens: row.cacheCreation5mInputTokens + row.cacheCreation1hInputTokens,
    cache_write_5m_tokens: row.cacheCreation5mInputTokens,
    cache_write_1h_tokens: row.cacheCreation1hInputTokens,
    output_tokens: row.outputTokens,
    reasoning_tokens: row.reasoningOutputTokens,
    cost_usd: row.nano === null ? null : usdOf(row.nano),
    fill_pct: fill === null ? null : Math.min(fill, 100),
    is_subagent: isSubagent,
    is_compaction: row.isCompaction === 1,
    tool_calls: row.toolCalls,
  };
}
