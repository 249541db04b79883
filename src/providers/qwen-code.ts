import { readChat } from '../agents/qwen-code/chat.ts';
import { readDocument } from '../agents/qwen-code/document.ts';
import { directories } from '../agents/qwen-code/place.ts';
import { defineProvider, pathsOf } from '../provider.ts';

/**
 * Qwen Code's chat logs. Formats seen: 0.18 to 0.24.4 (June to November 2026). `usage_record.jsonl` beside them repeats
 * their sums at each exit, and the transcripts below `subagents/` their calls: neither is read. Versions of 2025 wrote a
 * document for each session, as Gemini CLI did, from which Qwen Code comes.
 * @see https://github.com/Piebald-AI/splitrail/issues/190
 */
export default defineProvider({
  title: 'Qwen Code',
  parserVersion: 2,
  capabilities: {
    skills: 'estimated',
    hooks: 'unsupported',
    mcpIdentity: 'exact',
    taskHistory: 'estimated',
    interactionTokens: 'estimated',
  },
  capabilityNotes: {
    skills: 'Read off the calls of the skill tool; whether a skill was used without it is not logged.',
    interactionTokens: 'Exact by response; by tool only from sizes.',
    taskHistory: "A subagent's calls name it, but not the task they were made for.",
  },
  roots: (host) => {
    const { join } = pathsOf(host);
    const below = (name: string): readonly string[] => directories(host).map((directory) => join(directory, name));
    return [...new Set([...below('projects'), ...below('tmp')])];
  },
  accepts: (path) => /^[^/]+\/chats\/(?:[^/]+\.jsonl|session-[^/]+\.json)$/.test(path),
  rewrites: isDocument,
  read: (file, from) => (isDocument(file.relativePath) ? readDocument(file, from) : readChat(file, from)),
});

function isDocument(path: string): boolean {
  return path.endsWith('.json');
}
