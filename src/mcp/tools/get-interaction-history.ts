import { z } from 'zod';
import { buildInteractions } from '../../report/interactions.ts';
import { headAsked, limitInput, sessionInput } from '../session.ts';
import { int, list, obj, text } from '../shapes.ts';
import { defineTool } from '../tool.ts';

export default defineTool({
  description: 'Tools, skills, hooks, tasks and compactions of a session in time order; sizes, no content.',
  input: sessionInput.extend({ limit: limitInput(100) }),
  output: z.object({
    session_id: text,
    provider: obj,
    capabilities: list,
    hook_effect_summary: obj,
    count: int,
    events: list,
  }),
  handle: (deps, { session_id, limit }) => buildInteractions(deps.db, headAsked(deps, session_id), limit),
});
