import { type AnomalyFlags, anomalyFlags, isAnomalous, usualSessionCost } from '../metrics/anomaly.ts';
import { cacheCoverageRatio } from '../metrics/cache.ts';
import { type CacheRegression, cacheRegressions } from '../metrics/cache-regression.ts';
import { addDays, type StartOfWeek, startOfDay, type Zone } from '../metrics/calendar.ts';
import { type CompactionAdvice, compactionAdvice } from '../metrics/compaction-advice.ts';
import type { FigureModule } from '../metrics/figure.ts';
import { type Health, health } from '../metrics/health.ts';
import { type InsightTurn, sumUsage } from '../metrics/insight-turn.ts';
import type { PriceBook } from '../metrics/prices.ts';
import { findSignals, type Signal, type SignalModule, wasteScore } from '../metrics/signal.ts';
import { findSuggestions, type Habit, type Suggestion, type SuggestionModule } from '../metrics/suggestion.ts';
import { adaptiveThresholds, type Thresholds } from '../metrics/thresholds.ts';
import type { Database } from '../store/driver.ts';
import { sessionActs, sessionCalls, sessionTasks } from '../store/queries/insight-calls.ts';
import { sessionTurns, turnsWithin } from '../store/queries/insight-turns.ts';
import type { PeriodRange } from '../store/queries/report.ts';
import { currentSession, liveMs, type SessionFacts, sessionFacts } from '../store/queries/sessions.ts';
import { dailyUse, sessionCosts, tellsCache } from '../store/queries/spend.ts';
import { type ContextState, contextState } from './context.ts';
import { insightCalls, insightTurns } from './insight-facts.ts';
import { habitKeptMs, type Remember, rememberNothing, untilNews } from './memory.ts';
import { type Spending, spendingOf } from './spending.ts';
import type { TurnsOf } from './turn-memory.ts';

/** The members insight is made of; whoever shows it loads them. */
export interface InsightMembers {
  readonly signals: ReadonlyMap<string, SignalModule>;
  readonly suggestions: ReadonlyMap<string, SuggestionModule>;
  readonly figures: ReadonlyMap<string, FigureModule>;
}

export interface InsightRequest {
  /** Row id of a top-level session; undefined: the live one, else today's turns. */
  readonly sessionRowId: number | undefined;
  readonly zone: Zone;
  readonly startOfWeek: StartOfWeek;
  readonly now: number;
  readonly book: () => PriceBook;
  /** Does this provider's log tell of skills, and which server answers an MCP call? */
  readonly tells: (provider: string) => { readonly skills: boolean; readonly mcpIdentity: boolean };
  readonly growth?: ((model: string) => number | undefined) | undefined;
  /** Default: habits are asked of the store. Whoever asks often remembers them. */
  readonly remember?: Remember | undefined;
  /** Default: a session's turns are asked of the store. Whoever asks often remembers them. */
  readonly turnsOf?: TurnsOf | undefined;
}

/** What the numbers mean, of one session or of today. Money in nano-USD; undefined: unknown. */
export interface Insights {
  readonly session: SessionFacts | undefined;
  /** No session is live and none was asked for: figures are of today. */
  readonly isToday: boolean;
  readonly stale: boolean;
  readonly context: ContextState | undefined;
  readonly compaction: CompactionAdvice | undefined;
  readonly health: Health | undefined;
  readonly wasteScore: number;
  readonly signals: readonly Signal[];
  readonly thresholds: Thresholds;
  readonly suggestions: readonly Suggestion[];
  readonly regressions: readonly CacheRegression[];
  readonly anomaly: (AnomalyFlags & { readonly isAnomalous: boolean }) | undefined;
  readonly spending: Spending;
  /** By id; undefined where the facts do not tell it. */
  readonly figures: ReadonlyMap<string, number | undefined>;
  readonly turns: readonly InsightTurn[];
}

/** Turns and calls looked at; older ones of a very long session are left out. */
const mostTurns = 5_000;
const mostCalls = 5_000;
const habitDays = 90;
const fewestHabitTurns = 10;
const dayMs = 24 * 60 * 60 * 1000;

/**
 * Looks at one session, or at today's turns when none is live. What is dear to know is looked up when it is read first: most
 * askers want a part.
 */
