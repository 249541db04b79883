import { addDays, dateKey, startOfDay, startOfMonth, startOfWeek } from '../metrics/calendar.ts';
import { parseWhen } from '../metrics/when.ts';
import type { Database } from '../store/driver.ts';
import { projectBranches } from '../store/queries/project-branches.ts';
import { groupSums, totalSums } from '../store/queries/report.ts';
import { everything, type Scope } from '../store/queries/scope.ts';
import { sessionFacts } from '../store/queries/sessions.ts';
import { tagSpend } from '../store/queries/tag-spend.ts';
import { type BudgetSettings, budgetScopes } from './budget.ts';
import { buildReport } from './build.ts';
import { type Figures, figuresOf, usdOf } from './figures.ts';
import type { ReportKind } from './kinds.ts';
import { buildLimits } from './limits.ts';
import { sessionsAnswer } from './session-list.ts';
import type { ReportJson } from './shape.ts';
import { knownCost, type NowRequest } from './stats.ts';
import { sumsFrom } from './sums.ts';

// What agents are told of what was spent, by the original's names and units.

type Calendar = Pick<NowRequest, 'zone' | 'startOfWeek' | 'now'>;

export function historyAnswer(db: Database, { zone, now }: Calendar, days: number) {
  const today = startOfDay(now, zone);
  const periods = Array.from({ length: days }, (_, i) => ({
    startMs: addDays(today, i - days + 1, zone),
    endMs: addDays(today, i - days + 2, zone),
  }));
  const scope = { ...everything, fromMs: periods[0]?.startMs, toMs: periods.at(-1)?.endMs };
  const groups = new Map(groupSums(db, scope, 'period', { periods }).map((group) => [Number(group.key), group.sums]));
  return {
    days,
    history: periods.map(({ startMs }, i) => {
      const sums = groups.get(i);
      const day = sums === undefined ? undefined : figuresOf(sumsFrom(sums), 'auto');
      return {
        date: dateKey(startMs, zone),
        sessions: day?.sessions ?? 0,
        turns: day?.turns ?? 0,
        input_tokens: day?.input_tokens ?? 0,
        cache_hit_tokens: day?.cache_read_tokens ?? 0,
        output_tokens: day?.output_tokens ?? 0,
        thinking_tokens: day?.reasoning_tokens ?? 0,
        mcp_calls: day?.mcp_calls ?? 0,
        estimated_cost_usd: day === undefined ? 0 : knownCost(day),
      };
    }),
  };
}

export function budgetStatusAnswer(db: Database, settings: BudgetSettings, calendar: Calendar) {
  const [all] = budgetScopes(db, { ...settings, providers: {}, projects: {} }, calendar);
  const span = (spentNanoUsd: number, limit: number) => {
    const spent = usdOf(spentNanoUsd);
    return { spent, limit, pct: limit > 0 ? (spent / limit) * 100 : 0 };
  };
  const spending = all?.spending;
  const daily = span(spending?.today ?? 0, settings.daily_usd);
  const weekly = span(spending?.week ?? 0, settings.weekly_usd);
  const monthly = span(spending?.month ?? 0, settings.monthly_usd);
  const projected = spending?.endOfMonth;
  return {
    daily,
    weekly,
    monthly,
    projected_monthly: projected === undefined ? null : usdOf(Math.round(projected)),
    over_budget: [daily, weekly, monthly].some((each) => each.limit > 0 && each.spent > each.limit),
  };
}

export function projectStatsAnswer(db: Database, limit: number) {
  return {
    projects: projectBranches(db)
      .map(
        ({
          project,
          branch,
          sessions,
          turns,
          nano,
          uncachedInputTokens: uncached,
          cacheReadTokens: read,
          compactions,
        }) => ({
          project,
          branch,
          sessions,
          turns,
          cost_usd: usdOf(nano),
          cache_hit_rate_pct: read === 0 ? 0 : (read / (uncached + read)) * 100,
          compactions,
        }),
      )
      .sort((a, b) => b.cost_usd - a.cost_usd || b.turns - a.turns)
      .slice(0, limit),
  };
}

export function sessionListAnswer(db: Database, limit: number) {
  const { sessions } = sessionsAnswer(db, { limit });
  return {
    count: sessions.length,
    sessions: sessions.map((session) => ({
      session_id: session.id,
      project: session.project_name,
      provider: session.provider,
      provider_version: session.provider_version,
      model: session.model,
      branch: session.git_branch,
      is_subagent: session.is_subagent,
      turn_count: session.total_turns,
      cost_usd: session.cost_usd ?? 0,
      is_priced: session.cost_usd !== null,
      cache_hit_rate_pct: (session.cache_hit_rate ?? 0) * 100,
      started_at: session.started_at,
      last_turn_at: session.last_turn_at,
    })),
  };
}

export function costByTagAnswer(db: Database) {
  return {
    tags: tagSpend(db)
      .map(({ tag, sessions, nano }) => ({ tag, cost_usd: usdOf(nano), session_count: sessions }))
      .sort((a, b) => b.cost_usd - a.cost_usd),
  };
}

