import { z } from 'zod';
import { cacheAnswer } from '../../report/session-answers.ts';
import { sessionInput, sessionUseAsked } from '../session.ts';
import { int, num, text } from '../shapes.ts';
import { defineTool } from '../tool.ts';

export default defineTool({
  description: 'What the prompt cache served and saved in a session.',
  input: sessionInput,
  output: z.object({
    session_id: text,
    cache_hit_tokens: int,
    cache_write_tokens: int,
    total_billable_input_tokens: int,
    cache_hit_rate_pct: num,
    tokens_saved: int,
    cost_savings_usd: num,
  }),
  handle: (deps, { session_id }) => cacheAnswer(sessionUseAsked(deps, session_id)),
});
