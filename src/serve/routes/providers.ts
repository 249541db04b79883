import { providersSchema } from '../../report/provider-schema.ts';
import { buildProviders } from '../../report/providers.ts';
import { storedProviders } from '../../store/providers.ts';
import { defineRoute } from '../route.ts';

export default defineRoute({
  path: '/api/v1/providers',
  tier: 1,
  summary: 'Agents: found or not, what was read of their logs, what was skipped, and which went dark; no paths',
  answer: providersSchema,
  handle: ({ db, now }) => buildProviders(db, storedProviders(db), { now, home: undefined }),
});
