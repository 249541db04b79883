import { defineClient } from '../client.ts';

/** Codex CLI hands its servers next to nothing of its environment. A project's file counts in folders the user trusts. */
export default defineClient({
  title: 'Codex CLI',
  provider: 'codex',
  syntax: 'toml',
  key: 'mcp_servers',
  handsOn: 'nothing',
  file: ({ home, cwd, env, join }, scope) =>
    scope === 'project'
      ? join(cwd, '.codex', 'config.toml')
      : join(env.CODEX_HOME || join(home, '.codex'), 'config.toml'),
  afterwards: 'Start codex anew; /mcp lists it.',
});
