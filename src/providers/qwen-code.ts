import type { CopyRank, SessionEvent, TokenUsage, ToolCall, ToolResult } from '../events.ts';
import { absolutePath, defineProvider, type Host, pathsOf } from '../provider.ts';
import { fields, list, type Picked, type PickedShape, sized } from '../readers/fields.ts';
import { jsonLines, type RecordContext } from '../readers/json-lines.ts';
import { countOf, isWeakId, knownCount, outputOf, timeOf } from '../readers/values.ts';
import { elements, wholeJson } from '../readers/whole-json.ts';

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

function directories(host: Host): readonly string[] {
  const own = absolutePath(host, host.env.QWEN_HOME) ?? pathsOf(host).join(host.home, '.qwen');
  const runtime = absolutePath(host, host.env.QWEN_RUNTIME_DIR);
  return runtime === undefined ? [own] : [runtime, own];
}

// ---- what is taken --------------------------------------------------------------------------------------------------

/** Of a tool's arguments nothing but the name of the skill or subagent it calls. */
const argumentFields = { skill: 'text', subagent_type: 'text' } as const;

const eventFields = {
  'event.name': 'text',
  'event.timestamp': 'text',
  response_id: 'text',
  prompt_id: 'text',
  model: 'text',
  status_code: 'scalar',
  input_token_count: 'number',
  output_token_count: 'number',
  cached_content_token_count: 'number',
  thoughts_token_count: 'number',
  total_token_count: 'number',
  subagent_name: 'text',
  subagent_id: 'text',
  subagent_type: 'text',
  call_id: 'text',
  function_name: 'text',
  function_args: sized(argumentFields),
  duration_ms: 'number',
  status: 'text',
  mcp_server_name: 'text',
  content_length: 'number',
} as const;

const plan = fields({
  uuid: 'text',
  sessionId: 'text',
  timestamp: 'text',
  type: 'text',
  subtype: 'text',
  provenance: 'text',
  cwd: 'text',
  version: 'text',
  gitBranch: 'text',
  isSidechain: 'flag',
  agentId: 'text',
  forkedFrom: { sessionId: 'text' },
  model: 'text',
  contextWindowSize: 'number',
  usageMetadata: {
    promptTokenCount: 'number',
    candidatesTokenCount: 'number',
    thoughtsTokenCount: 'number',
    cachedContentTokenCount: 'number',
    totalTokenCount: 'number',
  },
  message: {
    parts: list({
      functionCall: { id: 'text', name: 'text', args: sized(argumentFields) },
      functionResponse: { id: 'text', response: sized({}) },
    }),
  },
  toolCallResult: { callId: 'text', status: 'text' },
  systemPayload: {
    uiEvent: eventFields,
    info: { originalTokenCount: 'number', newTokenCount: 'number', compressionStatus: 'number' },
    parentSessionId: 'text',
    modelId: 'text',
    mode: 'text',
  },
});

type Row = Picked<typeof plan>;
type UiEvent = PickedShape<typeof eventFields>;
type Context = RecordContext<Notes>;

/** What must be remembered of a file between two readings. Ids, names, times and counts only. */
interface Notes {
  session: string;
  projectHint: string | undefined;
  facts: SessionFacts | undefined;
  model: string | undefined;
  mode: string | undefined;
  /** Prompts nothing has answered yet. */
  prompts: { key: string; at: number | undefined; branch: string | undefined; rank: CopyRank }[];
  /** The last responses, as events told of them. */
  responses: Response[];
  /** The last responses that only an assistant record told of. */
  answers: Response[];
  calls: OpenCall[];
}

interface SessionFacts {
  readonly cwd: string | undefined;
  readonly branch: string | undefined;
  readonly version: string | undefined;
  readonly contextWindow: number | undefined;
}

/** One call of the API: all of its turn but the tools it asked for. */
interface Response {
  readonly key: string;
  readonly session: string;
  readonly at: number | undefined;
  readonly model: string;
  readonly usage: TokenUsage;
  readonly prompt: number;
  readonly sidechain: boolean;
  readonly rank: CopyRank;
  readonly branch: string | undefined;
  readonly suspect: boolean;
  /** The log's own id of it. */
  readonly id: string | undefined;
  /** Its assistant record has been read. */
  isAnswered: boolean;
}

