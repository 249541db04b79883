import { basename, dirname } from 'node:path';
import type { SessionEvent, TokenUsage, ToolCall, ToolResult, TurnEvent } from '../events.ts';
import { absolutePath, defineProvider, type Host, type LogFile, pathsOf } from '../provider.ts';
import { type DocumentBeside, documentBeside } from '../readers/document-beside.ts';
import { fields, type Picked, sized } from '../readers/fields.ts';
import { numberOf, type RowContext, rows, sqliteRows, textOf, type Value } from '../readers/sqlite-rows.ts';
import { countOf, knownCount, nanoUsdOf } from '../readers/values.ts';
import { wholeJson } from '../readers/whole-json.ts';

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

// ---- where ----------------------------------------------------------------------------------------------------------

/** The same on every system. `OPENCODE_DATA_DIR` is what programs such as this one are told, not OpenCode itself. */
function dataDirectories(host: Host): readonly string[] {
  const { join } = pathsOf(host);
  const share = absolutePath(host, host.env.XDG_DATA_HOME) ?? join(host.home, '.local', 'share');
  const told = absolutePath(host, host.env.OPENCODE_DATA_DIR);
  return [join(share, 'opencode'), ...(told === undefined ? [] : [told])];
}

/**
 * Not the directory as a whole: most of what lies in it are copies of the user's files. Nor `storage/part`, with a folder
 * for each message: what is in it is read together with the message.
 */
function placesIn(data: string, host: Host): readonly string[] {
  const { join } = pathsOf(host);
  const databases = host.list(data).filter((name) => /^opencode-[\w.-]+\.db$/.test(name));
  return [
    ...['opencode.db', ...databases].map((name) => join(data, name)),
    join(data, 'storage', 'message'),
    join(data, 'storage', 'session'),
  ];
}

/** `OPENCODE_DB`: a path, or a name in the data directory. */
function namedDatabase(host: Host): readonly string[] {
  const { join } = pathsOf(host);
  const name = host.env.OPENCODE_DB?.trim() ?? '';
  if (name === '' || name === ':memory:') return [];
  return [absolutePath(host, name) ?? join(dataDirectories(host)[0] ?? '', name)];
}

// ---- messages, wherever they lie ------------------------------------------------------------------------------------

/** Tokens as a message or a part tells them: the cache is not in `input`, the reasoning not in `output`. */
interface Tokens {
  readonly input: number | undefined;
  readonly output: number | undefined;
  readonly reasoning: number | undefined;
  readonly cacheRead: number | undefined;
  readonly cacheWrite: number | undefined;
}

interface Message extends Tokens {
  readonly id: string;
  readonly session: string;
  /** Whether it lies in a conversation that another one started. */
  readonly isChild: boolean;
  readonly role: string | undefined;
  readonly model: string | undefined;
  /** Who serves the model, as OpenCode calls it. */
  readonly vendor: string | undefined;
  readonly createdAt: number | undefined;
  readonly completedAt: number | undefined;
  readonly hasError: boolean;
  readonly costUsd: number | undefined;
  readonly isSummary: boolean;
}

type Context = Pick<RowContext<unknown>, 'emit' | 'bad' | 'badCounts' | 'unknownType'>;

/** For what is counted where it stands. */
const silently = { bad: () => undefined };

function usageOf(tokens: Tokens, record: { bad(): void }): TokenUsage {
  const reasoning = countOf(tokens.reasoning, record);
  return {
    uncachedInputTokens: countOf(tokens.input, record),
    cacheReadInputTokens: countOf(tokens.cacheRead, record),
    cacheCreation5mInputTokens: countOf(tokens.cacheWrite, record),
    cacheCreation1hInputTokens: 0,
    outputTokens: countOf(tokens.output, record) + reasoning,
    reasoningOutputTokens: tokens.reasoning === undefined ? undefined : reasoning,
  };
}

function promptOf(usage: TokenUsage): number {
  return usage.uncachedInputTokens + usage.cacheReadInputTokens + usage.cacheCreation5mInputTokens;
}

