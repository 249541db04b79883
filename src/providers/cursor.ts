import { absolutePath, defineProvider, type Host, pathsOf } from '../provider.ts';
import { numberOf, type RowContext, rows, sqliteRows, textOf, type Value } from '../readers/sqlite-rows.ts';
import { countOf, knownCount, timeOf } from '../readers/values.ts';

/**
 * Cursor's global database. Of its two tables only `cursorDiskKV` is looked at, and there only conversations
 * (`composerData:<id>`) and their messages (`bubbleId:<conversation>:<id>`); the other holds the user's tokens.
 *
 * Builds of up to early 2026 told the tokens of some answers, later ones write 0 everywhere: what they use is known to
 * Cursor's server alone, and nothing is put in its place. A conversation's fill is told, and is no use of tokens.
 */
export default defineProvider({
  title: 'Cursor',
  parserVersion: 1,
  capabilities: {
    skills: 'unsupported',
    hooks: 'unsupported',
    mcpIdentity: 'unsupported',
    taskHistory: 'unsupported',
    interactionTokens: 'unsupported',
  },
  capabilityNotes: {
    interactionTokens:
      'Not recorded locally: builds since early 2026 tell no tokens, cache or cost, only how full a context is.',
  },
  unrecorded:
    'Tokens, cache and cost of builds since early 2026, and of its command line, are not recorded locally: only Cursor’s server knows them.',
  signs: (host) => {
    const { join } = pathsOf(host);
    const commandLine = join(host.home, '.cursor');
    return [
      ...(host.platform === 'darwin' ? [{ path: '/Applications/Cursor.app', what: 'the application' }] : []),
      { path: userDirectory(host), what: 'its settings' },
      { path: join(commandLine, 'projects'), what: 'transcripts of its command line' },
      { path: join(commandLine, 'chats'), what: 'chats of its command line' },
    ];
  },
  roots: (host) => [pathsOf(host).join(userDirectory(host), 'globalStorage', 'state.vscdb')],
  accepts: () => false, // the one place is a file
  database: () => ({ largeFrom: 256 * 1024 * 1024 }), // 256 MiB: it grows to gigabytes
  read: (file, from) => readDatabase(file, from),
});

function userDirectory(host: Host): string {
  const { join } = pathsOf(host);
  return join(applicationData(host), 'Cursor', 'User');
}

function applicationData(host: Host): string {
  const { join } = pathsOf(host);
  if (host.platform === 'darwin') return join(host.home, 'Library', 'Application Support');
  if (host.platform === 'win32') return absolutePath(host, host.env.APPDATA) ?? join(host.home, 'AppData', 'Roaming');
  return absolutePath(host, host.env.XDG_CONFIG_HOME) ?? join(host.home, '.config');
}

/** Notes of one reading, by conversation. */
interface Notes {
  /** When it began, in UTC ms: messages of before late 2025 have no time of their own. */
  readonly createdAt: Map<string, number>;
  /** Messages with a time: what the user wrote, and the models that answered. */
  readonly prompts: Map<string, { readonly key: string; readonly at: number }[]>;
  readonly answers: Map<string, { readonly model: string; readonly at: number }[]>;
}

const readDatabase = sqliteRows<Notes>({
  start: () => ({ createdAt: new Map(), prompts: new Map(), answers: new Map() }),
  queries: [
    rows({
      table: 'cursorDiskKV',
      columns: { key: 'key' },
      json: {
        value: {
          createdAt: '$.createdAt',
          updatedAt: '$.lastUpdatedAt',
          fill: '$.contextTokensUsed',
          oldFill: '$.promptTokenBreakdown.totalUsedTokens',
          window: '$.contextTokenLimit',
          firstMessage: '$.fullConversationHeadersOnly[0].bubbleId',
        },
      },
      where: below('composerData:'),
      changes: 'appended', // a changed row is put in anew
      parse(row, context) {
        const session = idsOf(row.key)[0];
        if (session === undefined || row.firstMessage === undefined) return; // nothing was ever said in it
        const createdAt = whenOf(row.createdAt);
        if (createdAt !== undefined) context.state.createdAt.set(session, createdAt);
        const facts = { kind: 'session', session, rank: 'own' } as const;
        context.emit({
          ...facts,
          at: createdAt,
          contextWindow: knownCount(numberOf(row.window)) || undefined,
          contextTokens: knownCount(numberOf(row.fill)) || knownCount(numberOf(row.oldFill)) || undefined,
        });
        const updatedAt = whenOf(row.updatedAt);
        if (updatedAt !== undefined) context.emit({ ...facts, at: updatedAt });
      },
    }),
    rows({
      table: 'cursorDiskKV',
      columns: { key: 'key' },
      json: {
        value: {
          type: '$.type',
          createdAt: '$.createdAt',
          input: '$.tokenCount.inputTokens',
          output: '$.tokenCount.outputTokens',
          model: '$.modelInfo.modelName',
          tool: '$.toolFormerData.name',
          toolStatus: '$.toolFormerData.status',
          argumentsSize: { sizeOf: '$.toolFormerData.rawArgs' },
          argumentsDigest: { digestOf: '$.toolFormerData.rawArgs' },
          resultSize: { sizeOf: '$.toolFormerData.result' },
        },
      },
      where: below('bubbleId:'),
      changes: 'appended',
      parse: takeBubble,
      finish: tellModels,
    }),
  ],
});

