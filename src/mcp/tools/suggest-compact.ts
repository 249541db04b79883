import { z } from 'zod';
import { compactAnswer } from '../../report/insight-answers.ts';
import { sessionUseAsked } from '../session.ts';
import { bool, int, num, text } from '../shapes.ts';
import { defineTool } from '../tool.ts';

export default defineTool({
  description: 'Whether to compact your conversation now, and why.',
  isCore: true,
  output: z.object({ should_compact: bool, fill_pct: num, turns_since_last_compaction: int, reason: text }),
  handle: (deps) => compactAnswer(deps.db, sessionUseAsked(deps, undefined), deps),
});
