import { defineCommand } from '../command.ts';
import { memberIds } from '../members.ts';
import { addRegistrationOptions, registerWith } from '../registration-command.ts';

export default defineCommand({
  summary: 'register the MCP server with an agent, so that it sees its own usage',
  examples: [
    { line: 'scopeon init', shows: 'with Claude Code, for all your projects' },
    { line: 'scopeon init --client codex --dry-run', shows: 'what would change, and nothing changes' },
    { line: 'scopeon init --client gemini --scope project', shows: 'for this project alone' },
    { line: 'scopeon init --client copilot --remove', shows: 'takes it out again' },
  ],
  options: (command) =>
    void addRegistrationOptions(
      command.option('--client <name>', `one of ${memberIds('clients').join(', ')}`, 'claude'),
    ),
  run: (context, _args, options) => registerWith(context, String(options.client), options),
});
