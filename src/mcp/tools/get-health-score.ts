import { z } from 'zod';
import { healthAnswer } from '../../report/insight-answers.ts';
import { sessionAsked, sessionInput } from '../session.ts';
import { maybe } from '../shapes.ts';
import { defineTool } from '../tool.ts';

export default defineTool({
  description: 'Health 0-100 of a session with its parts: cache, context, cost, waste.',
  input: sessionInput,
  output: z.object({ health_score: maybe.int, profile: maybe.text, parts: maybe.obj }),
  handle: (deps, { session_id }) =>
    healthAnswer(deps.db, { ...deps, sessionRowId: sessionAsked(deps, session_id) }, deps.members),
});
