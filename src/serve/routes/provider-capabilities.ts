import { z } from 'zod';
import { buildCapabilities } from '../../report/capabilities.ts';
import { capabilitiesSchema } from '../../report/provenance-schema.ts';
import { sessionId } from '../query.ts';
import { defineRoute } from '../route.ts';
import { headOf } from '../session-asked.ts';

export default defineRoute({
  path: '/api/v1/provider-capabilities',
  tier: 3,
  summary: "How far the logs of a session's agent can be trusted, fact by fact",
  query: z.object({ session_id: sessionId.optional() }),
  answer: capabilitiesSchema,
  handle: ({ db }, { session_id }) => buildCapabilities(db, headOf(db, session_id)),
});
