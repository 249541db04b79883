import { defineCommand } from '../command.ts';
import { addRegistrationOptions, registerWith } from '../registration-command.ts';

export default defineCommand({
  summary: 'the same as init --client copilot',
  examples: [{ line: 'scopeon init-copilot', shows: 'registers the MCP server with GitHub Copilot CLI' }],
  options: addRegistrationOptions,
  run: (context, _args, options) => registerWith(context, 'copilot', options),
});
