import { z } from 'zod';
import { compareAnswer } from '../../report/session-answers.ts';
import { sessionUseAsked } from '../session.ts';
import { int, maybe, obj, text } from '../shapes.ts';
import { defineTool, ToolError } from '../tool.ts';

const id = z
  .string()
  .regex(/^[A-Za-z0-9._:@-]{1,128}$/)
  .optional();

export default defineTool({
  description: 'Two sessions side by side: turns, tokens, cache and cost.',
  input: z.object({ session_id_a: id, session_id_b: id, session_a: id, session_b: id }),
  output: z.object({
    session_a: obj,
    session_b: obj,
    delta: obj,
    cache_hit_rate_delta_pct: maybe.num,
    cost_delta_usd: maybe.num,
    tokens_saved: int,
    recommendation: text,
  }),
  handle: (deps, input) => {
    const a = input.session_id_a ?? input.session_a;
    const b = input.session_id_b ?? input.session_b;
    if (a === undefined || b === undefined)
      throw new ToolError('bad_request', 'Both session_id_a and session_id_b are needed');
    return compareAnswer(sessionUseAsked(deps, a), sessionUseAsked(deps, b));
  },
});
