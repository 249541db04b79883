import { z } from 'zod';
import { sessionsAnswer as shape } from '../../report/answer-schemas.ts';
import { sessionsAnswer } from '../../report/session-list.ts';
import { beforeParameter, limitOf, nameParameter } from '../query.ts';
import { defineRoute } from '../route.ts';

export default defineRoute({
  path: '/api/v1/sessions',
  tier: 2,
  summary: 'Sessions, the newest activity first; subagents count in their parent',
  query: z.object({
    limit: limitOf(20),
    before: beforeParameter.optional(),
    provider: nameParameter.optional(),
    project: nameParameter.optional(),
  }),
  answer: shape,
  handle: ({ db }, filter) => sessionsAnswer(db, filter),
});
