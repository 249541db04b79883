import { z } from 'zod';
import { costByTagAnswer } from '../../report/spend-answers.ts';
import { list } from '../shapes.ts';
import { defineTool } from '../tool.ts';

export default defineTool({
  description: 'Cost by tag, dearest first; a session with two tags is in both.',
  output: z.object({ tags: list }),
  handle: (deps) => costByTagAnswer(deps.db),
});
