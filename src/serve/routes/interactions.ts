import { z } from 'zod';
import { buildInteractions } from '../../report/interactions.ts';
import { interactionsSchema } from '../../report/provenance-schema.ts';
import { limitOf, sessionId } from '../query.ts';
import { defineRoute } from '../route.ts';
import { headOf } from '../session-asked.ts';

export default defineRoute({
  path: '/api/v1/interactions',
  tier: 3,
  summary: 'What happened in a session beside its tokens, oldest first: tools, tasks, skills, hooks, compactions',
  query: z.object({ session_id: sessionId.optional(), limit: limitOf(100) }),
  answer: interactionsSchema,
  handle: ({ db }, { session_id, limit }) => buildInteractions(db, headOf(db, session_id), limit),
});
