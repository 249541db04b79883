import type { Database } from '../driver.ts';
import { projectNames } from './projects.ts';
import { type Scope, scopedSource } from './scope.ts';

/** One billed response. Tokens and counts whole, costs in nano-USD, `at` in UTC ms. */
export interface TurnFacts {
  /** The row's key in hex: the same for the same response in every store. */
  readonly id: string;
  readonly session: string;
  /** The session that started this one as a subagent. */
  readonly parent: string | null;
  readonly provider: string;
  readonly at: number;
  /** Null: the log does not name one. */
  readonly model: string | null;
  readonly fast: 0 | 1;
  readonly uncachedInputTokens: number;
  readonly cacheReadInputTokens: number;
  readonly cacheCreation5mInputTokens: number;
  readonly cacheCreation1hInputTokens: number;
  readonly outputTokens: number;
  /** Null: the log does not tell. */
  readonly reasoningOutputTokens: number | null;
  readonly costLoggedNanoUsd: number | null;
  readonly costCalculatedNanoUsd: number | null;
  /** How many responses the row stands for, where the log tells but their sum. */
  readonly responses: number;
  readonly branch: string | null;
  readonly project: string | null;
  readonly projectRoot: string | null;
  /** Of a subagent, or of a side conversation within the session. */
  readonly isSubagent: boolean;
  readonly isCompaction: boolean;
  readonly toolCalls: number;
  readonly mcpCalls: number;
  readonly serviceTier: string | null;
  readonly quality: string;
  /** The time is the file's, not the log's. */
  readonly approximate: boolean;
}

type Row = Omit<TurnFacts, 'project' | 'projectRoot' | 'isSubagent' | 'isCompaction' | 'approximate'> & {
  readonly projectId: number;
  readonly isSubagent: number;
  readonly isCompaction: number;
  readonly approximate: number;
};

/**
 * Every turn of a scope by time, one after the other, as the store stood at the first: memory does not grow with their
 * number. The handle takes no other statement until the last has been taken or the loop is left.
 */
export function* eachTurn(db: Database, scope: Scope): Generator<TurnFacts> {
  const source = scopedSource(db, scope, { needsSessions: true });
  // The turns themselves stand in for the rollup: they have its dimensions. CROSS: in the order of their index, unsorted.
  const statement = db.prepare<unknown[], Row>(`
    SELECT LOWER(HEX(r.key)) AS id, s.sid AS session, p.sid AS parent, s.provider, r.at, m.text AS model, r.fast,
      r.uncached_input_tokens AS uncachedInputTokens, r.cache_read_tokens AS cacheReadInputTokens,
      r.cache_write_5m_tokens AS cacheCreation5mInputTokens, r.cache_write_1h_tokens AS cacheCreation1hInputTokens,
      r.output_tokens AS outputTokens, r.reasoning_tokens AS reasoningOutputTokens,
      r.cost_logged_nano AS costLoggedNanoUsd, r.cost_calculated_nano AS costCalculatedNanoUsd,
      b.text AS branch, s.project_id AS projectId, (s.parent_id IS NOT NULL OR r.sidechain = 1) AS isSubagent,
      r.is_compaction AS isCompaction, r.responses, r.tool_calls AS toolCalls, r.mcp_calls AS mcpCalls,
      r.service_tier AS serviceTier, r.quality, r.approximate
    FROM (SELECT *, at AS bucket FROM turn) r CROSS JOIN session s ON s.id = r.session_id
      LEFT JOIN session p ON p.id = s.parent_id LEFT JOIN word m ON m.id = r.model_id LEFT JOIN word b ON b.id = r.branch_id
    WHERE ${source.where} ORDER BY r.at, r.id`);
  const projects = projectNames(db);
  for (const { projectId, isSubagent, isCompaction, approximate, ...row } of statement.iterate(...source.values)) {
    const project = projects.get(projectId);
    yield {
      ...row,
      project: project?.name ?? null,
      projectRoot: project?.root ?? null,
      isSubagent: isSubagent === 1,
      isCompaction: isCompaction === 1,
      approximate: approximate === 1,
    };
  }
}
