import { reportCommand } from '../report-command.ts';

export default reportCommand({
  name: 'blocks',
  by: 'block',
  summary: 'tokens and cost by 5-hour block',
  examples: [
    { line: 'scopeon blocks --since 2d', shows: 'the last two days, the running block marked' },
    { line: 'scopeon blocks --session-length 3', shows: 'blocks of three hours' },
  ],
});
