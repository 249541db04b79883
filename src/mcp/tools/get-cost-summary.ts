import { z } from 'zod';
import { costSummaryAnswer } from '../../report/spend-answers.ts';
import { obj } from '../shapes.ts';
import { defineTool } from '../tool.ts';

export default defineTool({
  description: 'Tokens and cost of all agents: today, this week, this month, ever.',
  isCore: true,
  output: z.object({ today: obj, week: obj, month: obj, all: obj }),
  handle: (deps) => costSummaryAnswer(deps.db, deps),
});
