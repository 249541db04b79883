import { z } from 'zod';
import { projectStatsAnswer } from '../../report/spend-answers.ts';
import { list } from '../shapes.ts';
import { defineTool } from '../tool.ts';

export default defineTool({
  description: 'Cost, sessions and cache by project and branch, dearest first.',
  input: z.object({
    top_n: z
      .number()
      .int()
      .min(1)
      .transform((n) => Math.min(n, 500))
      .optional(),
  }),
  output: z.object({ projects: list }),
  handle: (deps, { top_n }) => projectStatsAnswer(deps.db, top_n ?? 500),
});
