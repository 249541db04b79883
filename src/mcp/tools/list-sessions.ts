import { z } from 'zod';
import { sessionListAnswer } from '../../report/spend-answers.ts';
import { limitInput } from '../session.ts';
import { int, list } from '../shapes.ts';
import { defineTool } from '../tool.ts';

export default defineTool({
  description: 'The newest sessions of all agents with cost and cache.',
  input: z.object({ limit: limitInput(20) }),
  output: z.object({ count: int, sessions: list }),
  handle: (deps, { limit }) => sessionListAnswer(deps.db, limit),
});
