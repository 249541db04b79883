import { contextAnswer as shape } from '../../report/answer-schemas.ts';
import { contextAnswer } from '../../report/context-answer.ts';
import { defineRoute } from '../route.ts';

export default defineRoute({
  path: '/api/v1/context',
  tier: 2,
  summary: "How full the live session's context is, and how many turns are left",
  answer: shape,
  handle: (deps) => contextAnswer(deps.db, deps),
});
