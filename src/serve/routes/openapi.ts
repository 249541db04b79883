import { describeApi } from '../openapi.ts';
import { defineRoute } from '../route.ts';

export default defineRoute({
  path: '/api/v1/openapi.json',
  tier: 1,
  summary: 'This description',
  handle: ({ routes, version }) => describeApi(routes, version),
});
