import type { Database } from '../store/driver.ts';
import { type SessionUse, sessionUse } from '../store/queries/live-sessions.ts';
import { type SessionListFilter, sessionsBefore } from '../store/queries/session-list.ts';
import type { SessionItem, SessionsAnswer } from './answer-schemas.ts';
import { figuresOf } from './figures.ts';
import { sumsFrom } from './sums.ts';

/** Top-level sessions, the newest activity first, a page at a time; subagents' use counts in their parent's. */
export function sessionsAnswer(db: Database, filter: SessionListFilter): SessionsAnswer {
  const page = sessionsBefore(db, { ...filter, limit: filter.limit + 1 });
  const shown = page.slice(0, filter.limit);
  const use = sessionUse(
    db,
    shown.map((each) => each.rowId),
  );
  const sessions = shown.flatMap(({ rowId, lastActivityAt }) => {
    const known = use.get(rowId);
    return known === undefined ? [] : [sessionItem(known, lastActivityAt)];
  });
  const last = shown.at(-1);
  return { sessions, next_before: page.length > filter.limit && last !== undefined ? last.lastActivityAt : null };
}

/** One session as lists show it. */
export function sessionItem({ facts, sums }: SessionUse, lastActivityAt: number): SessionItem {
  const figures = figuresOf(sumsFrom(sums), 'auto');
  return {
    id: facts.id,
    provider: facts.provider,
    provider_version: facts.version ?? '',
    model: facts.model ?? 'unknown',
    project_name: facts.project ?? '',
    total_turns: figures.turns,
    started_at: facts.startedAt ?? lastActivityAt,
    last_turn_at: lastActivityAt,
    is_subagent: facts.parentId !== null,
    git_branch: facts.branch ?? '',
    cost_usd: figures.cost_usd,
    cache_hit_rate: figures.cache_hit_rate,
    tags: [...facts.tags],
  };
}
