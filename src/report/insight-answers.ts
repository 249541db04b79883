import type { Database } from '../store/driver.ts';
import { sessionActs, sessionTasks } from '../store/queries/insight-calls.ts';
import { type SessionUse, sessionUse } from '../store/queries/live-sessions.ts';
import type { SessionHead } from '../store/queries/session-head.ts';
import { capabilitiesOf, providerOf } from './capabilities.ts';
import { contextState } from './context.ts';
import { turnsSinceCompaction } from './insight-facts.ts';
import { buildInsights, type InsightMembers, type InsightRequest } from './insights.ts';
import { signalJson, suggestionJson } from './insights-json.ts';
import { buildInteractions } from './interactions.ts';
import type { NowRequest } from './stats.ts';

// What agents are told of how a session does, by the original's names.

export function contextPressureAnswer(
  db: Database,
  { facts }: SessionUse,
  request: Pick<NowRequest, 'book' | 'now' | 'growth'>,
) {
  const state = contextState(db, facts, request);
  const window = state.windowTokens ?? 0;
  const last = state.turns.at(-1);
  return {
    session_id: facts.id,
    model: facts.model ?? 'unknown',
    context_window_tokens: window,
    window_source: state.windowSource ?? 'unknown',
    last_turn_input_tokens: last?.promptTokens ?? 0,
    used_tokens: state.usedTokens ?? null,
    fill_pct: state.pressure?.fillPct ?? 0,
    tokens_remaining: state.pressure?.remainingTokens ?? window,
    should_compact: state.pressure?.shouldCompact ?? false,
    pressure_level: state.pressure?.level ?? 'normal',
    predicted_turns_remaining: state.turnsLeft?.turns ?? null,
  };
}

/** Turns after a compaction from which on another one is worth it. */
const settledTurns = 10;

export function compactAnswer(
  db: Database,
  { facts }: SessionUse,
  request: Pick<NowRequest, 'book' | 'now' | 'growth'>,
) {
  const state = contextState(db, facts, request);
  const fill = state.pressure?.fillPct ?? 0;
  const since = turnsSinceCompaction(db, facts.rowId);
  // A session never compacted has nothing recent; at 95 % even a recent compaction is no reason to wait.
  const isRecent = facts.compactions > 0 && since < settledTurns;
  const shouldCompact = fill >= 95 || (fill >= 80 && !isRecent);
  return {
    should_compact: shouldCompact,
    fill_pct: fill,
    turns_since_last_compaction: since,
    reason:
      fill >= 95
        ? 'The context is nearly full: compact now.'
        : fill >= 80 && isRecent
          ? 'The context is getting full, but it was compacted a few turns ago.'
          : fill >= 80
            ? 'The context is getting full: a good time to compact.'
            : 'There is room in the context.',
  };
}

export function suggestionsAnswer(db: Database, head: SessionHead, request: InsightRequest, members: InsightMembers) {
  const insights = buildInsights(db, request, members);
  const { hook_effect_summary: effects } = buildInteractions(db, head, 1_000);
  const acts = sessionActs(db, head.rowId);
  return {
    session_id: head.id,
    provider: { ...providerOf(head), capabilities: capabilitiesOf(db, head.provider) },
    provenance_summary: {
      interaction_events:
        acts.hooks + acts.skills + (sessionUse(db, [head.rowId]).get(head.rowId)?.sums.tool_calls ?? 0),
      task_runs: sessionTasks(db, head.rowId).length,
      hook_effects: { modified: effects.modified, blocked: effects.blocked, pass_through: effects.pass_through },
    },
    waste_signals: insights.signals.map(signalJson),
    suggestions: insights.suggestions.map(suggestionJson),
    waste_score: insights.wasteScore,
  };
}

export function healthAnswer(db: Database, request: InsightRequest, members: InsightMembers) {
  const { health } = buildInsights(db, request, members);
  return { health_score: health?.score ?? null, profile: health?.profile ?? null, parts: health?.parts ?? null };
}

export function wasteAnswer(db: Database, request: InsightRequest, members: InsightMembers) {
  const insights = buildInsights(db, request, members);
  return { waste_score: insights.wasteScore, waste_signals: insights.signals.map(signalJson) };
}
