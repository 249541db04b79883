import { absolutePath, defineProvider, type Host, pathsOf } from '../provider.ts';
import { type RowContext, rows, sqliteRows, textOf } from '../readers/sqlite-rows.ts';
import { timeOf } from '../readers/values.ts';

/**
 * The database of Ollama's desktop app. Schemas known: 2 to 18 (2025 to 2026). It tells conversations, when their messages
 * were written and which model answered, and no tokens: an answer is therefore no turn, and nothing is put in its place.
 * What other programs ask of Ollama is told by their own logs.
 */
export default defineProvider({
  title: 'Ollama',
  parserVersion: 1,
  capabilities: {
    skills: 'unsupported',
    hooks: 'unsupported',
    mcpIdentity: 'unsupported',
    taskHistory: 'unsupported',
    interactionTokens: 'unsupported',
  },
  capabilityNotes: {
    interactionTokens: 'Not recorded locally: the app keeps messages, their times and models, and no tokens.',
  },
  unrecorded:
    'Tokens: the app keeps conversations and models only, and the server’s log only requests. Counts stand in the answers of its API, which providers.generic_paths reads where you log them.',
  roots: (host) => [pathsOf(host).join(appDirectory(host), 'db.sqlite')],
  accepts: () => false, // the one place is a file
  database: () => ({}),
  read: (file, from) => readDatabase(file, from),
});

function appDirectory(host: Host): string {
  const { join } = pathsOf(host);
  if (host.platform === 'darwin') return join(host.home, 'Library', 'Application Support', 'Ollama');
  if (host.platform !== 'win32') return join(host.home, '.ollama');
  return join(absolutePath(host, host.env.LOCALAPPDATA) ?? join(host.home, 'AppData', 'Local'), 'Ollama');
}

interface Prompt {
  readonly key: string;
  readonly at: number | undefined;
}

/** Per conversation what its user wrote and no model has answered yet. */
type Notes = Map<string, Prompt[]>;

const readDatabase = sqliteRows<Notes>({
  start: () => new Map(),
  queries: [
    rows({
      table: 'messages',
      columns: { chat: 'chat_id', role: 'role', model: 'model_name', createdAt: 'created_at' },
      where: "messages.role IN ('user', 'assistant')",
      orderBy: 'messages.id',
      parse(row, context) {
        const session = textOf(row.chat);
        const writtenAt = textOf(row.createdAt);
        if (session === undefined || writtenAt === undefined) return;
        if (row.role === 'assistant') return answer(session, textOf(row.model) || undefined, context);
        // Not the row's number: the app writes a conversation anew whenever it grows.
        const prompt = { key: `${session}\0${writtenAt}`, at: timeOf(asRfc3339(writtenAt)) };
        context.emit({ kind: 'session', session, rank: 'own', at: prompt.at });
        context.emit({ kind: 'prompt', session, rank: 'own', ...prompt });
        const waiting = context.state.get(session);
        if (waiting === undefined) context.state.set(session, [prompt]);
        else waiting.push(prompt);
      },
    }),
  ],
});

/** Now the model that answered is known: says the waiting prompts again with it. */
function answer(session: string, model: string | undefined, context: RowContext<Notes>): void {
  const waiting = context.state.get(session) ?? [];
  context.state.delete(session);
  if (model !== undefined)
    for (const prompt of waiting) context.emit({ kind: 'prompt', session, model, rank: 'own', ...prompt });
}

/** `2026-03-01 09:00:00.123456789+01:00`, or without a zone what SQLite itself wrote in UTC. */
function asRfc3339(text: string): string {
  const [, day, time, zone] =
    /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d(?:\.\d{1,9})?)(Z|[+-]\d\d:\d\d)?$/.exec(text) ?? [];
  return `${day}T${time}${zone ?? 'Z'}`;
}
