import { reportCommand } from '../report-command.ts';

export default reportCommand({
  name: 'monthly',
  by: 'month',
  summary: 'tokens and cost by month',
  examples: [
    { line: 'scopeon monthly', shows: 'every month there are figures of' },
    { line: 'scopeon monthly --project webshop --csv', shows: 'one project, for a spreadsheet' },
  ],
});
