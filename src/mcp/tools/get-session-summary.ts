import { z } from 'zod';
import { summaryAnswer } from '../../report/session-answers.ts';
import { sessionInput, sessionUseAsked } from '../session.ts';
import { list, obj, text } from '../shapes.ts';
import { defineTool } from '../tool.ts';

export default defineTool({
  description: 'One session turn by turn: tokens, cost, MCP calls; its last 100 turns.',
  input: sessionInput,
  output: z.object({ session_id: text, session: obj, turns: list, totals: obj }),
  handle: (deps, { session_id }) => summaryAnswer(deps.db, sessionUseAsked(deps, session_id), deps.book),
});
