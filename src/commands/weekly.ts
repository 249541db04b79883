import { reportCommand } from '../report-command.ts';

export default reportCommand({
  name: 'weekly',
  by: 'week',
  summary: 'tokens and cost by week',
  examples: [
    { line: 'scopeon weekly --since 4w', shows: 'the last four weeks' },
    { line: 'scopeon weekly --start-of-week sunday', shows: 'weeks that begin on Sunday' },
  ],
});