function isNothing(usage: TokenUsage): boolean {
  return promptOf(usage) + usage.outputTokens === 0;
}

/** What the message itself tells of a response. Nothing while there are no tokens: it has only begun, or failed. */
function takeMessage(message: Message, context: Context): void {
  if (message.role !== 'assistant' || isCopy(message)) return;
  const before = context.badCounts;
  const usage = usageOf(message, context);
  const suspect = context.badCounts > before;
  if (!isNothing(usage)) context.emit(turnOf(message, { steps: [usage], tools: [], suspect }));
  if (message.isSummary && message.completedAt !== undefined && !message.hasError)
    context.emit({
      kind: 'compaction',
      key: message.id,
      session: message.session,
      at: message.completedAt,
      micro: false,
    });
}

function turnOf(
  message: Message,
  told: { readonly steps: readonly TokenUsage[]; readonly tools: readonly ToolCall[]; readonly suspect: boolean },
): TurnEvent {
  return {
    kind: 'turn',
    key: message.id,
    session: message.session,
    at: message.createdAt,
    model: message.model ?? 'unknown',
    usage: told.steps.reduce(add),
    responses: told.steps.length,
    fast: false,
    costNanoUsd: costOf(message),
    webSearchRequests: 0,
    promptTokens: Math.max(...told.steps.map(promptOf)),
    contextTokens: Math.max(...told.steps.map((step) => promptOf(step) + step.outputTokens)),
    sidechain: message.isChild,
    rank: 'own',
    compaction: message.isSummary,
    suspect: told.suspect,
    quality: 'measured',
    copies: 'chains', // a file of a message does not say whether its conversation was started by another
    tools: told.tools,
  };
}

function add(a: TokenUsage, b: TokenUsage): TokenUsage {
  const { reasoningOutputTokens: mine } = a;
  const { reasoningOutputTokens: theirs } = b;
  return {
    uncachedInputTokens: a.uncachedInputTokens + b.uncachedInputTokens,
    cacheReadInputTokens: a.cacheReadInputTokens + b.cacheReadInputTokens,
    cacheCreation5mInputTokens: a.cacheCreation5mInputTokens + b.cacheCreation5mInputTokens,
    cacheCreation1hInputTokens: 0,
    outputTokens: a.outputTokens + b.outputTokens,
    reasoningOutputTokens: mine === undefined && theirs === undefined ? undefined : (mine ?? 0) + (theirs ?? 0),
  };
}

/** Run on the user's own machine. */
const localVendors = new Set(['ollama', 'lmstudio', 'llama.cpp']);

/** A recorded 0 also stands for a subscription, and for a model without a price: unknown, unless the model is free. */
function costOf({ costUsd, vendor, model = '' }: Message): number | undefined {
  const isFree = (localVendors.has(vendor ?? '') && !/[:-]cloud$/.test(model)) || /[:-]free$/.test(model);
  return nanoUsdOf(costUsd) || (isFree ? 0 : undefined);
}

const minuteMs = 60_000;

/**
 * A fork of a conversation is made of copies of its messages, under new ids, that keep their times and tokens. An id
 * tells when it was made: 36 bits of the milliseconds, then a counter of 12. Was that long after the response began?
 */
function isCopy({ id, createdAt }: Message): boolean {
  const [, head] = /^msg_([0-9a-f]{12})[0-9A-Za-z]{14}$/.exec(id) ?? [];
  if (head === undefined || createdAt === undefined || createdAt < 0) return false;
  const round = 2 ** 36;
  const lateMs = (Math.floor(Number.parseInt(head, 16) / 4096) - (createdAt % round) + round) % round;
  return lateMs > minuteMs && lateMs < round / 2;
}

function msOf(value: number | undefined): number | undefined {
  return value !== undefined && Number.isFinite(value) ? Math.trunc(value) : undefined;
}

// ---- parts of a message, wherever they lie --------------------------------------------------------------------------

