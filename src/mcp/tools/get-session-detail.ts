import { z } from 'zod';
import { detailAnswer } from '../../report/session-answers.ts';
import { sessionInput, sessionUseAsked } from '../session.ts';
import { int, list, maybe, obj, text } from '../shapes.ts';
import { defineTool } from '../tool.ts';

export default defineTool({
  description: 'A session whole: turns, tools, compactions, context and subagents.',
  input: sessionInput,
  output: z.object({
    session_id: text,
    session: obj,
    turns: list,
    totals: obj,
    tools: list,
    compactions: int,
    context: maybe.obj,
    children: list,
  }),
  handle: (deps, { session_id }) => detailAnswer(deps.db, sessionUseAsked(deps, session_id), deps),
});