/** The conversations with a tag, dearest first; letter case does not matter. */
export function taggedSessions(db: Database, tag: string) {
  const groups = groupSums(db, { ...everything, tags: [tag] }, 'session');
  const facts = sessionFacts(
    db,
    groups.map((group) => Number(group.key)),
  );
  return groups
    .flatMap((group) => {
      const known = facts.get(Number(group.key));
      const cost_usd = knownCost(figuresOf(sumsFrom(group.sums), 'auto'));
      return known === undefined ? [] : [{ id: known.id, project: known.project ?? '', cost_usd }];
    })
    .sort((a, b) => b.cost_usd - a.cost_usd);
}

export function costSummaryAnswer(db: Database, { zone, startOfWeek: first, now }: Calendar) {
  const since = (fromMs: number | undefined): Figures =>
    figuresOf(sumsFrom(totalSums(db, { ...everything, fromMs })), 'auto');
  return {
    today: since(startOfDay(now, zone)),
    week: since(startOfWeek(now, zone, first)),
    month: since(startOfMonth(now, zone)),
    all: since(undefined),
  };
}

/** Of a model's part of a day only what differs between models: an agent pays for every word. Reports by day have it all. */
export function dailyBreakdownAnswer(
  db: Database,
  request: Pick<NowRequest, 'zone' | 'startOfWeek' | 'now' | 'book'>,
  { days, breakdown }: { readonly days: number; readonly breakdown: boolean },
) {
  const fromMs = addDays(request.now, 1 - days, request.zone);
  const report = reportOf(db, request, 'day', { ...everything, fromMs }, { breakdown, limit: undefined });
  const rows = report.rows.map((row) =>
    'breakdown' in row && row.breakdown !== undefined ? { ...row, breakdown: row.breakdown.map(partOfDay) } : row,
  );
  return { rows };
}

function partOfDay(part: Figures & { readonly model: string; readonly provider: string }) {
  return {
    model: part.model,
    provider: part.provider,
    turns: part.turns,
    input_tokens: part.input_tokens,
    cache_read_tokens: part.cache_read_tokens,
    cache_write_tokens: part.cache_write_tokens,
    output_tokens: part.output_tokens,
    cost_usd: part.cost_usd,
  };
}

export function usageLimitsAnswer(db: Database, request: Pick<NowRequest, 'zone' | 'startOfWeek' | 'now' | 'book'>) {
  const recent = { ...everything, fromMs: startOfDay(request.now, request.zone) - 24 * 60 * 60 * 1000 };
  const { rows } = reportOf(db, request, 'block', recent, { breakdown: false, limit: undefined });
  return {
    limits: buildLimits(db, request.now).limits.map((limit) => ({
      provider: limit.provider,
      window: limit.window,
      used_pct: limit.used_pct,
      resets_at: limit.resets_at,
      state: limit.state,
      source: limit.source,
      as_of: limit.as_of,
    })),
    block: rows.find((row) => 'active' in row && row.active) ?? null,
  };
}

export interface ReportAsked {
  readonly by: ReportKind;
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  readonly provider?: readonly string[] | undefined;
  readonly model?: readonly string[] | undefined;
  readonly project?: readonly string[] | undefined;
  readonly branch?: readonly string[] | undefined;
  readonly tag?: readonly string[] | undefined;
  readonly breakdown?: boolean | undefined;
  readonly limit: number;
}

/** The report asked for; a sentence when its range is none. */
export function reportAnswer(
  db: Database,
  request: Pick<NowRequest, 'zone' | 'startOfWeek' | 'now' | 'book'>,
  asked: ReportAsked,
): ReportJson | string {
  const range = (edge: 'since' | 'until', text: string | undefined) =>
    text === undefined ? undefined : parseWhen(text, { now: request.now, zone: request.zone, edge });
  try {
    const since = range('since', asked.since);
    const until = range('until', asked.until);
    const scope: Scope = {
      fromMs: since?.atMs,
      toMs: until?.atMs,
      providers: asked.provider ?? [],
      models: asked.model ?? [],
      projects: asked.project ?? [],
      branches: asked.branch ?? [],
      tags: asked.tag ?? [],
    };
    return reportOf(db, request, asked.by, scope, {
      breakdown: asked.breakdown === true,
      limit: asked.limit,
      since: since?.text ?? null,
      until: until?.text ?? null,
    });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return 'since and until must be dates such as 2026-04-01, today, 7d, or instants';
  }
}

function reportOf(
  db: Database,
  { zone, startOfWeek: first, now, book }: Pick<NowRequest, 'zone' | 'startOfWeek' | 'now' | 'book'>,
  by: ReportKind,
  scope: Scope,
  options: {
    readonly breakdown: boolean;
    readonly limit: number | undefined;
    readonly since?: string | null;
    readonly until?: string | null;
  },
): ReportJson {
  return buildReport(db, {
    by,
    scope,
    zone,
    since: options.since ?? null,
    until: options.until ?? null,
    startOfWeek: first,
    sessionLengthHours: 5,
    subagents: false,
    breakdown: options.breakdown,
    mode: 'auto',
    noCost: false,
    order: undefined,
    limit: options.limit,
    now,
    asOf: undefined,
    paths: false,
    book,
  });
}
