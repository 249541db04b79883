import { reportCommand } from '../report-command.ts';

export default reportCommand({
  name: 'report',
  arguments: [
    {
      name: '<by>',
      description: 'hour, day, week, month, session, project, model, block, provider, branch, tag, tool or agent',
    },
  ],
  summary: 'tokens and cost by anything',
  examples: [
    { line: 'scopeon report branch --since 7d', shows: 'what each branch cost this week' },
    { line: 'scopeon report tool --project webshop', shows: 'which tools were called, how often, with what size' },
    { line: 'scopeon report agent', shows: 'the main conversation against each kind of subagent' },
  ],
});