/** A tool call without a result yet. `turn`: undefined where no usage of its response is told. */
interface OpenCall {
  readonly key: string;
  readonly name: string;
  readonly turn: string | undefined;
  /** The log's own id of the response. */
  readonly response: string | undefined;
  readonly at: number | undefined;
  durationMs: number | undefined;
}

const mostResponses = 32;
const mostAnswers = 4;
const mostCalls = 128;

const readChat = jsonLines({
  plan,
  start: (file): Notes => {
    const parts = file.relativePath.split('/');
    return {
      session: (parts.at(-1) ?? '').replace(/\.jsonl$/, ''),
      projectHint: parts.length > 1 ? parts[0] : undefined,
      facts: undefined,
      model: undefined,
      mode: undefined,
      prompts: [],
      responses: [],
      answers: [],
      calls: [],
    };
  },
  restore: (kept) => {
    const notes = kept as Notes | null; // our own JSON, from our own table
    return typeof notes?.session === 'string' && Array.isArray(notes.responses) ? notes : undefined;
  },
  parse,
});

// ---- records --------------------------------------------------------------------------------------------------------

/** Kinds of `system` record that hold nothing we take. */
const silent = new Set([
  'session_notes',
  'slash_command',
  'at_command',
  'attribution_snapshot',
  'notification',
  'background_task_completed',
  'cron',
  'mid_turn_user_message',
  'custom_title',
  'session_source',
  'session_execution_engine',
  'omni_recall',
  'rewind',
  'agent_bootstrap',
  'agent_launch_prompt',
  'agent_retry',
  'agent_session_ready',
  'file_history_snapshot',
  'user_text_elements',
  'session_artifact_event',
  'session_artifact_snapshot',
  'session_sources_snapshot',
  'branch_checkpoint',
  'goal_state',
  'goal_runtime',
  'goal_turn_end',
  'realtime_message',
  'turn_result',
]);

function parse(row: Row, context: Context): void {
  learnSession(row, context);
  switch (row.type) {
    case 'user':
      return takePrompt(row, context);
    case 'assistant':
      return takeAssistant(row, context);
    case 'tool_result':
      return takeToolResult(row, context);
    case 'system':
      return takeSystem(row, context);
    default:
      return context.unknownType();
  }
}

/** Says who the session is when that is new. */
function learnSession(row: Row, context: Context): void {
  const notes = context.state;
  if (row.sessionId !== undefined && row.sessionId !== notes.session) {
    notes.session = row.sessionId;
    notes.facts = undefined;
  }
  const before = notes.facts;
  const facts = {
    cwd: before?.cwd ?? row.cwd,
    branch: row.gitBranch || before?.branch,
    version: row.version ?? before?.version,
    contextWindow: knownCount(row.contextWindowSize) || before?.contextWindow,
  };
  const names = Object.keys(facts) as (keyof SessionFacts)[]; // its own keys
  if (before !== undefined && names.every((name) => facts[name] === before[name])) return;
  notes.facts = facts;
  tellSession({ ...facts, projectHint: facts.cwd === undefined ? notes.projectHint : undefined }, row, context);
}

function tellSession(facts: Partial<SessionEvent>, row: Row, context: Context): void {
  const { session } = context.state;
  context.emit({ kind: 'session', session, rank: 'own', at: timeOf(row.timestamp), ...facts });
}

/** Only what a person wrote: not what the program tells the model on its own. */
function takePrompt(row: Row, context: Context): void {
  const isPerson =
    row.provenance === undefined
      ? row.subtype === undefined || row.subtype === 'mid_turn_user_message'
      : row.provenance === 'real_user';
  if (!isPerson || row.isSidechain === true) return;
  const notes = context.state;
  const prompt = {
    key: keyOfRecord(row, context),
    at: timeOf(row.timestamp),
    branch: row.gitBranch || undefined,
    rank: rankOf(row),
  };
  context.emit({ kind: 'prompt', session: notes.session, model: notes.model, ...prompt });
  if (notes.prompts.length < 16) notes.prompts.push(prompt);
}

/** Now the model that answered is known: say the waiting prompts again with it. */
function answerPrompts(model: string, context: Context): void {
  const notes = context.state;
  if (notes.model !== model) {
    notes.model = model;
    for (const prompt of notes.prompts) context.emit({ kind: 'prompt', session: notes.session, model, ...prompt });
  }
  notes.prompts.length = 0;
}

