import { z } from 'zod';
import { agentTreeAnswer } from '../../report/session-answers.ts';
import { sessionAsked, sessionInput } from '../session.ts';
import { bool, int, list, maybe, num, text } from '../shapes.ts';
import { defineTool } from '../tool.ts';

export default defineTool({
  description: 'A session with its subagents as a tree: turns, tokens and cost of each.',
  input: sessionInput,
  output: z.object({
    session_id: text,
    project_name: maybe.text,
    model: maybe.text,
    turn_count: int,
    total_cost_usd: num,
    total_tokens: int,
    is_subagent: bool,
    started_at: maybe.int,
    children: list,
  }),
  handle: (deps, { session_id }) => agentTreeAnswer(deps.db, sessionAsked(deps, session_id)),
});