export function buildInsights(db: Database, request: InsightRequest, members: InsightMembers): Insights {
  const { now, book, zone, remember = rememberNothing, turnsOf = sessionTurns } = request;
  const spending = lazily(() => spendingOf(db, request));
  const current = currentSession(db, now);
  const isLive = current !== undefined && current.lastActivityAt > now - liveMs;
  const rowId = request.sessionRowId ?? (isLive ? current.rowId : undefined);
  const session = rowId === undefined ? undefined : sessionFacts(db, [rowId]).get(rowId);
  if (session === undefined) return ofToday(db, request, members, spending);

  const { turns, calls } = remember(
    db,
    `turns of session ${session.rowId}`,
    () => ({
      turns: insightTurns(db, turnsOf(db, session.rowId, mostTurns), session.rowId, book()),
      calls: insightCalls(sessionCalls(db, session.rowId, mostCalls)),
    }),
    untilNews,
  );
  const days = calendarDays(now, zone);
  const ofDays = `${days[0]?.endMs} ${session.provider}`;
  const thresholds = remember(
    db,
    `thresholds ${ofDays} ${session.model}`,
    () => habitThresholds(db, days, session.provider, session.model ?? undefined),
    habitKeptMs,
  );
  const tells = { ...request.tells(session.provider), cache: tellsCache(db, session.provider) };
  const signals = findSignals(members.signals, { turns, calls, thresholds, tellsCache: tells.cache });
  const waste = wasteScore(signals);
  const context = contextState(db, session, { book, now, growth: request.growth, turns });
  const newest = turns.at(-1)?.at;
  const stale = newest === undefined || newest <= now - liveMs;
  const suggestions = lazily(() => {
    const acts = sessionActs(db, session.rowId);
    return findSuggestions(members.suggestions, {
      turns,
      calls,
      signals,
      compactions: session.compactions,
      tasks: sessionTasks(db, session.rowId).map((task) => ({
        turnId: task.turnId ?? undefined,
        totalTokens: task.totalTokens ?? undefined,
        toolCalls: task.toolCalls ?? undefined,
        promptSizeBytes: task.promptSize ?? undefined,
      })),
      tells,
      skillsUsed: acts.skills,
      hooks: { starts: acts.hooks, blocked: acts.blocked },
      habit: remember(db, `habit ${ofDays}`, () => habitOf(db, days, session.provider), habitKeptMs),
      today: todayOf(spending()),
      pricesAgeDays: pricesAgeDays(book(), now),
    });
  });
  const regressions = lazily(() => cacheRegressions(turns));
  const usualCost = (): number | undefined =>
    remember(db, 'usual session', () => usualSessionCost(sessionCosts(db, now - habitDays * dayMs)), habitKeptMs);
  const anomaly = lazily(() => anomalyOf(turns, tells.cache, usualCost));
  const figures = lazily(() =>
    figuresOf(members, {
      turns,
      compactions: session.compactions,
      sessions: 1,
      contextFillPct: context.pressure?.fillPct,
      wasteScore: waste,
    }),
  );
  return {
    session,
    isToday: false,
    stale,
    context,
    compaction: adviceOf(context),
    health: health(turns, context.pressure?.fillPct, waste),
    wasteScore: waste,
    signals,
    thresholds,
    get suggestions() {
      return suggestions();
    },
    get regressions() {
      return regressions();
    },
    get anomaly() {
      return anomaly();
    },
    get spending() {
      return spending();
    },
    get figures() {
      return figures();
    },
    turns,
  };
}

function ofToday(db: Database, request: InsightRequest, members: InsightMembers, spent: () => Spending): Insights {
  const { now, book, zone, remember = rememberNothing } = request;
  const from = startOfDay(now, zone);
  const { turns, sessions } = remember(
    db,
    `turns of day ${from} ${zone.name}`,
    () => {
      const rows = turnsWithin(db, from, addDays(from, 1, zone), mostTurns);
      const sessions = new Set(rows.filter((row) => row.sidechain === 0).map((row) => row.sessionRowId)).size;
      return { turns: insightTurns(db, rows, undefined, book()), sessions };
    },
    untilNews,
  );
  const facts = { turns, compactions: 0, sessions, contextFillPct: undefined, wasteScore: 0 };
  const spending = spent();
  return {
    session: undefined,
    isToday: true,
    stale: true,
    context: undefined,
    compaction: undefined,
    health: health(turns, undefined, 0),
    wasteScore: 0,
    signals: [],
    thresholds: adaptiveThresholds([]),
    suggestions: findSuggestions(members.suggestions, {
      turns: [],
      calls: [],
      signals: [],
      compactions: 0,
      tasks: [],
      tells: { cache: false, skills: false, mcpIdentity: false },
      skillsUsed: 0,
      hooks: { starts: 0, blocked: 0 },
      habit: undefined,
      today: todayOf(spending),
      pricesAgeDays: pricesAgeDays(book(), now),
    }),
    regressions: [],
    anomaly: undefined,
    spending,
    figures: figuresOf(members, facts),
    turns,
  };
}

