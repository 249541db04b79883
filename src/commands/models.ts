import { reportCommand } from '../report-command.ts';

export default reportCommand({
  name: 'models',
  by: 'model',
  summary: 'tokens and cost by model',
  examples: [
    { line: 'scopeon models', shows: 'every model ever used' },
    { line: 'scopeon models --json --timezone UTC', shows: 'the same for programs' },
  ],
});
