import { sessionDetail } from '../../store/queries/session-detail.ts';
import { defineQuestion } from '../question.ts';

export interface DetailWish {
  /** Undefined: of none. */
  readonly rowId: number | undefined;
  /** At most so many turns, the newest. */
  readonly turns: number;
}

export default defineQuestion('session-detail', (db, { rowId, turns }: DetailWish) =>
  rowId === undefined ? undefined : sessionDetail(db, rowId, turns),
);