interface Part {
  readonly id: string;
  readonly type: unknown;
  /** OpenCode wrote it in the user's name. */
  readonly isSynthetic: boolean;
  readonly tokens: Tokens;
  readonly tool: string | undefined;
  readonly status: string | undefined;
  readonly startedAt: number | undefined;
  readonly endedAt: number | undefined;
  readonly inputSize: number | undefined;
  readonly inputDigest: string | undefined;
  readonly outputSize: number | undefined;
  readonly agentType: string | undefined;
  readonly skill: string | undefined;
  readonly child: string | undefined;
  readonly childModel: string | undefined;
  readonly retriedAt: number | undefined;
  readonly httpStatus: number | undefined;
}

/** A message with what its parts told so far. */
interface Group {
  readonly message: Message;
  readonly promptModel: string | undefined;
  readonly steps: TokenUsage[];
  readonly tools: ToolCall[];
  suspect: boolean;
  /** The user said something in it, or it is there to have the conversation summed up. */
  isSpoken: boolean;
  isCompaction: boolean;
}

function emptyGroup(message: Message, promptModel: string | undefined): Group {
  return { message, promptModel, steps: [], tools: [], suspect: false, isSpoken: false, isCompaction: false };
}

/** Hold nothing that is taken here. What is in neither list is counted as unknown. */
const silentParts = new Set(['reasoning', 'step-start', 'snapshot', 'patch']);

function takePart(part: Part, group: Group, context: Context): void {
  const { message } = group;
  if (isCopy(message)) return;
  switch (part.type) {
    case 'step-finish': {
      const before = context.badCounts;
      const usage = usageOf(part.tokens, context);
      group.suspect ||= context.badCounts > before;
      if (!isNothing(usage)) group.steps.push(usage);
      return;
    }
    case 'tool':
      return void group.tools.push(callOf(part));
    case 'text':
    case 'file':
    case 'agent':
    case 'subtask':
      if (!part.isSynthetic) group.isSpoken = true;
      return;
    case 'compaction':
      group.isCompaction = true;
      return;
    case 'retry':
      return context.emit({
        kind: 'activity',
        key: part.id,
        session: message.session,
        at: part.retriedAt,
        type: 'retry',
        phase: 'single',
        name: 'api_error',
        status: part.httpStatus?.toString(),
        success: false,
      });
    default:
      if (typeof part.type !== 'string' || !silentParts.has(part.type)) context.unknownType();
  }
}

function callOf(part: Part): ToolCall {
  const name = part.tool ?? 'unknown';
  const type = name === 'task' ? 'subagent' : name === 'skill' ? 'skill' : 'tool';
  return {
    key: part.id,
    at: part.startedAt,
    name,
    type,
    target: { subagent: part.agentType, skill: part.skill, tool: undefined }[type],
    inputSizeBytes: knownCount(part.inputSize) ?? 0,
    inputDigest: part.inputDigest,
    result: resultOf(part, type === 'subagent'),
  };
}

/** What came back; undefined while the tool is at work. */
function resultOf(part: Part, isTask: boolean): ToolResult | undefined {
  if (part.status !== 'completed' && part.status !== 'error') return undefined;
  return {
    at: part.endedAt,
    isError: part.status === 'error',
    outputSizeBytes: knownCount(part.outputSize) ?? 0,
    ...(isTask
      ? {
          childSession: part.child,
          childAgentType: part.agentType,
          resolvedModel: part.childModel,
          status: part.status,
        }
      : {}),
  };
}

/** What a message and all its parts tell of a response, or of what the user said. */
function takeGroup(group: Group, context: Context): void {
  const { message, tools, suspect } = group;
  if (isCopy(message)) return;
  if (message.role === 'user') return takePrompt(group, context);
  const own = usageOf(message, silently);
  const steps = group.steps.length > 0 ? group.steps : isNothing(own) ? [] : [own];
  if (steps.length > 0) return context.emit(turnOf(message, { steps, tools, suspect }));
  // A response whose tokens nobody told is no turn. Before its end they may yet come.
  if (message.completedAt === undefined && !message.hasError) return;
  for (const call of tools)
    context.emit({ kind: 'tool', session: message.session, call, model: message.model, sidechain: message.isChild });
}

