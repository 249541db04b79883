import { defineClient } from '../client.ts';

export default defineClient({
  title: 'Cursor',
  syntax: 'json',
  key: 'mcpServers',
  file: ({ home, cwd, join }, scope) => join(scope === 'project' ? cwd : home, '.cursor', 'mcp.json'),
  afterwards: 'Enable it in Cursor under Settings, MCP.',
});
