import { tellsOf } from '../../report/capabilities.ts';
import type { ContextState } from '../../report/context.ts';
import { buildInsights, type Insights } from '../../report/insights.ts';
import type { Database } from '../../store/driver.ts';
import type { Known } from '../question.ts';

/** What screens show of them: the turns they were read from stay where they are. */
export interface ShownInsights extends Omit<Insights, 'turns' | 'context' | 'spending'> {
  readonly context: ShownContext | undefined;
  readonly spending: Omit<Insights['spending'], 'daysTo'>;
}

/** The same of a context. */
export type ShownContext = Omit<ContextState, 'turns'>;

/** What the numbers mean: of the live session, else of today. The same answer as `scopeon insights` gives. */
export function insightsNow(db: Database, known: Known): ShownInsights {
  const { zone, startOfWeek, now, remember, turnsOf } = known;
  const { turns: _, ...shown } = buildInsights(
    db,
    {
      sessionRowId: undefined,
      zone,
      startOfWeek,
      now,
      book: () => known.bookOf(db),
      tells: tellsOf(db),
      growth: (model) => known.growth(db, model, now),
      remember,
      turnsOf,
    },
    known.members,
  );
  const { daysTo: __, ...spending } = shown.spending;
  return { ...shown, spending, context: shown.context && shownContext(shown.context) };
}

export function shownContext({ turns: _, ...shown }: ContextState): ShownContext {
  return shown;
}
