import { defineClient } from '../client.ts';

/** GitHub Copilot CLI. A project's file counts in folders the user trusts. */
export default defineClient({
  title: 'GitHub Copilot CLI',
  provider: 'copilot-cli',
  syntax: 'json',
  key: 'mcpServers',
  file: ({ home, cwd, env, join }, scope) =>
    scope === 'project' ? join(cwd, '.mcp.json') : join(env.COPILOT_HOME || join(home, '.copilot'), 'mcp-config.json'),
  entry: ({ command, args, env }) => ({ type: 'local', command, args, env, tools: ['*'] }),
  afterwards: 'Start copilot anew; /mcp show lists it.',
});
