import { z } from 'zod';
import { historyAnswer } from '../../report/spend-answers.ts';
import { int, list } from '../shapes.ts';
import { defineTool } from '../tool.ts';

export default defineTool({
  description: 'Tokens and cost by calendar day, oldest first, today last.',
  input: z.object({
    days: z
      .number()
      .int()
      .min(1)
      .transform((days) => Math.min(days, 500))
      .default(30),
  }),
  output: z.object({ days: int, history: list }),
  handle: (deps, { days }) => historyAnswer(deps.db, deps, days),
});