function takeSystem(row: Row, context: Context): void {
  const notes = context.state;
  const payload = row.systemPayload;
  const common = { key: keyOfRecord(row, context), session: notes.session, at: timeOf(row.timestamp) } as const;
  switch (row.subtype) {
    case 'ui_telemetry':
      return payload?.uiEvent === undefined ? undefined : takeEvent(payload.uiEvent, row, context);
    case 'chat_compression':
      if ((payload?.info?.compressionStatus ?? 1) !== 1) return; // 1: it was done
      return context.emit({
        kind: 'compaction',
        ...common,
        preTokens: knownCount(payload?.info?.originalTokenCount),
        postTokens: knownCount(payload?.info?.newTokenCount),
        micro: false,
      });
    case 'parent_session':
      return tellSession({ parent: payload?.parentSessionId }, row, context);
    case 'session_model': {
      const model = payload?.modelId;
      if (model === undefined || model === notes.model) return;
      if (notes.model !== undefined)
        context.emit({ kind: 'activity', ...common, type: 'model_change', phase: 'changed', name: model, model });
      notes.model = model;
      return;
    }
    case 'session_approval_mode': {
      const mode = payload?.mode;
      if (mode === undefined || mode === notes.mode) return;
      if (notes.mode !== undefined)
        context.emit({ kind: 'activity', ...common, type: 'mode_change', phase: 'changed', name: mode });
      notes.mode = mode;
      return;
    }
    default:
      if (row.subtype === undefined || !silent.has(row.subtype)) context.unknownType();
  }
}

function takeEvent(event: UiEvent, row: Row, context: Context): void {
  switch (event['event.name']?.replace(/^qwen-code\./, '')) {
    case 'api_response':
      return takeResponse(event, row, context);
    case 'tool_call':
      return takeToolCall(event, row, context);
    case 'api_error':
      return context.emit({
        kind: 'activity',
        key: keyOfRecord(row, context),
        session: context.state.session,
        at: timeOf(row.timestamp),
        type: 'retry',
        phase: 'single',
        name: 'api_error',
        status: event.status_code?.toString(),
        success: false,
        agentType: event.subagent_name,
        model: event.model,
      });
  }
}

// ---- responses ------------------------------------------------------------------------------------------------------

/**
 * A call of the main conversation is told of twice, by this event and by the assistant record that follows: whichever
 * comes second is known for the other by its counts. Calls of subagents and in the background have the event alone,
 * those of older versions the record.
 */
function takeResponse(event: UiEvent, row: Row, context: Context): void {
  const notes = context.state;
  const agent = event.subagent_id ?? event.subagent_name;
  const session = agent === undefined ? notes.session : childSession(agent, row, context, event);
  const counts = countsOf(
    {
      prompt: event.input_token_count,
      output: event.output_token_count,
      reasoning: event.thoughts_token_count,
      cached: event.cached_content_token_count,
      total: event.total_token_count,
    },
    context,
  );
  const response: Response = {
    ...counts,
    ...placeOf(row, session, agent !== undefined),
    at: timeOf(event['event.timestamp']) ?? timeOf(row.timestamp),
    key: keyOfResponse(event, row, context),
    model: event.model || 'unknown',
    id: event.response_id,
    isAnswered: false,
  };
  const told = notes.answers.findIndex((answer) => isSameCall(answer, response));
  if (told >= 0) return void notes.answers.splice(told, 1);
  keepLast(notes.responses, response, mostResponses);
  emitTurn(response, [], context);
}

/** The response's id names it; a weak one does so within its prompt, and a number not even there. */
function keyOfResponse(event: UiEvent, row: Row, context: Context): string {
  const id = event.response_id;
  if (id === undefined || (isWeakId(id) && /\d$/.test(id))) return keyOfRecord(row, context);
  return isWeakId(id) ? JSON.stringify([event.prompt_id ?? context.state.session, id]) : id;
}

function takeAssistant(row: Row, context: Context): void {
  const notes = context.state;
  const isChild = row.isSidechain === true;
  const session = isChild && row.agentId !== undefined ? childSession(row.agentId, row, context) : notes.session;
  const answer = answerOf(row, session, isChild, context);
  const response = answer === undefined ? undefined : responseOf(answer, notes);
  const calls = callsOf(row, response?.key ?? answer?.key, response?.id, context);
  if (answer === undefined) {
    for (const call of calls)
      context.emit({
        kind: 'tool',
        session,
        call,
        model: row.model,
        branch: row.gitBranch || undefined,
        sidechain: isChild,
      });
    return;
  }
  if (response === undefined) {
    keepLast(notes.answers, answer, mostAnswers);
    emitTurn(answer, calls, context);
  } else {
    response.isAnswered = true;
    // An event tells zeros where the server told nothing.
    const isWorse = isBlank(response) || (response.suspect && !answer.suspect);
    const { usage, prompt, suspect } = isWorse ? answer : response;
    if (calls.length > 0 || isWorse) emitTurn({ ...response, usage, prompt, suspect }, calls, context);
  }
}

