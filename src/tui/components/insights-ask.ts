import { tellsOf } from '../../report/capabilities.ts';
import { buildInsights, type Insights } from '../../report/insights.ts';
import type { Database } from '../../store/driver.ts';
import type { TabProps } from '../tab.ts';

/** What the numbers mean: of the live session, else of today. The same answer as `scopeon insights` gives. */
export function insightsNow(db: Database, { given, zone, now }: Pick<TabProps, 'given' | 'zone' | 'now'>): Insights {
  return buildInsights(
    db,
    {
      sessionRowId: undefined,
      zone,
      startOfWeek: given.startOfWeek,
      now,
      book: () => given.bookOf(db),
      tells: tellsOf(db),
      growth: (model) => given.growth(db, model, now),
    },
    given.members,
  );
}

/** Answers that time alone changes are asked anew with each minute. */
export function minuteOf(now: number): string {
  return String(Math.floor(now / 60_000));
}
