import { z } from 'zod';
import { dailyBreakdownAnswer } from '../../report/spend-answers.ts';
import { list } from '../shapes.ts';
import { defineTool } from '../tool.ts';

export default defineTool({
  description:
    'The last days, a row each, with tokens and cost by model unless breakdown is false; get_report has every figure by model.',
  input: z.object({ days: z.number().int().min(1).max(366).default(30), breakdown: z.boolean().default(true) }),
  output: z.object({ rows: list }),
  handle: (deps, asked) => dailyBreakdownAnswer(deps.db, deps, asked),
});