/** Undefined: the record tells no counts. */
function answerOf(row: Row, session: string, isChild: boolean, context: Context): Response | undefined {
  const told = row.usageMetadata;
  if (told === undefined) return undefined;
  const counts = countsOf(
    {
      prompt: told.promptTokenCount,
      output: told.candidatesTokenCount,
      reasoning: told.thoughtsTokenCount,
      cached: told.cachedContentTokenCount,
      total: told.totalTokenCount,
    },
    context,
  );
  return {
    ...counts,
    ...placeOf(row, session, isChild),
    at: timeOf(row.timestamp),
    key: keyOfRecord(row, context),
    model: row.model || 'unknown',
    id: undefined,
    isAnswered: true,
  };
}

/** The response an assistant record answers with: that of the same counts, else the first that none has answered with yet. */
function responseOf(answer: Response, notes: Notes): Response | undefined {
  const some = notes.responses.filter((response) => response.sidechain === answer.sidechain);
  return some.findLast((response) => isSameCall(response, answer)) ?? some.find((response) => !response.isAnswered);
}

function isSameCall(a: Response, b: Response): boolean {
  return (
    a.model === b.model &&
    a.sidechain === b.sidechain &&
    a.prompt === b.prompt &&
    a.usage.outputTokens === b.usage.outputTokens &&
    a.usage.cacheReadInputTokens === b.usage.cacheReadInputTokens
  );
}

function isBlank(response: Response): boolean {
  return response.prompt + response.usage.outputTokens === 0 && !response.suspect;
}

function emitTurn(response: Response, tools: readonly ToolCall[], context: Context): void {
  if (isBlank(response)) return;
  const { id: _, isAnswered: __, prompt, ...turn } = response;
  if (!turn.sidechain) answerPrompts(turn.model, context);
  context.emitTurn({
    kind: 'turn',
    ...turn,
    fast: false,
    webSearchRequests: 0,
    promptTokens: prompt,
    contextTokens: prompt + turn.usage.outputTokens,
    quality: 'measured',
    copies: 'largest',
    tools,
  });
}

function placeOf(row: Row, session: string, sidechain: boolean) {
  return { session, sidechain, rank: rankOf(row), branch: row.gitBranch || undefined };
}

/** A conversation that branches off another begins with a copy of it. */
function rankOf(row: Row): CopyRank {
  return row.forkedFrom === undefined ? 'own' : 'progress';
}

function childSession(agent: string, row: Row, context: Context, event?: UiEvent): string {
  const parent = row.forkedFrom?.sessionId ?? context.state.session;
  const session = `${parent}-agent-${agent}`;
  const agentType = event?.subagent_type ?? event?.subagent_name;
  const at = timeOf(row.timestamp);
  context.emit({
    kind: 'session',
    session,
    parent,
    agentType,
    branch: row.gitBranch || undefined,
    version: row.version,
    rank: rankOf(row),
    at,
  });
  return session;
}

function countsOf(
  told: {
    readonly prompt: number | undefined;
    readonly output: number | undefined;
    readonly reasoning: number | undefined;
    readonly cached: number | undefined;
    readonly total: number | undefined;
  },
  context: Pick<Context, 'bad' | 'badCounts'>,
): Pick<Response, 'usage' | 'prompt' | 'suspect'> {
  const bad = context.badCounts;
  const prompt = countOf(told.prompt, context);
  const cached = countOf(told.cached, context);
  const { output, reasoning } = outputOf({ ...told, prompt, output: countOf(told.output, context) }, context);
  if (cached > prompt) context.bad();
  const cacheRead = Math.min(cached, prompt);
  return {
    usage: {
      uncachedInputTokens: prompt - cacheRead,
      cacheReadInputTokens: cacheRead,
      cacheCreation5mInputTokens: 0,
      cacheCreation1hInputTokens: 0,
      outputTokens: output,
      reasoningOutputTokens: reasoning,
    },
    prompt,
    suspect: context.badCounts > bad,
  };
}

