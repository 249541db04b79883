import { numberOf, rows, sqliteRows, textOf, type Value } from '../../readers/sqlite-rows.ts';
import { timeOf } from '../../readers/values.ts';
import { childSession, ranks } from './place.ts';
import { costOf, countsOf } from './turns.ts';

/** Noted down while one reading lasts: what sessions say of themselves, for their calls, and the subagents told of. */
interface StoreNotes {
  readonly sessions: Map<string, { readonly cwd: string | undefined; readonly branch: string | undefined }>;
  readonly agents: Set<string>;
}

/** Reads `session-store.db`, which all sessions share. */
export const readStore = sqliteRows<StoreNotes>({
  start: () => ({ sessions: new Map(), agents: new Set() }),
  queries: [
    rows({
      table: 'sessions',
      columns: { id: 'id', cwd: 'cwd', branch: 'branch', createdAt: 'created_at' },
      parse({ id, ...row }, context) {
        if (id === undefined) return;
        const facts = { cwd: textOf(row.cwd), branch: textOf(row.branch) };
        context.state.sessions.set(String(id), facts);
        context.emit({
          kind: 'session',
          session: String(id),
          ...facts,
          rank: 'progress',
          at: storeTime(row.createdAt),
        });
      },
    }),
    rows({
      table: 'assistant_usage_events',
      columns: {
        id: 'id',
        session: 'session_id',
        agentId: 'agent_id',
        model: 'model',
        inputTokens: 'input_tokens',
        outputTokens: 'output_tokens',
        cacheReadTokens: 'cache_read_tokens',
        cacheWriteTokens: 'cache_write_tokens',
        reasoningTokens: 'reasoning_tokens',
        nanoAiu: 'total_nano_aiu',
        initiator: 'initiator',
        createdAt: 'created_at',
      },
      changes: 'appended',
      parse(row, context) {
        const { session: id, agentId } = row;
        if (id === undefined || (row.inputTokens === undefined && row.outputTokens === undefined)) return;
        const facts = context.state.sessions.get(String(id));
        const session = agentId === undefined ? String(id) : childSession(String(id), String(agentId));
        const at = storeTime(row.createdAt);
        if (agentId !== undefined && !context.state.agents.has(session)) {
          context.state.agents.add(session);
          context.emit({ kind: 'session', session, parent: String(id), ...facts, rank: 'progress', at });
        }
        const isCompaction = row.initiator === 'compaction';
        const counts = countsOf(
          {
            inputTokens: numberOf(row.inputTokens),
            outputTokens: numberOf(row.outputTokens),
            cacheReadTokens: numberOf(row.cacheReadTokens),
            cacheWriteTokens: numberOf(row.cacheWriteTokens),
            reasoningTokens: numberOf(row.reasoningTokens),
          },
          context,
        );
        context.emit({
          ...counts,
          kind: 'turn',
          // Numbers begin again in a new store; times do not.
          key: `store:${id}:${row.id}:${row.createdAt}`,
          session,
          at,
          model: textOf(row.model) || 'unknown',
          contextTokens: isCompaction ? 0 : counts.contextTokens,
          fast: false,
          costNanoUsd: costOf(numberOf(row.nanoAiu)),
          webSearchRequests: 0,
          sidechain: agentId !== undefined,
          rank: 'own',
          branch: facts?.branch,
          compaction: isCompaction,
          quality: 'measured',
          source: { rank: ranks.store, session: String(id) },
          tools: [],
        });
      },
    }),
  ],
});

/** ISO 8601, or SQLite's own form of UTC. */
function storeTime(value: Value): number | undefined {
  const text = textOf(value);
  return timeOf(text) ?? timeOf(text === undefined ? undefined : `${text.replace(' ', 'T')}Z`);
}
