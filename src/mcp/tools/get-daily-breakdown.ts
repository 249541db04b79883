import { z } from 'zod';
import { dailyBreakdownAnswer } from '../../report/spend-answers.ts';
import { list } from '../shapes.ts';
import { defineTool } from '../tool.ts';

export default defineTool({
  description: 'The last days, a row each, with a breakdown by model.',
  input: z.object({ days: z.number().int().min(1).max(366).default(30) }),
  output: z.object({ rows: list }),
  handle: (deps, { days }) => dailyBreakdownAnswer(deps.db, deps, days),
});
