import { z } from 'zod';
import { sessionTurnsAnswer as shape } from '../../report/answer-schemas.ts';
import { sessionTurnsAnswer } from '../../report/session-turns.ts';
import { beforeParameter, limitOf, sessionId } from '../query.ts';
import { defineRoute, RouteError } from '../route.ts';

export default defineRoute({
  path: '/api/v1/sessions/{id}',
  tier: 2,
  summary: 'One session with its last turns, oldest first',
  query: z.object({ id: sessionId, limit: limitOf(200), before: beforeParameter.optional() }),
  answer: shape,
  handle: (deps, { id, limit, before }) => {
    const answer = sessionTurnsAnswer(deps.db, deps, { id, limit, before });
    if (answer === undefined) throw new RouteError(404, 'no_such_session', 'No such session');
    return answer;
  },
});
