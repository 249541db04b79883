import { defineClient } from '../client.ts';

/** Gemini CLI; comments in the file stay. */
export default defineClient({
  title: 'Gemini CLI',
  provider: 'gemini-cli',
  syntax: 'json',
  key: 'mcpServers',
  file: ({ home, cwd, env, join }, scope) =>
    join(scope === 'project' ? cwd : env.GEMINI_CLI_HOME || home, '.gemini', 'settings.json'),
  afterwards: 'Start gemini anew; /mcp lists it, in folders you trust.',
});
