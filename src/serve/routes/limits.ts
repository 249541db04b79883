import { buildLimits } from '../../report/limits.ts';
import { limitsSchema } from '../../report/provider-schema.ts';
import { defineRoute } from '../route.ts';

export default defineRoute({
  path: '/api/v1/limits',
  tier: 1,
  summary: 'Usage limits as the agents report them',
  answer: limitsSchema,
  handle: ({ db, now }) => buildLimits(db, now),
});
