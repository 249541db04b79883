import type { InsightCall, InsightTurn } from './insight-turn.ts';
import { clamp } from './stats.ts';
import type { Thresholds } from './thresholds.ts';

export type Severity = 'info' | 'warning' | 'critical';

/** What a session is looked at by. */
export interface SignalFacts {
  /** The session's own turns and its subagents', by time. */
  readonly turns: readonly InsightTurn[];
  readonly calls: readonly InsightCall[];
  readonly thresholds: Thresholds;
  /** Does this agent's log tell what the cache served? Where it does not, nothing is called cold. */
  readonly tellsCache: boolean;
}

/** Tokens spent for little. */
export interface Signal {
  /** The member's file name with `_` for `-`. */
  readonly kind: string;
  readonly severity: Severity;
  /** A sentence of numbers: no name from a log stands in it. */
  readonly message: string;
  /** The kind's own fields under their public names; a name from a log stands here alone. */
  readonly fields: Readonly<Record<string, string | number>>;
  /** Ids of the turns it was seen in, oldest first; empty when the log does not tie it to turns. */
  readonly evidence: readonly string[];
}

export type FoundSignal = Omit<Signal, 'kind'>;

/** One kind of waste: pure, by numbers alone. Nothing found, or too little to tell: an empty list. */
export interface SignalModule {
  readonly title: string;
  of(facts: SignalFacts): readonly FoundSignal[];
}

/** Identity; carries the types. */
export function defineSignal(signal: SignalModule): SignalModule {
  return signal;
}

/** What all members find, worst first, then by message. */
export function findSignals(members: ReadonlyMap<string, SignalModule>, facts: SignalFacts): readonly Signal[] {
  const found = [...members].flatMap(([id, member]) =>
    member.of(facts).map((signal): Signal => ({ kind: id.replaceAll('-', '_'), ...signal })),
  );
  return found.sort((a, b) => bySeverity(a, b) || (a.message < b.message ? -1 : a.message > b.message ? 1 : 0));
}

const ranks: Readonly<Record<Severity, number>> = { critical: 0, warning: 1, info: 2 };

/** Orders critical before warning before info. */
export function bySeverity(a: { readonly severity: Severity }, b: { readonly severity: Severity }): number {
  return ranks[a.severity] - ranks[b.severity];
}

const points: Readonly<Record<Severity, number>> = { critical: 40, warning: 20, info: 5 };

/** How much is wasted, 0–100: 40 for each critical signal, 20 for a warning, 5 for an info. */
export function wasteScore(signals: readonly Pick<Signal, 'severity'>[]): number {
  return clamp(
    signals.reduce((sum, signal) => sum + points[signal.severity], 0),
    0,
    100,
  );
}
