import { z } from 'zod';
import { budgetStatusAnswer } from '../../report/spend-answers.ts';
import { bool, maybe, obj } from '../shapes.ts';
import { defineTool } from '../tool.ts';

export default defineTool({
  description: 'Spend today, this week and this month against the limits, and the month projected.',
  isCore: true,
  output: z.object({ daily: obj, weekly: obj, monthly: obj, projected_monthly: maybe.num, over_budget: bool }),
  handle: (deps) => budgetStatusAnswer(deps.db, deps.budget, deps),
});