/** Made once, when it is asked for. */
function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

function figuresOf(
  { figures }: InsightMembers,
  facts: Parameters<FigureModule['of']>[0],
): ReadonlyMap<string, number | undefined> {
  return new Map([...figures].map(([id, figure]) => [id.replaceAll('-', '_'), figure.of(facts)]));
}

function adviceOf({ turns, windowTokens }: ContextState): CompactionAdvice | undefined {
  const last = turns.at(-1);
  if (windowTokens === undefined || last === undefined) return undefined;
  const fills = turns.slice(-3).map((turn) => Math.min((turn.contextTokens / windowTokens) * 100, 100));
  return compactionAdvice(fills, last);
}

/** The last 90 days before today and today itself, newest first. */
function calendarDays(now: number, zone: Zone): readonly PeriodRange[] {
  const days: PeriodRange[] = [];
  let endMs = addDays(now, 1, zone);
  for (let i = 0; i <= habitDays; i++) {
    const startMs = addDays(endMs, -1, zone);
    days.push({ startMs, endMs });
    endMs = startMs;
  }
  return days;
}

function habitThresholds(
  db: Database,
  days: readonly PeriodRange[],
  provider: string,
  model: string | undefined,
): Thresholds {
  const before = dailyUse(db, days.slice(1), provider, model);
  return adaptiveThresholds(
    before.map((day) => ({
      cacheCoverageRatio: ratio(day.cacheRead, day.uncachedInput + day.cacheRead + day.cacheWrite),
      // A day on which only some turns tell their reasoning has no share of it.
      thinkingRatio: day.reasoningTurns === day.turns ? ratio(day.reasoning, day.output) : undefined,
    })),
  );
}

function habitOf(db: Database, days: readonly PeriodRange[], provider: string): Habit | undefined {
  const sum = { turns: 0, input: 0, read: 0, write: 0, nano: 0, priced: 0 };
  const from = days.at(-1)?.startMs ?? 0;
  const to = days[0]?.endMs ?? 0;
  // Whole days UTC are summed already; the ends of the user's own are not.
  const wholeFrom = Math.ceil(from / dayMs) * dayMs;
  const wholeTo = Math.floor(to / dayMs) * dayMs;
  const stretches = [
    { startMs: from, endMs: wholeFrom },
    { startMs: wholeFrom, endMs: wholeTo },
    { startMs: wholeTo, endMs: to },
  ];
  for (const day of stretches.flatMap((stretch) => dailyUse(db, [stretch], provider, undefined))) {
    sum.turns += day.turns;
    sum.input += day.uncachedInput;
    sum.read += day.cacheRead;
    sum.write += day.cacheWrite;
    sum.nano += day.nano;
    sum.priced += day.pricedTurns;
  }
  if (sum.turns < fewestHabitTurns) return undefined;
  return {
    turns: sum.turns,
    cacheCoverageRatio: ratio(sum.read, sum.input + sum.read + sum.write),
    meanUncachedInputTokens: sum.input / sum.turns,
    meanCostNanoUsd: ratio(sum.nano, sum.priced),
  };
}

function todayOf(spending: Spending) {
  const { spike, today, completedDays, hoursToday } = spending;
  if (spike === undefined) return undefined;
  return { ...spike, costNanoUsd: today, days: completedDays.length, hoursSoFar: hoursToday };
}

function anomalyOf(turns: readonly InsightTurn[], cacheIsTold: boolean, usualCost: () => number | undefined) {
  if (turns.length === 0) return undefined;
  const priced = turns.filter((turn) => turn.costNanoUsd !== undefined);
  const flags = anomalyFlags(
    {
      turns: turns.length,
      mcpCalls: turns.reduce((sum, turn) => sum + turn.mcpCalls, 0),
      usage: sumUsage(turns),
      costNanoUsd: priced.length === 0 ? undefined : priced.reduce((sum, turn) => sum + (turn.costNanoUsd ?? 0), 0),
      tellsCache: cacheIsTold && cacheCoverageRatio(sumUsage(turns)) !== undefined,
    },
    usualCost(),
  );
  return { ...flags, isAnomalous: isAnomalous(flags) };
}

/** Since the newest price was taken from its source. */
function pricesAgeDays(book: PriceBook, now: number): number {
  const newest = Math.max(...book.list().map((row) => Date.parse(row.sourceDate) || 0));
  return Math.max(0, (now - newest) / dayMs);
}

function ratio(part: number, whole: number): number | undefined {
  return whole > 0 ? part / whole : undefined;
}
