import { statsAnswer as shape } from '../../report/answer-schemas.ts';
import { statsAnswer } from '../../report/stats.ts';
import { defineRoute } from '../route.ts';

export default defineRoute({
  path: '/api/v1/stats',
  tier: 1,
  summary: 'Sums over everything stored, with what today costs, the health score and the live context',
  answer: shape,
  handle: (deps) => statsAnswer(deps.db, deps),
});
