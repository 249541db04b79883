import { z } from 'zod';
import { reportKinds } from '../../report/kinds.ts';
import { reportAnswer } from '../../report/spend-answers.ts';
import { limitInput } from '../session.ts';
import { list, obj, text } from '../shapes.ts';
import { defineTool, ToolError } from '../tool.ts';

const names = z.array(z.string().min(1).max(256)).max(20).optional();

export default defineTool({
  description: 'Any report: tokens and cost grouped by day, model, project, tool and more.',
  input: z.object({
    by: z.enum(reportKinds),
    since: z.string().max(64).optional().describe('2026-04-01, today, 7d'),
    until: z.string().max(64).optional(),
    provider: names,
    model: names,
    project: names,
    branch: names,
    tag: names,
    breakdown: z.boolean().optional(),
    limit: limitInput(50),
  }),
  output: z.object({ by: text, rows: list, totals: obj, unpriced_models: list }),
  handle: (deps, input) => {
    const report = reportAnswer(deps.db, deps, input);
    if (typeof report === 'string') throw new ToolError('bad_request', report);
    return { ...report };
  },
});
