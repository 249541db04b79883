import { sumsFrom } from '../../report/sums.ts';
import { sessionUse } from '../../store/queries/live-sessions.ts';
import { defineQuestion } from '../question.ts';

/** Facts and sums of the sessions with these row ids, by row id. */
export default defineQuestion(
  'session-rows',
  (db, rowIds: readonly number[]) =>
    new Map(
      [...sessionUse(db, rowIds)].map(([rowId, { facts, sums }]) => [rowId, { facts, sums: sumsFrom(sums) }] as const),
    ),
);
