import type { InsightCall, InsightTurn } from './insight-turn.ts';
import type { Severity, Signal } from './signal.ts';
import { bySeverity } from './signal.ts';
import type { DaySpike } from './spend-habit.ts';

/** Everything advice is drawn from. */
export interface SuggestionFacts {
  /** The session's own turns and its subagents', by time, oldest first. */
  readonly turns: readonly InsightTurn[];
  readonly calls: readonly InsightCall[];
  readonly signals: readonly Signal[];
  readonly compactions: number;
  readonly tasks: readonly TaskFacts[];
  /** What this agent's log can tell at all. */
  readonly tells: { readonly cache: boolean; readonly skills: boolean; readonly mcpIdentity: boolean };
  readonly skillsUsed: number;
  readonly hooks: { readonly starts: number; readonly blocked: number };
  /** The same agent's last 90 days; undefined below ten turns. */
  readonly habit: Habit | undefined;
  /** Undefined below seven days with cost. Nano-USD. */
  readonly today:
    | (DaySpike & { readonly costNanoUsd: number; readonly days: number; readonly hoursSoFar: number })
    | undefined;
  /** Since the day the price list was taken. */
  readonly pricesAgeDays: number;
}

export interface TaskFacts {
  readonly turnId: string | undefined;
  /** As the log sums them up; undefined where it does not. */
  readonly totalTokens: number | undefined;
  readonly toolCalls: number | undefined;
  readonly promptSizeBytes: number | undefined;
}

/** What the user's turns are like over 90 days. */
export interface Habit {
  readonly turns: number;
  /** R / (I + R + W); undefined without a prompt. */
  readonly cacheCoverageRatio: number | undefined;
  readonly meanUncachedInputTokens: number;
  /** Of a priced turn; undefined when none is. Nano-USD. */
  readonly meanCostNanoUsd: number | undefined;
}

/** Something the user might change, and why we think so. */
export interface Suggestion {
  /** The member's file name. */
  readonly id: string;
  readonly severity: Severity;
  readonly title: string;
  /** Sentences of numbers: no name from a log stands in them. */
  readonly body: string;
  /** Ids of the turns that show it. */
  readonly evidence: readonly string[];
  /** Nano-USD a month, when the evidence went on as it did; undefined without a price or an "otherwise". */
  readonly savingNanoUsdPerMonth: number | undefined;
}

export type FoundSuggestion = Omit<Suggestion, 'id' | 'evidence' | 'savingNanoUsdPerMonth'> &
  Partial<Pick<Suggestion, 'evidence' | 'savingNanoUsdPerMonth'>>;

export interface SuggestionModule {
  of(facts: SuggestionFacts): FoundSuggestion | undefined;
}

/** Identity; carries the types. */
export function defineSuggestion(suggestion: SuggestionModule): SuggestionModule {
  return suggestion;
}

/** What all members suggest: worst first, then what saves most, then by id. */
export function findSuggestions(
  members: ReadonlyMap<string, SuggestionModule>,
  facts: SuggestionFacts,
): readonly Suggestion[] {
  const found = [...members].flatMap(([id, member]): readonly Suggestion[] => {
    const suggestion = member.of(facts);
    if (suggestion === undefined) return [];
    return [{ id, evidence: [], savingNanoUsdPerMonth: undefined, ...suggestion }];
  });
  const saving = (suggestion: Suggestion): number => suggestion.savingNanoUsdPerMonth ?? 0;
  return found.sort((a, b) => bySeverity(a, b) || saving(b) - saving(a) || (a.id < b.id ? -1 : 1));
}

const dayMs = 24 * 60 * 60 * 1000;

/** An excess over some turns as a month of it: × 30 / the days they cover, at least one. Undefined when nothing is saved. */
export function monthly(excessNanoUsd: number, evidence: readonly { readonly at: number }[]): number | undefined {
  if (!(excessNanoUsd > 0)) return undefined;
  const times = evidence.map((turn) => turn.at);
  const days = Math.max(1, (Math.max(...times) - Math.min(...times)) / dayMs);
  return Math.round((excessNanoUsd * 30) / days);
}
