import { z } from 'zod';
import { buildTasks } from '../../report/interactions.ts';
import { headAsked, limitInput, sessionInput } from '../session.ts';
import { int, list, obj, text } from '../shapes.ts';
import { defineTool } from '../tool.ts';

export default defineTool({
  description: 'Subagents a session started: model, tokens, duration, tools used.',
  input: sessionInput.extend({ limit: limitInput(25) }),
  output: z.object({ session_id: text, provider: obj, capabilities: list, count: int, tasks: list }),
  handle: (deps, { session_id, limit }) => buildTasks(deps.db, headAsked(deps, session_id), limit),
});
