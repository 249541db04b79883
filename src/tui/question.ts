import type { StartOfWeek, Zone } from '../metrics/calendar.ts';
import type { PriceBook } from '../metrics/prices.ts';
import type { OptimizerModule } from '../optimizer.ts';
import type { BudgetSettings } from '../report/budget.ts';
import type { InsightMembers } from '../report/insights.ts';
import type { Remember } from '../report/memory.ts';
import type { TurnsOf } from '../report/turn-memory.ts';
import type { Database } from '../store/driver.ts';
import type { SessionIndex } from './components/session-index.ts';

/**
 * One thing the screens ask of the store. It is answered in a thread of its own while drawing goes on, so input and answer
 * are plain data: no functions, and nothing of the database.
 */
export interface Question<Input, Answer> {
  /** The name of its file, by which the other thread finds it. */
  readonly name: string;
  readonly answer: (db: Database, input: Input, known: Known) => Answer;
}

/** What of the settings answers depend on. Plain data; it changes as the settings are edited. */
export interface AnswerSettings {
  readonly budget: BudgetSettings;
  /** Ids of the figures that tabs show, by tab; none: all. */
  readonly metrics: { readonly live: readonly string[]; readonly insights: readonly string[] };
}

/** What answers are made with, beside the store. */
export interface Known extends AnswerSettings {
  /** UTC ms, when it was asked. */
  readonly now: number;
  readonly zone: Zone;
  readonly startOfWeek: StartOfWeek;
  /** Prices as the store has them. */
  readonly bookOf: (db: Database) => PriceBook;
  /** What a turn on a model usually adds to the context, tokens; remembered for a while. */
  readonly growth: (db: Database, model: string, now: number) => number | undefined;
  /** For what goes by habit or by past days: it is asked of the store once a minute. */
  readonly remember: Remember;
  /** Turns of sessions; those read once are remembered. */
  readonly turnsOf: TurnsOf;
  readonly members: InsightMembers;
  /** Ways to start agents, by their ids. */
  readonly optimizers: ReadonlyMap<string, OptimizerModule>;
  readonly platform: NodeJS.Platform;
  /** Shown as `~` in paths. */
  readonly home: string;
  readonly sessions: SessionIndex;
}

/** Identity; carries the types. */
export function defineQuestion<Input, Answer>(
  name: string,
  answer: (db: Database, input: Input, known: Known) => Answer,
): Question<Input, Answer> {
  return { name, answer };
}