// ---- tools ----------------------------------------------------------------------------------------------------------

/** The calls an assistant record asks for; they are then open. */
function callsOf(
  row: Row,
  turn: string | undefined,
  response: string | undefined,
  context: Context,
): readonly ToolCall[] {
  const asked = (row.message?.parts?.items ?? []).flatMap((part) => part.functionCall ?? []);
  return asked.map((call, index) => {
    const made = {
      ...nameOf(call.name),
      key: call.id ?? `${keyOfRecord(row, context)}:${index}`,
      at: timeOf(row.timestamp),
      target: call.args?.fields?.skill ?? call.args?.fields?.subagent_type,
      inputSizeBytes: call.args?.sizeBytes ?? 0,
      inputDigest: call.args === undefined ? undefined : context.digest(call.args),
    };
    const open = { key: made.key, name: made.name, at: made.at, turn, response, durationMs: undefined };
    keepLast(context.state.calls, open, mostCalls);
    return made;
  });
}

function nameOf(name = 'unknown'): Pick<ToolCall, 'name' | 'type' | 'mcpServer' | 'mcpTool'> {
  const [, mcpServer, mcpTool] = /^mcp__(.+?)__(.+)$/.exec(name) ?? [];
  if (mcpServer !== undefined) return { name, type: 'mcp', mcpServer, mcpTool };
  return { name, type: name === 'skill' ? 'skill' : name === 'agent' || name === 'task' ? 'subagent' : 'tool' };
}

/** How long a call took. One that no record asked for is a subagent's: this event is all that is told of it. */
function takeToolCall(event: UiEvent, row: Row, context: Context): void {
  const { calls, responses, session } = context.state;
  const durationMs = knownCount(event.duration_ms);
  const open = calls.find((call) =>
    event.call_id === undefined
      ? call.response === event.response_id && call.name === event.function_name && call.durationMs === undefined
      : call.key === event.call_id,
  );
  if (open !== undefined) {
    open.durationMs = durationMs;
    return;
  }
  const response = responses.findLast((each) => each.id !== undefined && each.id === event.response_id);
  const at = timeOf(event['event.timestamp']) ?? timeOf(row.timestamp);
  const name = nameOf(event.function_name);
  context.emit({
    kind: 'tool',
    session: response?.session ?? row.forkedFrom?.sessionId ?? session,
    model: response?.model,
    branch: row.gitBranch || undefined,
    sidechain: response?.sidechain === true,
    call: {
      ...name,
      ...(event.mcp_server_name === undefined
        ? {}
        : { type: 'mcp', mcpServer: event.mcp_server_name, mcpTool: name.mcpTool ?? name.name }),
      key: event.call_id ?? keyOfRecord(row, context),
      at,
      target: event.function_args?.fields?.skill ?? event.function_args?.fields?.subagent_type,
      inputSizeBytes: event.function_args?.sizeBytes ?? 0,
      inputDigest: event.function_args === undefined ? undefined : context.digest(event.function_args),
      result: {
        at,
        isError: event.status === 'error',
        outputSizeBytes: knownCount(event.content_length) ?? 0,
        durationMs,
      },
    },
  });
}

function takeToolResult(row: Row, context: Context): void {
  const notes = context.state;
  for (const { functionResponse } of row.message?.parts?.items ?? []) {
    const id = functionResponse?.id ?? row.toolCallResult?.callId;
    const index = functionResponse === undefined ? -1 : notes.calls.findLastIndex((call) => call.key === id);
    const [call] = index < 0 ? [] : notes.calls.splice(index, 1);
    if (call === undefined) continue;
    const result: ToolResult = {
      at: timeOf(row.timestamp),
      isError: row.toolCallResult?.status === 'error',
      outputSizeBytes: functionResponse?.response?.sizeBytes ?? 0,
      durationMs: call.durationMs,
    };
    if (call.turn === undefined) {
      const told = { ...nameOf(call.name), key: call.key, at: call.at, inputSizeBytes: 0, result };
      context.emit({ kind: 'tool', session: notes.session, call: told, sidechain: row.isSidechain === true });
    } else if (!context.answer(call.key, result)) {
      context.emit({ kind: 'tool_result', key: call.key, turn: call.turn, session: notes.session, result });
    }
  }
}

function keyOfRecord(row: Row, context: Context): string {
  return row.uuid ?? `${context.file.scope}:${context.offset}`;
}

