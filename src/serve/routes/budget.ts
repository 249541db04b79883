import { budgetAnswer as shape } from '../../report/answer-schemas.ts';
import { budgetAnswer } from '../../report/budget-answer.ts';
import { defineRoute } from '../route.ts';

export default defineRoute({
  path: '/api/v1/budget',
  tier: 1,
  summary: 'Spend by calendar day, week and month, thirty days of it, limits and projections',
  answer: shape,
  handle: (deps) => budgetAnswer(deps.db, deps, deps.budget),
});
