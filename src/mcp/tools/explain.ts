import { z } from 'zod';
import { explainAnswer } from '../../report/explain.ts';
import { list, maybe, text } from '../shapes.ts';
import { defineTool, ToolError } from '../tool.ts';

const subject = z.string().min(1).max(256).optional();

export default defineTool({
  description: 'Where a figure comes from: files, records, price and formula. Give one of turn, session, day, model.',
  input: z.object({ turn: subject, session: subject, day: subject, model: subject }),
  output: z.object({
    figure: text,
    value_usd: maybe.num,
    files: list,
    records: maybe.int,
    merged: maybe.int,
    price_row: maybe.obj,
    formula: text,
  }),
  handle: (deps, input) => {
    const given = (['turn', 'session', 'day', 'model'] as const).filter((kind) => input[kind] !== undefined);
    const [kind] = given;
    if (kind === undefined || given.length > 1)
      throw new ToolError('bad_request', 'Give one of turn, session, day and model');
    const answer = asked(() => explainAnswer(deps.db, deps, kind, input[kind] ?? ''));
    if (answer === undefined) throw new ToolError('not_found', `There is no such ${kind}`);
    return { ...answer };
  },
});

function asked<T>(ask: () => T): T {
  try {
    return ask();
  } catch (error) {
    if (error instanceof RangeError)
      throw new ToolError('bad_request', 'day must be a date such as 2026-04-01 or today');
    throw error;
  }
}
