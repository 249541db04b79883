import { z } from 'zod';
import { usageLimitsAnswer } from '../../report/spend-answers.ts';
import { list, maybe } from '../shapes.ts';
import { defineTool } from '../tool.ts';

export default defineTool({
  description: 'Usage limits as agents report them, and the present five-hour block with its projection.',
  isCore: true,
  output: z.object({ limits: list, block: maybe.obj }),
  handle: (deps) => usageLimitsAnswer(deps.db, deps),
});