/** A message of the user's own: not one that another conversation or OpenCode wrote in the user's name. */
function takePrompt({ message, promptModel, isSpoken, isCompaction }: Group, context: Context): void {
  if (!isSpoken || isCompaction || message.isChild) return;
  context.emit({
    kind: 'prompt',
    key: message.id,
    session: message.session,
    at: message.createdAt,
    model: promptModel,
    rank: 'own',
  });
}

// ---- opencode.db ----------------------------------------------------------------------------------------------------

/** Notes of one reading. */
interface Notes {
  readonly sessions: Map<string, SessionEvent>;
  /** Sessions told of in this reading. */
  readonly told: Set<string>;
  /** The message whose parts are being read. */
  group: Group | undefined;
}

const tokenFields = {
  input: '$.tokens.input',
  output: '$.tokens.output',
  reasoning: '$.tokens.reasoning',
  cacheRead: '$.tokens.cache.read',
  cacheWrite: '$.tokens.cache.write',
} as const;

const messageFields = {
  ...tokenFields,
  role: '$.role',
  model: '$.modelID',
  vendor: '$.providerID',
  agent: '$.agent',
  mode: '$.mode',
  createdAt: '$.time.created',
  completedAt: '$.time.completed',
  error: '$.error.name',
  cost: '$.cost',
  summary: '$.summary',
  promptModel: '$.model.modelID',
} as const;

const partFields = {
  type: '$.type',
  synthetic: '$.synthetic',
  stepInput: '$.tokens.input',
  stepOutput: '$.tokens.output',
  stepReasoning: '$.tokens.reasoning',
  stepCacheRead: '$.tokens.cache.read',
  stepCacheWrite: '$.tokens.cache.write',
  tool: '$.tool',
  status: '$.state.status',
  startedAt: '$.state.time.start',
  endedAt: '$.state.time.end',
  inputSize: { sizeOf: '$.state.input' },
  inputDigest: { digestOf: '$.state.input' },
  outputSize: { sizeOf: '$.state.output' },
  errorSize: { sizeOf: '$.state.error' },
  agentType: '$.state.input.subagent_type',
  skill: '$.state.input.name',
  child: '$.state.metadata.sessionId',
  childModel: '$.state.metadata.model.modelID',
  retriedAt: '$.time.created',
  httpStatus: '$.error.data.statusCode',
} as const;

type MessageRow = Readonly<Record<keyof typeof messageFields | 'message' | 'session', Value>>;

const readDatabase = sqliteRows<Notes>({
  start: () => ({ sessions: new Map(), told: new Set(), group: undefined }),
  queries: [
    rows({
      table: 'session',
      columns: { id: 'id', parent: 'parent_id', cwd: 'directory', version: 'version' },
      parse(row, { state }) {
        const session = textOf(row.id) ?? '';
        state.sessions.set(session, {
          kind: 'session',
          session,
          parent: textOf(row.parent),
          cwd: textOf(row.cwd),
          version: textOf(row.version),
          rank: 'own',
        });
      },
    }),
    rows({
      table: 'message',
      columns: { message: 'id', session: 'session_id' },
      json: { data: messageFields },
      changes: { updated: 'time_updated' },
      parse(row, context) {
        const role = textOf(row.role);
        if (role !== 'assistant' && role !== 'user') return context.unknownType();
        tellSession(row, context);
        takeMessage(messageOf(row, context.state), context);
      },
    }),
    rows({
      table: 'part',
      join: { table: 'message', on: 'message.id = part.message_id' },
      columns: { part: 'part.id', message: 'part.message_id', session: 'part.session_id' },
      json: {
        'message.data': messageFields,
        'part.data': partFields,
      },
      orderBy: 'part.message_id, part.id',
      changes: { updated: 'time_updated', group: 'message_id' },
      parse(row, context) {
        const { state } = context;
        let { group } = state;
        if (group === undefined || group.message.id !== textOf(row.message)) {
          finishGroup(context);
          tellSession(row, context);
          group = state.group = groupOf(row, state);
        }
        takePart(partOf(row), group, context);
      },
      finish: finishGroup,
    }),
  ],
});