function keepLast<T>(kept: T[], item: T, most: number): void {
  kept.push(item);
  if (kept.length > most) kept.shift();
}

// ---- as it was in 2025 ----------------------------------------------------------------------------------------------

const messagePlan = fields({
  id: 'text',
  timestamp: 'text',
  type: 'text',
  model: 'text',
  content: list({ text: sized({}), functionResponse: sized({}) }),
  tokens: { input: 'number', output: 'number', cached: 'number', thoughts: 'number', tool: 'number', total: 'number' },
  toolCalls: list({
    id: 'text',
    name: 'text',
    status: 'text',
    timestamp: 'text',
    args: sized(argumentFields),
    result: sized({}),
  }),
});

type Message = Picked<typeof messagePlan>;

interface DocumentNotes {
  session: string;
  /** What nothing has answered yet. */
  prompts: { key: string; at: number | undefined }[];
}

type DocumentContext = RecordContext<DocumentNotes>;

const readDocument = wholeJson({
  plan: fields({ sessionId: 'text', startTime: 'text' }),
  start: (file): DocumentNotes => ({
    session: (file.relativePath.split('/').at(-1) ?? '').replace(/\.json$/, ''),
    prompts: [],
  }),
  parse(document, context) {
    if (!document.sessionId) return;
    context.state.session = document.sessionId;
    context.emit({
      kind: 'session',
      session: document.sessionId,
      projectHint: context.file.relativePath.split('/')[0], // the hash of its path
      rank: 'own',
      at: timeOf(document.startTime),
    });
  },
  lists: [elements('messages', messagePlan, takeMessage)],
});

function takeMessage(message: Message, context: DocumentContext): void {
  switch (message.type) {
    case 'qwen':
    case 'gemini':
      return takeReply(message, context);
    case 'user':
      return takeQuestion(message, context);
    case 'info':
    case 'warning':
    case 'error':
      return;
    default:
      return context.unknownType();
  }
}

/** What comes back from tools is written as the user's too. */
function takeQuestion({ id, timestamp, content }: Message, context: DocumentContext): void {
  const texts = content?.isText === true ? [content] : (content?.items.map((part) => part.text) ?? []);
  const isAnswer = content?.items.some((part) => part.functionResponse) === true;
  const emptyText = 2; // its quotes
  if (id === undefined || isAnswer || !texts.some((text) => text !== undefined && text.sizeBytes > emptyText)) return;
  const { session, prompts } = context.state;
  const prompt = { key: `${session}\0${id}`, at: timeOf(timestamp) };
  context.emit({ kind: 'prompt', session, rank: 'own', ...prompt });
  keepLast(prompts, prompt, mostAnswers);
}

function takeReply(message: Message, context: DocumentContext): void {
  const { id, tokens } = message;
  if (id === undefined || tokens === undefined) return;
  const { session, prompts } = context.state;
  const key = `${session}\0${id}`;
  const at = timeOf(message.timestamp);
  const model = message.model || 'unknown';
  const { usage, prompt, suspect } = countsOf(
    {
      prompt: tokens.tool === undefined ? tokens.input : countOf(tokens.input, context) + countOf(tokens.tool, context),
      output: tokens.output,
      reasoning: tokens.thoughts,
      cached: tokens.cached,
      total: tokens.total,
    },
    context,
  );
  context.emitTurn({
    kind: 'turn',
    key,
    session,
    at,
    model,
    usage,
    fast: false,
    webSearchRequests: 0,
    promptTokens: prompt,
    contextTokens: prompt + usage.outputTokens,
    sidechain: false,
    rank: 'own',
    suspect,
    quality: 'measured',
    copies: 'prompt',
    tools: (message.toolCalls?.items ?? []).map((call, index) => ({
      ...nameOf(call.name),
      key: call.id ?? `${key}:${index}`,
      at,
      target: call.args?.fields?.skill ?? call.args?.fields?.subagent_type,
      inputSizeBytes: call.args?.sizeBytes ?? 0,
      inputDigest: call.args === undefined ? undefined : context.digest(call.args),
      result: ['success', 'error', 'cancelled'].includes(call.status ?? '')
        ? { at: timeOf(call.timestamp), isError: call.status === 'error', outputSizeBytes: call.result?.sizeBytes ?? 0 }
        : undefined,
    })),
  });
  for (const waiting of prompts.splice(0)) context.emit({ kind: 'prompt', session, model, rank: 'own', ...waiting });
}
