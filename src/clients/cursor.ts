import { defineClient } from '../client.ts';

export default defineClient({
  title: 'Cursor',
  provider: 'cursor',
  syntax: 'json',
  key: 'mcpServers',
  handsOn: 'nothing', // of a shell's, when it is started from a desktop
  file: ({ home, cwd, join }, scope) => join(scope === 'project' ? cwd : home, '.cursor', 'mcp.json'),
  afterwards: 'Enable it in Cursor under Settings, MCP.',
});
