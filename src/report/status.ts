import { addDays, type StartOfWeek, startOfDay, startOfMonth, startOfWeek, type Zone } from '../metrics/calendar.ts';
import type { PriceBook } from '../metrics/prices.ts';
import type { SignalModule } from '../metrics/signal.ts';
import type { Database } from '../store/driver.ts';
import { ingestTotals } from '../store/queries/health.ts';
import { groupSums, totalSums, unpricedModels } from '../store/queries/report.ts';
import { everything, type Scope } from '../store/queries/scope.ts';
import { currentSession, liveMs, type SessionFacts, sessionFacts } from '../store/queries/sessions.ts';
import { isoOf } from './build.ts';
import { contextState } from './context.ts';
import { type CostMode, costOf, figuresOf, type Sums, totalTokensOf, usdOf } from './figures.ts';
import { buildInsights } from './insights.ts';
import { buildLimits } from './limits.ts';
import type { StatusJson } from './shape.ts';
import { sumsFrom } from './sums.ts';

export interface StatusRequest {
  readonly zone: Zone;
  readonly startOfWeek: StartOfWeek;
  readonly now: number;
  readonly asOf: number | undefined;
  readonly mode: CostMode;
  readonly budget: { readonly daily_usd: number; readonly weekly_usd: number; readonly monthly_usd: number };
  readonly book: () => PriceBook;
  /** What tells waste, for the health score. */
  readonly signals: ReadonlyMap<string, SignalModule>;
  /** The process that ingests right now. */
  readonly collectorPid: number | undefined;
}

/** How things stand now: today, week, month, the live session's context, budgets, limits. */
export function buildStatus(db: Database, request: StatusRequest): StatusJson {
  const { zone, now, mode, budget } = request;
  const today = between(db, startOfDay(now, zone), addDays(startOfDay(now, zone), 1, zone));
  const weekStart = startOfWeek(now, zone, request.startOfWeek);
  const week = between(db, weekStart, addDays(weekStart, 7, zone));
  const monthScope = {
    ...everything,
    fromMs: startOfMonth(now, zone),
    toMs: startOfMonth(addDays(startOfMonth(now, zone), 32, zone), zone),
  };
  const month = sumsFrom(totalSums(db, monthScope));
  const current = currentSession(db, now);
  const insights = buildInsights(
    db,
    {
      ...request,
      sessionRowId: undefined,
      tells: () => ({ skills: false, mcpIdentity: false }), // asked by suggestions alone
    },
    { signals: request.signals, suggestions: new Map(), figures: new Map() },
  );
  return {
    schema_version: 1,
    timezone: zone.name,
    generated_at: new Date(now).toISOString(),
    as_of: isoOf(request.asOf ?? ingestTotals(db).lastReadAt),
    today: figuresOf(today, mode),
    week: figuresOf(week, mode),
    month: figuresOf(month, mode),
    all: figuresOf(sumsFrom(totalSums(db, everything)), mode),
    context: current === undefined ? null : contextOf(db, request, current),
    live_sessions: current?.live ?? 0,
    health_score: insights.health?.score ?? null,
    top_project:
      topProject(db, { ...everything, fromMs: startOfDay(now, zone) }, mode) ??
      topProject(db, monthScope, mode) ??
      null,
    budget: {
      daily: budgetOf(today, budget.daily_usd, mode),
      weekly: budgetOf(week, budget.weekly_usd, mode),
      monthly: budgetOf(month, budget.monthly_usd, mode),
    },
    limits: buildLimits(db, now).limits.filter((limit) => limit.state === 'current'),
    unpriced_models: unpricedModels(db, everything, 'auto'),
    collector: { pid: request.collectorPid ?? null },
  };
}

function between(db: Database, fromMs: number, toMs: number): Sums {
  return sumsFrom(totalSums(db, { ...everything, fromMs, toMs }));
}

function contextOf(
  db: Database,
  request: StatusRequest,
  current: { readonly rowId: number; readonly lastActivityAt: number },
): StatusJson['context'] {
  const session: SessionFacts | undefined = sessionFacts(db, [current.rowId]).get(current.rowId);
  if (session === undefined) return null;
  const state = contextState(db, session, request);
  const { pressure } = state;
  const stale = current.lastActivityAt <= request.now - liveMs;
  return {
    session_id: session.id,
    provider: session.provider,
    project: session.project,
    model: session.model,
    context_window: state.windowTokens ?? null,
    window_source: state.windowSource ?? null,
    used_tokens: state.usedTokens ?? null,
    fill_pct: pressure?.fillPct ?? null,
    tokens_remaining: pressure?.remainingTokens ?? null,
    pressure_level: stale ? null : (pressure?.level ?? null),
    predicted_turns_remaining: state.turnsLeft?.turns ?? null,
    last_turn_at: isoOf(current.lastActivityAt),
    stale,
  };
}

function topProject(db: Database, scope: Scope, mode: CostMode): StatusJson['top_project'] | undefined {
  const groups = groupSums(db, scope, 'project').map((group) => ({ project: group.key, sums: sumsFrom(group.sums) }));
  const ranked = groups
    .filter((group) => group.sums.turns > 0)
    .map((group) => ({
      project: group.project,
      cost: costOf(group.sums, mode).nanoUsd,
      tokens: totalTokensOf(group.sums),
    }))
    .sort((a, b) => (b.cost ?? -1) - (a.cost ?? -1) || b.tokens - a.tokens);
  const [top] = ranked;
  return top === undefined
    ? undefined
    : { project: top.project, cost_usd: top.cost === null ? null : usdOf(top.cost), total_tokens: top.tokens };
}

/** A limit of 0 is none. */
function budgetOf(sums: Sums, limit: number, mode: CostMode): StatusJson['budget']['daily'] {
  const cost = costOf(sums, mode).nanoUsd;
  const spent = cost === null ? null : usdOf(cost);
  return { spent, limit: limit > 0 ? limit : null, pct: limit > 0 && spent !== null ? (spent / limit) * 100 : null };
}
