import { mean } from './stats.ts';

/** How the last seven of some days stand against the seven before them. */
export interface WeekTrend {
  /** Mean of the last seven. */
  readonly mean: number;
  /** In percent of the mean before; undefined when that is nothing or not known. */
  readonly changePct: number | undefined;
}

/** Of completed days, oldest first; days of which a value is not known count in neither week. Undefined: none is known. */
export function weekTrend(days: readonly (number | undefined)[]): WeekTrend | undefined {
  const known = (some: readonly (number | undefined)[]): readonly number[] => some.flatMap((value) => value ?? []);
  const last = mean(known(days.slice(-7)));
  if (last === undefined) return undefined;
  const before = mean(known(days.slice(-14, -7)));
  return { mean: last, changePct: before === undefined || before === 0 ? undefined : (last / before - 1) * 100 };
}
