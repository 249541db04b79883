import { z } from 'zod';
import { usageAnswer } from '../../report/session-answers.ts';
import { sessionUseAsked } from '../session.ts';
import { int, maybe, num, obj, text } from '../shapes.ts';
import { defineTool } from '../tool.ts';

export default defineTool({
  description: 'Tokens, cost and cache hit rate of your session so far.',
  isCore: true,
  output: z.object({
    session_id: text,
    session_slug: maybe.text,
    model: maybe.text,
    total_turns: int,
    token_breakdown: obj,
    cost: obj,
    cache_hit_rate_pct: num,
  }),
  handle: (deps) => usageAnswer(sessionUseAsked(deps, undefined)),
});
