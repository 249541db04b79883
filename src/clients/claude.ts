import { defineClient } from '../client.ts';

/** Claude Code reads servers from here since 2.1.47, no more from `settings.json`. */
export default defineClient({
  title: 'Claude Code',
  provider: 'claude-code',
  syntax: 'json',
  key: 'mcpServers',
  file: ({ home, cwd, env, join }, scope) =>
    scope === 'project' ? join(cwd, '.mcp.json') : join(env.CLAUDE_CONFIG_DIR?.split(',')[0] || home, '.claude.json'),
  oldFile: ({ home, env, join }) =>
    join(env.CLAUDE_CONFIG_DIR?.split(',')[0] || join(home, '.claude'), 'settings.json'),
  entry: ({ command, args, env }) => ({ type: 'stdio', command, args, env }),
  afterwards: 'Start Claude Code anew; /mcp lists it.',
});
