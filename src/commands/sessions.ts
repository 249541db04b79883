import { reportCommand } from '../report-command.ts';

export default reportCommand({
  name: 'sessions',
  by: 'session',
  aliases: ['session'],
  summary: 'tokens, cost and context by session',
  examples: [
    { line: 'scopeon sessions --since today', shows: 'sessions of today, the dearest first' },
    { line: 'scopeon sessions --subagents --limit 20', shows: 'a row for each subagent too' },
  ],
});
