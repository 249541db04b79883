import { z } from 'zod';
import { contextPressureAnswer } from '../../report/insight-answers.ts';
import { sessionUseAsked } from '../session.ts';
import { bool, int, maybe, num, text } from '../shapes.ts';
import { defineTool } from '../tool.ts';

export default defineTool({
  description: 'How full your context window is, and about how many turns are left.',
  isCore: true,
  output: z.object({
    session_id: text,
    model: text,
    context_window_tokens: int,
    last_turn_input_tokens: int,
    used_tokens: maybe.int,
    fill_pct: num,
    tokens_remaining: int,
    should_compact: bool,
    pressure_level: text,
    predicted_turns_remaining: maybe.int,
  }),
  handle: (deps) => contextPressureAnswer(deps.db, sessionUseAsked(deps, undefined), deps),
});
