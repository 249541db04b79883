import { z } from 'zod';
import { buildTasks } from '../../report/interactions.ts';
import { tasksSchema } from '../../report/provenance-schema.ts';
import { limitOf, sessionId } from '../query.ts';
import { defineRoute } from '../route.ts';
import { headOf } from '../session-asked.ts';

export default defineRoute({
  path: '/api/v1/tasks',
  tier: 3,
  summary: 'Subagents a session started, oldest first, each with what ran within it',
  query: z.object({ session_id: sessionId.optional(), limit: limitOf(25) }),
  answer: tasksSchema,
  handle: ({ db }, { session_id, limit }) => buildTasks(db, headOf(db, session_id), limit),
});