function messageOf(row: MessageRow, { sessions }: Notes): Message {
  const session = textOf(row.session) ?? '';
  return {
    id: textOf(row.message) ?? '',
    session,
    isChild: sessions.get(session)?.parent !== undefined,
    role: textOf(row.role),
    model: textOf(row.model),
    vendor: textOf(row.vendor),
    createdAt: msOf(numberOf(row.createdAt)),
    completedAt: msOf(numberOf(row.completedAt)),
    hasError: row.error !== undefined,
    costUsd: numberOf(row.cost),
    isSummary: row.summary === 1, // what a user's message has under this name is no flag
    input: numberOf(row.input),
    output: numberOf(row.output),
    reasoning: numberOf(row.reasoning),
    cacheRead: numberOf(row.cacheRead),
    cacheWrite: numberOf(row.cacheWrite),
  };
}

/** Says who the session is, once in a reading. */
function tellSession(row: MessageRow, context: RowContext<Notes>): void {
  const { sessions, told } = context.state;
  const session = textOf(row.session) ?? '';
  const facts = sessions.get(session);
  if (facts === undefined || told.has(session)) return;
  told.add(session);
  const agentType = textOf(row.agent) ?? textOf(row.mode);
  context.emit(facts.parent === undefined ? facts : { ...facts, agentType });
}

function groupOf(row: MessageRow, state: Notes): Group {
  return emptyGroup(messageOf(row, state), textOf(row.promptModel));
}

/** All parts of a message have been read. */
function finishGroup(context: RowContext<Notes>): void {
  const { group } = context.state;
  context.state.group = undefined;
  if (group !== undefined) takeGroup(group, context);
}

type PartRow = MessageRow & Readonly<Record<keyof typeof partFields | 'part', Value>>;

function partOf(row: PartRow): Part {
  return {
    id: textOf(row.part) ?? '',
    type: row.type,
    isSynthetic: row.synthetic === 1,
    tokens: {
      input: numberOf(row.stepInput),
      output: numberOf(row.stepOutput),
      reasoning: numberOf(row.stepReasoning),
      cacheRead: numberOf(row.stepCacheRead),
      cacheWrite: numberOf(row.stepCacheWrite),
    },
    tool: textOf(row.tool),
    status: textOf(row.status),
    startedAt: msOf(numberOf(row.startedAt)),
    endedAt: msOf(numberOf(row.endedAt)),
    inputSize: numberOf(row.inputSize),
    inputDigest: textOf(row.inputDigest),
    outputSize: numberOf(row.outputSize ?? row.errorSize),
    agentType: textOf(row.agentType),
    skill: textOf(row.skill),
    child: textOf(row.child),
    childModel: textOf(row.childModel),
    retriedAt: msOf(numberOf(row.retriedAt)),
    httpStatus: msOf(numberOf(row.httpStatus)),
  };
}

// ---- storage/, as it was before -------------------------------------------------------------------------------------

/** One message. Ids are those of the path: files were moved without being rewritten. */
const messagePlan = fields({
  role: 'text',
  modelID: 'text',
  providerID: 'text',
  agent: 'text',
  mode: 'text',
  time: { created: 'number', completed: 'number' },
  cost: 'number',
  tokens: { input: 'number', output: 'number', reasoning: 'number', cache: { read: 'number', write: 'number' } },
  summary: 'flag',
  error: { name: 'text' },
  path: { cwd: 'text' },
  model: { modelID: 'text' },
});

const partPlan = fields({
  type: 'text',
  synthetic: 'flag',
  tokens: { input: 'number', output: 'number', reasoning: 'number', cache: { read: 'number', write: 'number' } },
  tool: 'text',
  state: {
    status: 'text',
    time: { start: 'number', end: 'number' },
    input: sized({ subagent_type: 'text', name: 'text' }),
    output: sized({}),
    error: sized({}),
    metadata: { sessionId: 'text', model: { modelID: 'text' } },
  },
  time: { created: 'number' },
  error: { data: { statusCode: 'number' } },
});

