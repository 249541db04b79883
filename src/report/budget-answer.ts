import { addDays, dateKey, startOfDay } from '../metrics/calendar.ts';
import type { Database } from '../store/driver.ts';
import { type Group, groupSums, type PeriodRange } from '../store/queries/report.ts';
import { everything } from '../store/queries/scope.ts';
import type { BudgetAnswer } from './answer-schemas.ts';
import type { BudgetLimits } from './budget.ts';
import { figuresOf, usdOf } from './figures.ts';
import { type Remember, rememberNothing, untilNews } from './memory.ts';
import { spendingOf } from './spending.ts';
import { knownCost, type NowRequest } from './stats.ts';
import { sumsFrom } from './sums.ts';

/** Spend by the calendar, thirty days of it, the limits and where it leads. */
export function budgetAnswer(
  db: Database,
  request: Pick<NowRequest, 'zone' | 'startOfWeek' | 'now'>,
  limits: BudgetLimits,
): BudgetAnswer {
  const spending = spendingOf(db, request);
  const monthly = limits.monthly_usd > 0 ? spending.daysTo(Math.round(limits.monthly_usd * 1e9)) : undefined;
  return {
    daily_cost_usd: usdOf(spending.today),
    weekly_cost_usd: usdOf(spending.week),
    monthly_cost_usd: usdOf(spending.month),
    daily_rollups_30d: lastDays(db, request, 30),
    limits: {
      daily_usd: limitOf(limits.daily_usd),
      weekly_usd: limitOf(limits.weekly_usd),
      monthly_usd: limitOf(limits.monthly_usd),
    },
    projection: {
      end_of_day_usd: spending.endOfDay === undefined ? null : usdOf(Math.round(spending.endOfDay)),
      month_usd: spending.endOfMonth === undefined ? null : usdOf(Math.round(spending.endOfMonth)),
      days_to_monthly_limit: monthly ?? null,
    },
  };
}

/** The last calendar days, oldest first, today last; those without use have zeros. */
export function lastDays(
  db: Database,
  {
    zone,
    now,
    remember = rememberNothing,
  }: Pick<NowRequest, 'zone' | 'now'> & {
    /** Default: the days before today are asked of the store. */
    readonly remember?: Remember | undefined;
  },
  count: number,
): BudgetAnswer['daily_rollups_30d'] {
  const today = startOfDay(now, zone);
  const periods = Array.from({ length: count }, (_, i) => ({
    startMs: addDays(today, i - count + 1, zone),
    endMs: addDays(today, i - count + 2, zone),
  }));
  const sumsOf = (asked: readonly PeriodRange[]): readonly Group[] => {
    const scope = { ...everything, fromMs: asked[0]?.startMs, toMs: asked.at(-1)?.endMs };
    return asked.length === 0 ? [] : groupSums(db, scope, 'period', { periods: asked });
  };
  const which = `${today} ${zone.name}`;
  const before = remember(db, `${count} days to ${which}`, () => sumsOf(periods.slice(0, -1)));
  const groups = new Map(before.map((group) => [Number(group.key), group.sums]));
  const last = remember(db, `sums of ${which}`, () => sumsOf(periods.slice(-1)), untilNews);
  for (const { sums } of last) groups.set(count - 1, sums);
  return periods.map(({ startMs }, i) => {
    const sums = groups.get(i);
    const figures = sums === undefined ? undefined : figuresOf(sumsFrom(sums), 'auto');
    return {
      date: dateKey(startMs, zone),
      cost_usd: figures === undefined ? 0 : knownCost(figures),
      sessions: figures?.sessions ?? 0,
      turns: figures?.turns ?? 0,
      input_tokens: figures?.input_tokens ?? 0,
      cache_read_tokens: figures?.cache_read_tokens ?? 0,
      unpriced_turns: figures?.unpriced_turns ?? 0,
    };
  });
}

function limitOf(usd: number): number | null {
  return usd > 0 ? usd : null;
}
