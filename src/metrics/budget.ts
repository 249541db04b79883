/** How a spend stands against its limit. */
export interface BudgetState {
  /** Nano-USD. */
  readonly spentNanoUsd: number;
  readonly limitNanoUsd: number;
  /** Share of the limit in percent; not capped. */
  readonly usedPct: number;
  /** `warning` above 90 %, `over` above the limit. */
  readonly level: 'ok' | 'warning' | 'over';
}

/** Undefined without a limit: 0 is none. */
export function budgetState(spentNanoUsd: number, limitNanoUsd: number): BudgetState | undefined {
  if (!(limitNanoUsd > 0)) return undefined;
  const usedPct = (spentNanoUsd / limitNanoUsd) * 100;
  const level = spentNanoUsd > limitNanoUsd ? 'over' : usedPct > 90 ? 'warning' : 'ok';
  return { spentNanoUsd, limitNanoUsd, usedPct, level };
}

/** A projected spend against its limit, in words for people: above 1.1 of it, above 0.9, or below. */
export function paceOf(projectedNanoUsd: number, limitNanoUsd: number): 'over_pace' | 'on_track' | 'under_budget' {
  const ratio = projectedNanoUsd / limitNanoUsd;
  return ratio > 1.1 ? 'over_pace' : ratio > 0.9 ? 'on_track' : 'under_budget';
}