/** Keys that begin so; told in a way that the table's index can be used. What was taken away is left as a key of nothing. */
function below(prefix: string): string {
  return `key >= '${prefix}' AND key < '${prefix.slice(0, -1)};' AND value IS NOT NULL`;
}

/** What follows the kind in a key. A conversation's id may be any text. */
function idsOf(key: Value): readonly [conversation?: string, message?: string] {
  const [, kind, rest = ''] = /^(composerData|bubbleId):(.*)$/s.exec(textOf(key) ?? '') ?? [];
  if (kind !== 'bubbleId') return [rest];
  const colon = rest.lastIndexOf(':');
  return colon < 0 ? [] : [rest.slice(0, colon), rest.slice(colon + 1)];
}

/** Milliseconds in one version, RFC 3339 in another. */
function whenOf(value: Value): number | undefined {
  if (typeof value === 'string') return timeOf(value);
  return value !== undefined && Number.isFinite(value) ? Math.trunc(value) : undefined;
}

type Bubble = Readonly<
  Record<
    | 'key'
    | 'type'
    | 'createdAt'
    | 'input'
    | 'output'
    | 'model'
    | 'tool'
    | 'toolStatus'
    | 'argumentsSize'
    | 'argumentsDigest'
    | 'resultSize',
    Value
  >
>;

const user = 1;
const assistant = 2;

function takeBubble(row: Bubble, context: RowContext<Notes>): void {
  const [session, key] = idsOf(row.key);
  if (session === undefined || key === undefined) return;
  const ownAt = whenOf(row.createdAt);
  const at = ownAt ?? context.state.createdAt.get(session);
  const model = textOf(row.model) || undefined;
  if (row.type === user) {
    if (ownAt !== undefined) note(context.state.prompts, session, { key, at: ownAt });
    return context.emit({ kind: 'prompt', key, session, at, model, rank: 'own' });
  }
  if (row.type !== assistant) return context.unknownType();
  if (ownAt !== undefined && model !== undefined) note(context.state.answers, session, { model, at: ownAt });
  takeTokens(row, { key, session, at, model: model ?? 'unknown' }, context);
  const tool = textOf(row.tool) || undefined;
  if (tool === undefined) return;
  const isDone = row.toolStatus === 'completed' || row.toolStatus === 'error';
  context.emit({
    kind: 'tool',
    session,
    model,
    sidechain: false,
    call: {
      key,
      at,
      name: tool,
      type: 'tool',
      inputSizeBytes: knownCount(numberOf(row.argumentsSize)) ?? 0,
      inputDigest: textOf(row.argumentsDigest),
      result: isDone
        ? {
            at: undefined,
            isError: row.toolStatus === 'error',
            outputSizeBytes: knownCount(numberOf(row.resultSize)) ?? 0,
          }
        : undefined,
    },
  });
}

/** An answer whose tokens are told. Mostly they are not: then it is no turn of no tokens, but an unknown one. */
function takeTokens(
  row: Bubble,
  turn: {
    readonly key: string;
    readonly session: string;
    readonly at: number | undefined;
    readonly model: string;
  },
  context: RowContext<Notes>,
): void {
  const before = context.badCounts;
  const input = countOf(numberOf(row.input), context);
  const output = countOf(numberOf(row.output), context);
  if (input + output === 0) return;
  context.emit({
    kind: 'turn',
    ...turn,
    usage: {
      uncachedInputTokens: input,
      cacheReadInputTokens: 0,
      cacheCreation5mInputTokens: 0,
      cacheCreation1hInputTokens: 0,
      outputTokens: output,
    },
    fast: false,
    webSearchRequests: 0,
    promptTokens: input,
    contextTokens: input + output,
    sidechain: false,
    rank: 'own',
    suspect: context.badCounts > before,
    quality: 'measured',
    tools: [],
  });
}

function note<T>(notes: Map<string, T[]>, session: string, it: T): void {
  const there = notes.get(session);
  if (there === undefined) notes.set(session, [it]);
  else there.push(it);
}

/** Says each prompt again with the model that answered next. Messages lie in no order. */
function tellModels(context: RowContext<Notes>): void {
  const { prompts, answers } = context.state;
  for (const [session, ofSession] of prompts) {
    const inTime = (answers.get(session) ?? []).sort((a, b) => a.at - b.at);
    let next = 0;
    for (const { key, at } of ofSession.sort((a, b) => a.at - b.at)) {
      while (next < inTime.length && (inTime[next]?.at ?? 0) < at) next++;
      const model = inTime[next]?.model;
      if (model !== undefined) context.emit({ kind: 'prompt', key, session, at, model, rank: 'own' });
    }
  }
}
