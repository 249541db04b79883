import { reportCommand } from '../report-command.ts';

export default reportCommand({
  name: 'projects',
  by: 'project',
  summary: 'tokens and cost by project',
  examples: [
    { line: 'scopeon projects --since 30d', shows: 'what each repository cost in 30 days' },
    { line: 'scopeon projects --markdown', shows: 'a table to paste into an issue' },
  ],
});
