import { z } from 'zod';
import { buildCapabilities } from '../../report/capabilities.ts';
import { headAsked, sessionInput } from '../session.ts';
import { list, obj, text } from '../shapes.ts';
import { defineTool } from '../tool.ts';

export default defineTool({
  description: "How far a session's logs can be trusted, fact by fact.",
  input: sessionInput,
  output: z.object({ session_id: text, provider: obj, support_summary: obj, capabilities: list }),
  handle: (deps, { session_id }) => ({ ...buildCapabilities(deps.db, headAsked(deps, session_id)) }),
});
