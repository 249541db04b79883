import { defineRule } from '../rule.ts';

const freshMs = 15 * 60 * 1000;

export default defineRule({
  summary: 'The conversation was compacted',
  evaluate: ({ sessions, now }) =>
    sessions.flatMap(({ rowId, lastCompactionAt, provider, model }) =>
      lastCompactionAt === undefined || now - lastCompactionAt > freshMs
        ? []
        : [
            {
              session: rowId,
              scope: String(lastCompactionAt),
              severity: 'info',
              message: 'The conversation was compacted; what it said before is a summary now.',
              fields: {},
              provider,
              model,
              isEvent: true,
            },
          ],
    ),
});
