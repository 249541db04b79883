import type { Database } from '../store/driver.ts';
import { currentSession, liveMs, sessionFacts } from '../store/queries/sessions.ts';
import type { ContextAnswer } from './answer-schemas.ts';
import { contextState } from './context.ts';
import type { NowRequest } from './stats.ts';

/** The live session's context, or the newest session's marked stale. */
export function contextAnswer(db: Database, request: Pick<NowRequest, 'now' | 'book' | 'growth'>): ContextAnswer {
  const current = currentSession(db, request.now);
  const session = current === undefined ? undefined : sessionFacts(db, [current.rowId]).get(current.rowId);
  if (current === undefined || session === undefined) return { message: 'No sessions found' };
  const state = contextState(db, session, request);
  const window = state.windowTokens ?? 0;
  return {
    session_id: session.id,
    project_name: session.project ?? '',
    model: session.model ?? 'unknown',
    context_window: window,
    window_source: state.windowSource ?? 'unknown',
    fill_pct: state.pressure?.fillPct ?? 0,
    tokens_remaining: state.pressure?.remainingTokens ?? window,
    pressure_level: state.pressure?.level ?? 'normal',
    used_tokens: state.usedTokens ?? null,
    predicted_turns_remaining: state.turnsLeft?.turns ?? null,
    stale: current.lastActivityAt <= request.now - liveMs,
  };
}
