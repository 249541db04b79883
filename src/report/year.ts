import { addDays, dateKey, type StartOfWeek, startOfDay, startOfWeek, type Zone } from '../metrics/calendar.ts';
import { type HeatLevel, heatLevels } from '../metrics/heat.ts';
import type { Database } from '../store/driver.ts';
import type { PeriodRange } from '../store/queries/report.ts';
import { spendByDay } from '../store/queries/spend.ts';
import { usdOf } from './figures.ts';
import { type Remember, rememberNothing, untilNews } from './memory.ts';

/** A day of the year that ends today. */
export interface YearDay {
  /** `YYYY-MM-DD` */
  readonly date: string;
  /** Of the turns that have a price. */
  readonly costUsd: number;
  readonly turns: number;
  /** By cost; a day of unpriced turns alone is 1. */
  readonly level: HeatLevel;
}

const weeks = 53;

/** Whole weeks of some 370 days, oldest first, the last day today. */
export function yearOf(
  db: Database,
  {
    zone,
    startOfWeek: first,
    now,
    remember = rememberNothing,
  }: {
    readonly zone: Zone;
    readonly startOfWeek: StartOfWeek;
    readonly now: number;
    /** Default: the days before today are asked of the store. */
    readonly remember?: Remember | undefined;
  },
): readonly YearDay[] {
  const today = startOfDay(now, zone);
  const from = addDays(startOfWeek(today, zone, first), -7 * (weeks - 1), zone);
  const days: PeriodRange[] = [];
  for (let startMs = from; startMs <= today; ) {
    const endMs = addDays(startMs, 1, zone);
    days.push({ startMs, endMs });
    startMs = endMs;
  }
  const last = days.length - 1;
  const before = remember(db, `days before ${today} ${zone.name} ${first}`, () => spendByDay(db, days.slice(0, last)));
  const spend = new Map(before.map((each) => [each.day, each]));
  const ofToday = remember(db, `day ${today} ${zone.name}`, () => spendByDay(db, days.slice(last)), untilNews);
  for (const each of ofToday) spend.set(last, each);
  const levels = heatLevels(days.map((_, day) => spend.get(day)?.nano ?? 0));
  return days.map(({ startMs }, day) => {
    const turns = spend.get(day)?.turns ?? 0;
    return {
      date: dateKey(startMs, zone),
      costUsd: usdOf(spend.get(day)?.nano ?? 0),
      turns,
      level: levels[day] === 0 && turns > 0 ? 1 : (levels[day] ?? 0),
    };
  });
}
