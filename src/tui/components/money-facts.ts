import { type StartOfWeek, startOfDay, type Zone } from '../../metrics/calendar.ts';
import { type LimitPace, limitPace } from '../../metrics/limit-pace.ts';
import { buildLimits } from '../../report/limits.ts';
import { type Remember, untilNews } from '../../report/memory.ts';
import { type PeriodFigures, periodFigures } from '../../report/periods.ts';
import { type RunningBlock, runningBlock } from '../../report/running-block.ts';
import type { LimitsJson } from '../../report/shape.ts';
import { type YearDay, yearOf } from '../../report/year.ts';
import type { Database } from '../../store/driver.ts';

/** What was used and how much more may be, by the calendar and by the windows of plans. */
export interface MoneyFacts {
  readonly periods: PeriodFigures;
  readonly block: RunningBlock | undefined;
  /** Those that still hold. */
  readonly limits: readonly (LimitsJson['limits'][number] & { readonly pace: LimitPace | undefined })[];
  readonly year: readonly YearDay[];
}

export function moneyFacts(
  db: Database,
  request: {
    readonly zone: Zone;
    readonly startOfWeek: StartOfWeek;
    readonly now: number;
    readonly remember: Remember;
  },
): MoneyFacts {
  const { remember, zone, now, startOfWeek } = request;
  const ofToday = `${startOfDay(now, zone)} ${zone.name} ${startOfWeek}`;
  return {
    periods: remember(db, `periods ${ofToday}`, () => periodFigures(db, request), untilNews),
    block: runningBlock(db, now, remember),
    limits: buildLimits(db, now, remember)
      .limits.filter((limit) => limit.state === 'current')
      .map((limit) => ({ ...limit, pace: paceOf(limit) })),
    year: yearOf(db, request),
  };
}

function paceOf(limit: LimitsJson['limits'][number]): LimitPace | undefined {
  return limitPace({
    usedPct: limit.used_pct,
    at: Date.parse(limit.as_of),
    windowMinutes: limit.window_minutes,
    resetsAt: limit.resets_at === null ? null : Date.parse(limit.resets_at),
  });
}
