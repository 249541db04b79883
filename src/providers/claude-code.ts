import { join, posix, win32 } from 'node:path';
import { readAgentMeta } from '../agents/claude-code/agent-meta.ts';
import { readSession } from '../agents/claude-code/session.ts';
import { defineProvider, type Host } from '../provider.ts';

/**
 * Claude Code's session logs. Formats seen: 1.0.17 to 2.1.222 (July 2025 to November 2026).
 * Everything taken from a record stands in `plan`; nothing else of it is ever looked at.
 */
export default defineProvider({
  title: 'Claude Code',
  parserVersion: 1,
  capabilities: {
    skills: 'exact',
    hooks: 'estimated',
    mcpIdentity: 'exact',
    taskHistory: 'exact',
    interactionTokens: 'estimated',
  },
  capabilityNotes: {
    skills: 'Calls of the Skill tool; one that you start by its command is recorded as what you said.',
    hooks:
      'Those that left something in the log: older versions record fewer, and one without output may leave nothing.',
    taskHistory: 'Calls that start subagents, with their results; the tokens are those of the subagents’ own logs.',
    interactionTokens: 'Exact by response; by tool only from sizes.',
  },
  unrecorded: 'From 2.1.12 to 2.1.42, most of the output tokens: the log holds the count as a response began.',
  roots: (host) => [...new Set([...configRoots(host), ...desktopRoots(host)])],
  accepts: (path) => {
    const name = path.slice(path.lastIndexOf('/') + 1);
    return name.endsWith('.jsonl') ? name !== 'journal.jsonl' : /^agent-.+\.meta\.json$/.test(name);
  },
  keepsDays: cleanupPeriod,
  read: (file, from) => (file.relativePath.endsWith('.meta.json') ? readAgentMeta(file) : readSession(file, from)),
});

function configRoots(host: Host): readonly string[] {
  const { join, basename } = host.platform === 'win32' ? win32 : posix;
  const configured = (host.env.CLAUDE_CONFIG_DIR ?? '')
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
  const directories =
    configured.length > 0
      ? configured
      : [join(host.env.XDG_CONFIG_HOME || join(host.home, '.config'), 'claude'), join(host.home, '.claude')];
  return directories.map((item) => {
    const directory =
      item === '~' || item.startsWith('~/') || item.startsWith('~\\') ? join(host.home, item.slice(1)) : item;
    return basename(directory) === 'projects' ? directory : join(directory, 'projects');
  });
}

/** The desktop app gives every agent session a configuration of its own, some folders below one of these. */
function desktopRoots(host: Host): readonly string[] {
  const application =
    {
      darwin: join(host.home, 'Library', 'Application Support', 'Claude'),
      win32: join(host.env.APPDATA ?? join(host.home, 'AppData', 'Roaming'), 'Claude'),
    }[host.platform as string] ?? join(host.env.XDG_CONFIG_HOME || join(host.home, '.config'), 'Claude');
  return localSessions(host, join(application, 'local-agent-mode-sessions'), 3);
}

function localSessions(host: Host, directory: string, depth: number): readonly string[] {
  return host.list(directory).flatMap((name) => {
    const path = join(directory, name);
    if (name.startsWith('local_')) return [join(path, '.claude', 'projects')];
    return depth > 0 ? localSessions(host, path, depth - 1) : [];
  });
}

/** It deletes sessions that were not written to for so long: 30 days unless `cleanupPeriodDays` of its settings says otherwise. */
function cleanupPeriod(root: string, host: Host): number {
  const { join, dirname } = host.platform === 'win32' ? win32 : posix;
  try {
    const settings: unknown = JSON.parse(host.read(join(dirname(root), 'settings.json')) ?? '{}');
    const days =
      typeof settings === 'object' && settings !== null && 'cleanupPeriodDays' in settings
        ? settings.cleanupPeriodDays
        : undefined;
    return typeof days === 'number' && days >= 0 && days <= 1e6 ? days : 30;
  } catch {
    return 30; // it does not read such a file either
  }
}
