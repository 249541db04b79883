import type { SessionEvent } from '../../events.ts';
import { numberOf, type RowContext, rows, sqliteRows, textOf, type Value } from '../../readers/sqlite-rows.ts';
import { type Message, msOf, takeMessage } from './messages.ts';
import { emptyGroup, type Group, type Part, takeGroup, takePart } from './parts.ts';

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

/** Reads `opencode.db`: sessions, then messages, then their parts, each message's together. */
export const readDatabase = sqliteRows<Notes>({
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
