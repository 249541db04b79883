import { reportCommand } from '../report-command.ts';

export default reportCommand({
  name: 'daily',
  by: 'day',
  summary: 'tokens and cost by day',
  examples: [
    { line: 'scopeon daily --since 7d', shows: 'the last seven days' },
    { line: 'scopeon daily --breakdown --timezone UTC', shows: 'with a line per model, days in UTC' },
  ],
});
