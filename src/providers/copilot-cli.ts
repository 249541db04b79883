import { posix, win32 } from 'node:path';
import { readEvents } from '../agents/copilot-cli/events.ts';
import { readHistory } from '../agents/copilot-cli/history.ts';
import { readOtel } from '../agents/copilot-cli/otel.ts';
import { readStore } from '../agents/copilot-cli/session-store.ts';
import { readWorkspace } from '../agents/copilot-cli/workspace.ts';
import { defineProvider, type Host, type LogReader } from '../provider.ts';

/**
 * GitHub Copilot CLI. Formats seen: 1.0.34 to 1.0.102 (April to November 2026) and the JSON of October 2025.
 * The same calls are told up to four times: by the session store, by a record each, by a sum when the program ends, and by
 * OpenTelemetry. Every telling is handed on with its rank; the store finds out which of them reaches how far.
 */
export default defineProvider({
  title: 'GitHub Copilot CLI',
  parserVersion: 2,
  capabilities: {
    skills: 'estimated',
    hooks: 'estimated',
    mcpIdentity: 'exact',
    taskHistory: 'exact',
    interactionTokens: 'estimated',
  },
  capabilityNotes: {
    skills: 'Skills the agent or the user invoked; older versions record only the tool call.',
    hooks: 'Starts and ends are recorded; which tool call a hook ran for is found by its name and arguments.',
    interactionTokens: 'Exact by response, and for subagents; by tool only from sizes.',
  },
  unrecorded:
    'Tokens of sessions of 2025; and of versions before 1.0.70, the input of responses after which the program was killed.',
  roots: (host) => [copilotHome(host), ...otelFiles(host)],
  accepts: (path) =>
    /^session-state\/[^/.][^/]*(\/events\.jsonl|\/workspace\.yaml|\.jsonl)$/.test(path) ||
    /^history-session-state\/session_[^/]+\.json$/.test(path) ||
    /^otel\/[^/]+\.jsonl$/.test(path) ||
    path === storeName,
  rewrites: (path) => path.endsWith('.yaml') || path.endsWith('.json'),
  database: (path) => (path === storeName ? {} : undefined),
  read: (file, from) => readerOf(file.relativePath)(file, from),
});

const storeName = 'session-store.db';

function copilotHome(host: Host): string {
  const { join } = host.platform === 'win32' ? win32 : posix;
  return host.env.COPILOT_HOME || join(host.home, '.copilot');
}

/** The exporter's file lies where the user said. A relative path is relative to wherever the agent was started. */
function otelFiles(host: Host): readonly string[] {
  const { isAbsolute } = host.platform === 'win32' ? win32 : posix;
  const path = host.env.COPILOT_OTEL_FILE_EXPORTER_PATH ?? '';
  return isAbsolute(path) ? [path] : [];
}

function readerOf(path: string): LogReader {
  if (path === storeName) return readStore;
  if (path.startsWith('history-session-state/')) return readHistory;
  if (!path.startsWith('session-state/')) return readOtel;
  return path.endsWith('/workspace.yaml') ? readWorkspace : readEvents;
}
