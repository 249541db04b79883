import type { Severity } from '../metrics/signal.ts';
import type { BudgetScope } from '../report/budget.ts';
import type { Insights } from '../report/insights.ts';
import type { Spending } from '../report/spending.ts';

/** Settings that alerts go by. */
export interface AlertSettings {
  readonly daily_cost_usd?: number | undefined;
  /** Up to 1 a ratio, above a percentage. */
  readonly cache_hit_rate_min?: number | undefined;
}

/** A session with a turn in the last fifteen minutes. */
export interface LiveSession {
  readonly rowId: number;
  readonly provider: string;
  readonly model: string | undefined;
  readonly insights: Insights;
  /** Of the newest compaction mark, UTC ms. */
  readonly lastCompactionAt: number | undefined;
}

/** A usage window as a log reported it last. Times are UTC ms. */
export interface LimitFacts {
  readonly provider: string;
  readonly window: string;
  readonly windowMinutes: number | undefined;
  readonly usedPct: number | undefined;
  readonly resetsAt: number | undefined;
  readonly at: number;
}

/** How the world stands after a commit. */
export interface AlertSnapshot {
  /** UTC ms. */
  readonly now: number;
  readonly sessions: readonly LiveSession[];
  readonly budgets: readonly BudgetScope[];
  readonly spending: Spending;
  readonly limits: readonly LimitFacts[];
  /** Models without a price, with the turns of them so far; only those with a turn in the last fifteen minutes. */
  readonly unpriced: readonly { readonly model: string; readonly provider: string; readonly turns: number }[];
  /** Those whose files have been changing without a turn for longer than is their habit, and since when. */
  readonly dark: readonly { readonly id: string; readonly since: number | undefined }[];
  /** Logs that cannot be read, by provider and reason. */
  readonly troubles: readonly {
    readonly provider: string;
    readonly reason: 'quarantined' | 'unreadable' | 'no_space';
    readonly files: number;
  }[];
  readonly settings: AlertSettings;
}

/** Numbers and fixed words: no name from a log stands in one. */
export type AlertFields = Readonly<Record<string, number | string | boolean | null>>;

/** A condition that holds now. */
export interface Finding {
  /** What it is of, besides the session: a budget, a provider, a window. Default: ''. */
  readonly scope?: string;
  /** Row id of the session it is of; absent: of none. */
  readonly session?: number;
  readonly severity: Severity;
  /** A sentence of numbers and fixed words. */
  readonly message: string;
  readonly fields: AlertFields;
  readonly provider?: string | undefined;
  readonly model?: string | undefined;
  /** It happened once and does not last: told once, never resolved. */
  readonly isEvent?: boolean;
  /** It holds, but another alert speaks for it: it stays on and is not told. */
  readonly isQuiet?: boolean;
}

/** Is this alert on already? Conditions with a rim stay on until they are well off it. */
export type WasFiring = (session: number | undefined, scope?: string) => boolean;

/** One kind of alert. The type is the file name with `_` for `-`. Pure: a snapshot in, what holds out. */
export interface AlertRule {
  /** For people: "The context is nearly full". */
  readonly summary: string;
  evaluate(snapshot: AlertSnapshot, was: WasFiring): readonly Finding[];
}

/** Identity; carries the types. */
export function defineRule(rule: AlertRule): AlertRule {
  return rule;
}

/** Points of fill below its threshold at which a context alert is off again. */
export const contextRearm = 5;
