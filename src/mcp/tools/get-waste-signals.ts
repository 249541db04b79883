import { z } from 'zod';
import { wasteAnswer } from '../../report/insight-answers.ts';
import { sessionAsked, sessionInput } from '../session.ts';
import { int, list } from '../shapes.ts';
import { defineTool } from '../tool.ts';

export default defineTool({
  description: 'Tokens a session spent for little: repeated calls, cold cache, bloat.',
  input: sessionInput,
  output: z.object({ waste_score: int, waste_signals: list }),
  handle: (deps, { session_id }) =>
    wasteAnswer(deps.db, { ...deps, sessionRowId: sessionAsked(deps, session_id) }, deps.members),
});