const sessionPlan = fields({ parentID: 'text', directory: 'text', version: 'text' });

const partAt = documentBeside(partPlan);
const sessionAt = documentBeside(sessionPlan);

const readMessageFile = wholeJson({
  plan: messagePlan,
  start: () => undefined,
  lists: [],
  parse(document, context) {
    const { file } = context;
    const message = messageOfFile(document, file);
    if (message.role !== 'assistant' && message.role !== 'user') return context.unknownType();
    const group = emptyGroup(message, document.model?.modelID);
    for (const path of partsOf(message.id, file)) {
      const part = partAt(file, path);
      if (part === undefined) context.invalid();
      else takePart(partOfFile(basename(path, '.json'), part), group, context);
    }
    if (message.role === 'assistant')
      context.emit({
        kind: 'session',
        session: message.session,
        cwd: document.path?.cwd,
        agentType: message.isChild ? (document.agent ?? document.mode) : undefined,
        rank: 'progress',
      });
    takeMessage(message, context);
    takeGroup(group, context);
  },
});

function partsOf(message: string, file: LogFile): readonly string[] {
  const folder = partsFolder(message);
  const names = file.namesBeside(folder).filter((name) => name.endsWith('.json'));
  return names.map((name) => `${folder}/${name}`);
}

/** As seen from the messages. */
function partsFolder(message: string): string {
  return `../part/${message}`;
}

function messageOfFile(document: Picked<typeof messagePlan>, file: LogFile): Message {
  const [session = '', name = ''] = file.relativePath.split('/');
  return {
    id: name.replace(/\.json$/, ''),
    session,
    isChild: isChildSession(session, file),
    role: document.role ?? (document.modelID === undefined ? undefined : 'assistant'), // not told by the first versions
    model: document.modelID,
    vendor: document.providerID,
    createdAt: msOf(document.time?.created),
    completedAt: msOf(document.time?.completed),
    hasError: document.error !== undefined,
    costUsd: document.cost,
    isSummary: document.summary === true,
    input: document.tokens?.input,
    output: document.tokens?.output,
    reasoning: document.tokens?.reasoning,
    cacheRead: document.tokens?.cache?.read,
    cacheWrite: document.tokens?.cache?.write,
  };
}

/** Did another conversation start it? Its own file says so, in the folder of its project. */
function isChildSession(session: string, file: LogFile): boolean {
  for (const project of file.namesBeside('../session')) {
    const found = sessionAt(file, `../session/${project}/${session}.json`);
    if (found !== undefined) return found.fields.parentID !== undefined;
  }
  return false;
}

function partOfFile(id: string, { fields: part, digest }: DocumentBeside<typeof partPlan.shape>): Part {
  const { tokens, state } = part;
  return {
    id,
    type: part.type,
    isSynthetic: part.synthetic === true,
    tokens: {
      input: tokens?.input,
      output: tokens?.output,
      reasoning: tokens?.reasoning,
      cacheRead: tokens?.cache?.read,
      cacheWrite: tokens?.cache?.write,
    },
    tool: part.tool,
    status: state?.status,
    startedAt: msOf(state?.time?.start),
    endedAt: msOf(state?.time?.end),
    inputSize: state?.input?.sizeBytes,
    inputDigest: state?.input === undefined ? undefined : digest(state.input),
    outputSize: (state?.output ?? state?.error)?.sizeBytes,
    agentType: state?.input?.fields?.subagent_type,
    skill: state?.input?.fields?.name,
    child: state?.metadata?.sessionId,
    childModel: state?.metadata?.model?.modelID,
    retriedAt: msOf(part.time?.created),
    httpStatus: msOf(part.error?.data?.statusCode),
  };
}

const readSessionFile = wholeJson({
  plan: sessionPlan,
  start: () => undefined,
  lists: [],
  parse(document, context) {
    const [, name = ''] = context.file.relativePath.split('/');
    context.emit({
      kind: 'session',
      session: name.replace(/\.json$/, ''),
      parent: document.parentID,
      cwd: document.directory,
      version: document.version,
      rank: 'own',
    });
  },
});
