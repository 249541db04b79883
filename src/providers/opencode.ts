import { basename, dirname } from 'node:path';
import { readDatabase } from '../agents/opencode/database.ts';
import { partsFolder, readMessageFile, readSessionFile } from '../agents/opencode/files.ts';
import { dataDirectories, namedDatabase, placesIn } from '../agents/opencode/place.ts';
import { defineProvider } from '../provider.ts';

/**
 * OpenCode's database, and the JSON files it kept before. Formats seen: 1.18.33 and 1.3.17, and those of 2025. Both may
 * lie side by side, for the database began as a copy of the files, ids included.
 *
 * The unit is a message. Mostly it is one response; of one that is several (`step-finish` parts), the message itself
 * tells the tokens of the last only. Its parts tell them all, and their sum is never less than what else is told.
 */
export default defineProvider({
  title: 'OpenCode',
  parserVersion: 2,
  capabilities: {
    skills: 'exact',
    hooks: 'unsupported',
    mcpIdentity: 'unsupported',
    taskHistory: 'exact',
    interactionTokens: 'estimated',
  },
  capabilityNotes: {
    skills: 'From calls of the skill tool.',
    mcpIdentity: 'A tool of an MCP server is logged under a name that any other tool may have.',
    taskHistory: 'From calls of the task tool.',
    interactionTokens: 'Exact by response; by tool only from sizes.',
  },
  roots: (host) => [
    ...new Set([...dataDirectories(host).flatMap((path) => placesIn(path, host)), ...namedDatabase(host)]),
  ],
  accepts: (path) => /^[^/]+\/[^/]+\.json$/.test(path),
  rewrites: (path) => path.endsWith('.json'),
  database: (path) => (path.endsWith('.json') ? undefined : {}),
  folder: (path) => {
    const [, message] = /\/(msg_[^/]*)\.json$/.exec(path) ?? [];
    return message === undefined ? undefined : partsFolder(message);
  },
  read: (file, from) => {
    if (!file.relativePath.endsWith('.json')) return readDatabase(file, from);
    return basename(dirname(dirname(file.path))) === 'session'
      ? readSessionFile(file, from)
      : readMessageFile(file, from);
  },
});
