import { type ClientPlace, defineClient } from '../client.ts';

export default defineClient({
  title: 'VS Code',
  syntax: 'json',
  key: 'servers',
  handsOn: 'nothing', // of a shell's, when it is started from a desktop
  file: (place, scope) =>
    scope === 'project'
      ? place.join(place.cwd, '.vscode', 'mcp.json')
      : place.join(settingsFolder(place), 'Code', 'User', 'mcp.json'),
  entry: ({ command, args, env }) => ({ type: 'stdio', command, args, env }),
  afterwards: 'In VS Code, "MCP: List Servers" starts it.',
});

function settingsFolder({ home, platform, env, join }: ClientPlace): string {
  if (platform === 'win32') return env.APPDATA || join(home, 'AppData', 'Roaming');
  if (platform === 'darwin') return join(home, 'Library', 'Application Support');
  return env.XDG_CONFIG_HOME || join(home, '.config');
}
