import { readRollout } from '../agents/codex/rollout.ts';
import { absolutePath, defineProvider, type Host, pathsOf } from '../provider.ts';

/**
 * Codex CLI's rollouts, plain or compressed. Formats seen: bare records of August 2025, 0.36 to 0.153 (September 2026).
 * Everything taken from a record stands in `plan`; nothing else of it is ever looked at.
 */
export default defineProvider({
  title: 'Codex',
  parserVersion: 1,
  capabilities: {
    skills: 'unsupported',
    hooks: 'unsupported',
    mcpIdentity: 'exact',
    taskHistory: 'estimated',
    interactionTokens: 'estimated',
  },
  capabilityNotes: {
    taskHistory: 'From the calls that start subagents; how a task ended is not recorded.',
    interactionTokens: 'Exact by response; by tool only from sizes.',
  },
  unrecorded:
    'Tokens of sessions before September 2025, mostly those of compactions, and whatever exec --ephemeral does.',
  roots,
  accepts: (path) => path.endsWith('.jsonl') || path.endsWith('.jsonl.zst'),
  read: (file, from) => readRollout(file, from),
});

const folders = ['sessions', 'archived_sessions'];

/** Codex itself takes one directory; other tools take several, parted by commas. */
function roots(host: Host): readonly string[] {
  const { basename, join } = pathsOf(host);
  const configured = (host.env.CODEX_HOME || host.env.CODEX_CONFIG_DIR || '').split(',');
  const homes = configured.flatMap((item) => absolutePath(host, item) ?? []);
  if (homes.length === 0) homes.push(join(host.home, '.codex'));
  return homes.flatMap((home) =>
    folders.includes(basename(home)) ? [home] : folders.map((folder) => join(home, folder)),
  );
}
