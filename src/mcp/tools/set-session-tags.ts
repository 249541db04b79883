import { z } from 'zod';
import { sessionInput, sessionUseAsked } from '../session.ts';
import { bool, list, text } from '../shapes.ts';
import { defineTool, ToolError } from '../tool.ts';

export default defineTool({
  description: 'Replaces the tags of a session, to group its cost; the only tool that writes.',
  writes: true,
  input: sessionInput.extend({ tags: z.array(z.string().regex(/^[A-Za-z0-9._/-]{1,64}$/)).max(20) }),
  output: z.object({ session_id: text, tags: list, ok: bool }),
  handle: async (deps, { session_id, tags }) => {
    if (session_id === undefined && deps.current?.matched === 'machine')
      throw new ToolError('no_session', 'Which session is yours is not known; name it by session_id');
    const { facts } = sessionUseAsked(deps, session_id);
    const wanted = [...new Set(tags)];
    await deps.setTags(facts.rowId, wanted);
    return { session_id: facts.id, tags: wanted, ok: true };
  },
});
