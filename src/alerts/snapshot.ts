import type { StartOfWeek, Zone } from '../metrics/calendar.ts';
import type { PriceBook } from '../metrics/prices.ts';
import type { SignalModule } from '../metrics/signal.ts';
import { type BudgetSettings, budgetScopes } from '../report/budget.ts';
import { buildInsights } from '../report/insights.ts';
import type { Remember } from '../report/memory.ts';
import { darkProviders } from '../report/providers.ts';
import { spendingOf } from '../report/spending.ts';
import type { TurnsOf } from '../report/turn-memory.ts';
import type { Database } from '../store/driver.ts';
import { logTroubles, recentUnpriced } from '../store/queries/alert-facts.ts';
import { compactionMarks } from '../store/queries/insight-turns.ts';
import { newestLimits } from '../store/queries/limits.ts';
import { activeSessions } from '../store/queries/live-sessions.ts';
import { liveMs, sessionFacts } from '../store/queries/sessions.ts';
import type { AlertSettings, AlertSnapshot, LiveSession } from './rule.ts';

export interface SnapshotOptions {
  readonly now: number;
  readonly zone: Zone;
  readonly startOfWeek: StartOfWeek;
  readonly book: () => PriceBook;
  readonly signals: ReadonlyMap<string, SignalModule>;
  readonly growth: (model: string) => number | undefined;
  readonly remember: Remember;
  readonly turnsOf?: TurnsOf | undefined;
  readonly budget: BudgetSettings;
  readonly settings: AlertSettings;
}

/** Sessions looked at; more of them live at once are some program's, not a person's. */
const mostSessions = 50;
/** A turn further ahead was written by a broken clock. */
const aheadMs = 24 * 60 * 60 * 1000;

/** What changes slowly and is dear to ask for. */
type SlowFacts = Pick<AlertSnapshot, 'dark' | 'troubles'>;

const slowMs = 60_000;

/** Asks for it once a minute. `clock` never goes back, in ms. */
export function createSlowFacts(clock: () => number): (db: Database, now: number) => SlowFacts {
  let known: { readonly facts: SlowFacts; readonly until: number } | undefined;
  return (db, now) => {
    if (known === undefined || clock() >= known.until) known = { facts: slowFacts(db, now), until: clock() + slowMs };
    return known.facts;
  };
}

function slowFacts(db: Database, now: number): SlowFacts {
  return {
    dark: darkProviders(db, now).map(({ id, silent_since }) => ({
      id,
      since: silent_since === null ? undefined : Date.parse(silent_since),
    })),
    troubles: logTroubles(db),
  };
}

function limitFacts(db: Database, now: number): AlertSnapshot['limits'] {
  return newestLimits(db, now).map((limit) => ({
    provider: limit.provider,
    window: limit.window,
    windowMinutes: limit.windowMinutes ?? undefined,
    usedPct: limit.usedPct ?? undefined,
    resetsAt: limit.resetsAt ?? undefined,
    at: limit.at,
  }));
}

/** Everything rules look at, as the store stands. */
export function alertSnapshot(db: Database, options: SnapshotOptions, slow: SlowFacts): AlertSnapshot {
  const { now } = options;
  const active = activeSessions(db, now - liveMs)
    .filter((session) => session.lastActivityAt <= now + aheadMs)
    .slice(0, mostSessions);
  const facts = sessionFacts(
    db,
    active.map((session) => session.rowId),
  );
  const budgets = budgetScopes(db, options.budget, options);
  const compactions = new Map<number, number>();
  for (const { sessionRowId, at } of compactionMarks(db, [...facts.keys()])) compactions.set(sessionRowId, at);
  return {
    now,
    sessions: [...facts.values()].map((session): LiveSession => {
      const insights = buildInsights(
        db,
        { ...options, sessionRowId: session.rowId, tells: () => ({ skills: false, mcpIdentity: false }) },
        { signals: options.signals, suggestions: new Map(), figures: new Map() },
      );
      return {
        rowId: session.rowId,
        provider: session.provider,
        model: session.model ?? undefined,
        insights,
        // Where nothing marks them, a turn whose prompt fell by more than half came after one.
        lastCompactionAt:
          compactions.get(session.rowId) ?? insights.turns.findLast(({ afterCompaction }) => afterCompaction)?.at,
      };
    }),
    budgets,
    spending: budgets[0]?.spending ?? spendingOf(db, options), // the first is the whole
    limits: limitFacts(db, now),
    unpriced: recentUnpriced(db, now - liveMs),
    ...slow,
    settings: options.settings,
  };
}
