import type { StartOfWeek, Zone } from '../metrics/calendar.ts';
import type { PriceBook } from '../metrics/prices.ts';
import type { SignalModule } from '../metrics/signal.ts';
import type { BudgetSettings } from '../report/budget.ts';
import { createGrowthMemory } from '../report/growth-memory.ts';
import { createMemory } from '../report/memory.ts';
import { createTurnMemory } from '../report/turn-memory.ts';
import { createDataVersion } from '../store/data-version.ts';
import type { Database } from '../store/driver.ts';
import { evaluateAlerts, type Notification } from './engine.ts';
import type { AlertRule, AlertSettings } from './rule.ts';
import { alertSnapshot, createSlowFacts } from './snapshot.ts';

export interface AlerterOptions {
  readonly db: Database;
  readonly rules: ReadonlyMap<string, AlertRule>;
  readonly signals: ReadonlyMap<string, SignalModule>;
  readonly book: PriceBook;
  readonly zone: Zone;
  readonly startOfWeek: StartOfWeek;
  readonly budget: BudgetSettings;
  readonly settings: AlertSettings & { readonly repeat_after_mins: number; readonly send_resolved: boolean };
  /** UTC ms. */
  readonly now: () => number;
  /** A clock that never goes back, in ms. */
  readonly clock: () => number;
  /** Called within the transaction that remembers it. */
  readonly tell: (db: Database, notification: Notification) => void;
}

/** Looks at the store after commits. It belongs to whoever ingests: so alerts are raised once on a machine. */
export interface Alerter {
  /**
   * Evaluates when that is due: at most once a second after commits, more seldom where that is dear, and every half minute by
   * itself. True: it did.
   */
  look(hasChanged: boolean): boolean;
}

const leastBetweenMs = 1_000;
/** While news come in a stream it rests so many times as long as it took. */
const restFactor = 50;
const mostBetweenMs = 30_000;

export function createAlerter(options: AlerterOptions): Alerter {
  const { db, clock } = options;
  const growth = createGrowthMemory(clock);
  const dataVersion = createDataVersion(db);
  /** Tells states of the data apart: by what others wrote, and by what this process says it has. */
  let data = '';
  let changes = 0;
  const dataNow = (): string => data;
  const remember = createMemory(clock, dataNow);
  const turnsOf = createTurnMemory(clock, dataNow);
  const slow = createSlowFacts(clock);
  let lookedAt = Number.NEGATIVE_INFINITY;
  let isPending = false;
  let tookMs = 0;
  return {
    look(hasChanged) {
      isPending ||= hasChanged;
      if (hasChanged) changes++;
      const since = clock() - lookedAt;
      const restMs = Math.min(Math.max(leastBetweenMs, tookMs * restFactor), mostBetweenMs);
      if (since < (isPending ? restMs : mostBetweenMs)) return false;
      lookedAt = clock();
      isPending = false;
      data = `${changes} ${dataVersion()}`;
      const now = options.now();
      evaluateAlerts(db, {
        rules: options.rules,
        snapshot: alertSnapshot(
          db,
          { ...options, now, book: () => options.book, growth: (model) => growth(db, model, now), remember, turnsOf },
          slow(db, now),
        ),
        repeatAfterMins: options.settings.repeat_after_mins,
        sendResolved: options.settings.send_resolved,
        tell: (notification) => options.tell(db, notification),
      });
      tookMs = clock() - lookedAt;
      return true;
    },
  };
}
