import { z } from 'zod';
import { suggestionsAnswer } from '../../report/insight-answers.ts';
import { headAsked, sessionAsked } from '../session.ts';
import { int, list, obj, text } from '../shapes.ts';
import { defineTool } from '../tool.ts';

export default defineTool({
  description: 'What to change in your session to spend less, with evidence and estimated saving.',
  isCore: true,
  output: z.object({
    session_id: text,
    provider: obj,
    provenance_summary: obj,
    waste_signals: list,
    suggestions: list,
    waste_score: int,
  }),
  handle: (deps) =>
    suggestionsAnswer(
      deps.db,
      headAsked(deps, undefined),
      { ...deps, sessionRowId: sessionAsked(deps, undefined) },
      deps.members,
    ),
});
