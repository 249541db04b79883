import { createHash } from 'node:crypto';
import { posix, win32 } from 'node:path';
import type { TokenUsage, ToolCall, ToolResult } from '../events.ts';
import { defineProvider, type Host, type LogFile, type LogReader } from '../provider.ts';
import { fields, list, type Picked, type PickedShape, sized } from '../readers/fields.ts';
import { jsonLines, type RecordContext } from '../readers/json-lines.ts';
import { countOf, timeOf } from '../readers/values.ts';
import { elements, wholeJson } from '../readers/whole-json.ts';

/**
 * Gemini CLI's session logs. Formats seen: 0.8.2 to 0.61.0 (October 2025 to November 2026). Up to 0.38 a session is one
 * JSON document rewritten in place, later a file with a record a line; a session taken up again lies in both, and its
 * messages keep their ids. What the agent does not record (compressions, routing, summaries) is in no log of it.
 */
export default defineProvider({
  title: 'Gemini CLI',
  parserVersion: 1,
  capabilities: {
    skills: 'estimated',
    hooks: 'unsupported',
    mcpIdentity: 'estimated',
    taskHistory: 'estimated',
    interactionTokens: 'estimated',
  },
  capabilityNotes: {
    skills: 'From calls of the tool that activates one.',
    mcpIdentity: "From the tool's displayed name, else from its name up to the second underscore.",
    taskHistory: 'Subagents, with their tokens, from 0.61 on; background work is not recorded.',
    interactionTokens: 'Exact by response; by tool only from sizes.',
  },
  unrecorded:
    'Compressions, routing and summaries, which call a model as well; and up to 0.20 all but one response of a loop of tool calls.',
  roots: (host) => [pathOf(host).join(host.env.GEMINI_CLI_HOME || host.home, '.gemini', 'tmp')],
  accepts: (path) => /^[^/]+\/chats\/(?:session-[^/]+|[^/]+\/[^/]+)\.jsonl?$/.test(path),
  rewrites: isDocument,
  read: (file, from) => (isDocument(file.relativePath) ? readDocument(file, from) : readLines(file, from)),
  keepsDays: (root, host) => daysKept(host.read(pathOf(host).join(root, '..', 'settings.json'))),
});

function pathOf(host: Host): typeof posix {
  return host.platform === 'win32' ? win32 : posix;
}

/** Sessions are deleted after 30 days, unless the settings say otherwise. Undefined: never, or they cannot be read. */
function daysKept(settings: string | undefined): number | undefined {
  const read = objectOf(parsed(settings ?? '{}'));
  const { enabled, maxAge = '30d' } = objectOf(objectOf(read?.general)?.sessionRetention) ?? {};
  if (read === undefined || enabled === false) return undefined;
  const [, count, unit = ''] = /^(\d{1,6})([hdwm])$/.exec(String(maxAge)) ?? [];
  const days = Number(count) * ({ h: 1 / 24, d: 1, w: 7, m: 30 }[unit] ?? Number.NaN);
  return days > 0 ? days : undefined;
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : undefined;
}

function isDocument(path: string): boolean {
  return path.endsWith('.json');
}

// ---- what is taken --------------------------------------------------------------------------------------------------

/** `args` only for the names of a subagent and of a skill; content only by what kind it is. */
const messageFields = {
  id: 'text',
  timestamp: 'text',
  type: 'text',
  model: 'text',
  content: list({ text: sized({}), functionResponse: sized({}) }),
  displayContent: list({ functionResponse: sized({}) }),
  tokens: { input: 'number', output: 'number', cached: 'number', thoughts: 'number', tool: 'number' },
  toolCalls: list({
    id: 'text',
    name: 'text',
    displayName: 'text',
    status: 'text',
    timestamp: 'text',
    agentId: 'text',
    args: sized({ agent_name: 'text', name: 'text' }),
    result: sized({}),
  }),
} as const;

const headerFields = { sessionId: 'text', projectHash: 'text', startTime: 'text', kind: 'text' } as const;

const documentPlan = fields(headerFields);
const messagePlan = fields(messageFields);
const linePlan = fields({
  ...headerFields,
  ...messageFields,
  $set: { sessionId: 'text', messages: list(messageFields) },
  $rewindTo: 'text',
});

type Header = PickedShape<typeof headerFields>;
type Message = PickedShape<typeof messageFields>;
type Line = Picked<typeof linePlan>;
type Call = NonNullable<Message['toolCalls']>['items'][number];

/** What must be remembered of a file between two readings. Ids, names and times only. */
interface Notes {
  session: string;
  /** From the folder of a subagent's log. */
  parent: string | undefined;
  isSubagent: boolean;
  /** Its facts were told. */
  isKnown: boolean;
  model: string | undefined;
  /** Prompts nothing has answered yet. */
  prompts: { key: string; at: number | undefined }[];
}

type Context = RecordContext<Notes>;

const readLines: LogReader = jsonLines({ plan: linePlan, start: startNotes, restore: restoreNotes, parse: takeLine });

const readDocument: LogReader = wholeJson({
  plan: documentPlan,
  start: startNotes,
  parse: takeHeader,
  lists: [elements('messages', messagePlan, takeMessage)],
});

/** `<project>/chats/session-….jsonl`, or `<project>/chats/<parent>/<session>.jsonl`. */
function startNotes(file: LogFile): Notes {
  const parts = file.relativePath.split('/');
  const parent = parts.length > 3 ? parts[2] : undefined;
  return {
    session: (parts.at(-1) ?? '').replace(/\.jsonl?$/, ''),
    parent,
    isSubagent: parent !== undefined,
    isKnown: false,
    model: undefined,
    prompts: [],
  };
}

function restoreNotes(kept: unknown): Notes | undefined {
  const notes = kept as Notes | null; // our own JSON, from our own table
  return typeof notes === 'object' && notes !== null && typeof notes.session === 'string' ? notes : undefined;
}

// ---- records --------------------------------------------------------------------------------------------------------

function takeLine(line: Line, context: Context): void {
  if (line.id !== undefined && line.type !== undefined) return takeMessage(line, context);
  if (line.sessionId !== undefined) return takeHeader(line, context);
  if (line.$set !== undefined) return takeChanges(line.$set, context);
  // A rewind cuts the conversation, not what it has cost.
  if (line.$rewindTo === undefined) context.unknownType();
}

/** Who the session is. It comes again whenever the session is taken up, with the time of that. */
function takeHeader(header: Header, context: Context): void {
  const notes = context.state;
  if (!header.sessionId) return;
  notes.session = header.sessionId;
  notes.isSubagent ||= header.kind === 'subagent';
  tellSession(context, timeOf(header.startTime), header.projectHash);
}

function tellSession(context: Context, at: number | undefined, projectHash: string | undefined): void {
  const notes = context.state;
  const [folder] = context.file.relativePath.split('/');
  const cwd = projectRoot(context.file, folder ?? '', projectHash);
  context.emit({
    kind: 'session',
    session: notes.session,
    parent: notes.parent,
    cwd,
    projectHint: cwd === undefined ? folder : undefined,
    rank: 'own',
    at,
  });
  notes.isKnown = true;
}

/**
 * The folder is called by the hash of the project's path or, later, by a short name; a file in it then holds the path,
 * and one beside `tmp` tells every path and its short name.
 */
function projectRoot(file: LogFile, folder: string, hash: string | undefined): string | undefined {
  const root = file.beside(`${folder}/.project_root`)?.trim();
  if (root) return root;
  const registered = registeredProjects(file.beside('../projects.json'));
  return registered.find(([path, name]) => name === folder || hashOf(path) === (hash ?? folder))?.[0];
}

function registeredProjects(text: string | undefined): readonly (readonly [path: string, name: unknown])[] {
  return Object.entries(objectOf(objectOf(parsed(text ?? ''))?.projects) ?? {});
}

function hashOf(path: string): string {
  return createHash('sha256').update(path).digest('hex');
}

/**
 * `messages` is the history as it is sent from then on, without the counts of what came before: it adds what no other
 * record tells, and takes nothing away. What tools gave may be cut in it.
 */
function takeChanges(changes: NonNullable<Line['$set']>, context: Context): void {
  if (changes.sessionId && !context.state.isKnown) {
    context.state.session = changes.sessionId;
    tellSession(context, undefined, undefined);
  }
  for (const message of changes.messages?.items ?? [])
    if (message.type === 'gemini') takeResponse(message, context, { isHistory: true });
}

function takeMessage(message: Message, context: Context): void {
  if (!context.state.isKnown) tellSession(context, timeOf(message.timestamp), undefined);
  switch (message.type) {
    case 'gemini':
      return takeResponse(message, context, { isHistory: false });
    case 'user':
      return takePrompt(message, context);
    case 'info':
    case 'warning':
    case 'error':
      return;
    default:
      return context.unknownType();
  }
}

/** What comes back from tools is written as the user's too, and a subagent's user is the agent that started it. */
function takePrompt(message: Message, context: Context): void {
  const notes = context.state;
  const { content, displayContent } = message;
  const isAnswer = [content, displayContent].some((each) => each?.items.some((part) => part.functionResponse));
  const texts = content?.isText === true ? [content] : (content?.items.map((part) => part.text) ?? []);
  const speaks = texts.some((text) => text !== undefined && text.sizeBytes > emptyText);
  if (notes.isSubagent || isAnswer || !speaks || message.id === undefined) return;
  const prompt = { key: keyOf(message.id, notes), at: timeOf(message.timestamp) };
  context.emit({ kind: 'prompt', session: notes.session, model: notes.model, rank: 'own', ...prompt });
  if (notes.prompts.length < mostPrompts) notes.prompts.push(prompt);
}

const mostPrompts = 16;
const emptyText = 2; // its quotes

/** Now the model that answered is known: say the waiting prompts again with it. */
function answerPrompts(model: string, context: Context): void {
  const notes = context.state;
  const waiting = notes.prompts.splice(0);
  if (notes.model === model) return; // as they were told
  notes.model = model;
  for (const prompt of waiting) context.emit({ kind: 'prompt', session: notes.session, model, rank: 'own', ...prompt });
}

/** Messages of a session keep their ids in every file it lies in. */
function keyOf(id: string, notes: Notes): string {
  return `${notes.session}\0${id}`;
}

/** A response whose counts the log tells. It is written again as it grows, and again when its tools have run. */
function takeResponse(message: Message, context: Context, { isHistory }: { readonly isHistory: boolean }): void {
  const notes = context.state;
  const { id, tokens } = message;
  if (id === undefined || tokens === undefined) return;
  const badBefore = context.badCounts;
  const counts = tokensOf(tokens, context);
  const prompt = counts.uncachedInputTokens + counts.cacheReadInputTokens;
  const model = message.model || 'unknown';
  context.emitTurn({
    kind: 'turn',
    key: keyOf(id, notes),
    session: notes.session,
    at: timeOf(message.timestamp),
    model,
    usage: counts,
    fast: false,
    webSearchRequests: 0,
    promptTokens: prompt,
    contextTokens: prompt + counts.outputTokens,
    sidechain: notes.isSubagent,
    rank: 'own',
    suspect: context.badCounts > badBefore,
    quality: 'measured',
    copies: 'prompt',
    tools: (message.toolCalls?.items ?? []).map((call, index) => toolCall(call, index, message, context, isHistory)),
  });
  tellSubagents(message, context);
  if (!isHistory) answerPrompts(model, context);
}

/** The cache is counted within the input, what tools put before the model beside it, and thoughts beside the output. */
function tokensOf(tokens: NonNullable<Message['tokens']>, context: Context): TokenUsage {
  const input = countOf(tokens.input, context);
  const cached = countOf(tokens.cached, context);
  const thoughts = countOf(tokens.thoughts, context);
  if (cached > input) context.bad();
  return {
    uncachedInputTokens: Math.max(0, input - cached) + countOf(tokens.tool, context),
    cacheReadInputTokens: Math.min(cached, input),
    cacheCreation5mInputTokens: 0,
    cacheCreation1hInputTokens: 0,
    outputTokens: countOf(tokens.output, context) + thoughts,
    reasoningOutputTokens: tokens.thoughts === undefined ? undefined : thoughts,
  };
}

// ---- tools ----------------------------------------------------------------------------------------------------------

const agentTools: ReadonlySet<string> = new Set(['invoke_agent', 'delegate_to_agent']);

function toolCall(call: Call, index: number, message: Message, context: Context, isHistory: boolean): ToolCall {
  const name = call.name ?? 'unknown';
  const [mcpServer, mcpTool] = mcpNames(name, call.displayName);
  const names = call.args?.fields;
  const isAgent = call.agentId !== undefined || agentTools.has(name);
  const isSkill = name === 'activate_skill';
  return {
    key: call.id ?? `${message.id}\0${index}`,
    at: timeOf(message.timestamp),
    name,
    mcpServer,
    mcpTool,
    target: isAgent ? (names?.agent_name ?? name) : isSkill ? names?.name : undefined,
    type: isAgent ? 'subagent' : isSkill ? 'skill' : mcpServer !== undefined ? 'mcp' : 'tool',
    inputSizeBytes: call.args?.sizeBytes ?? 0,
    inputDigest: call.args === undefined ? undefined : context.digest(call.args),
    result: isHistory ? undefined : resultOf(call, isAgent),
  };
}

/** What kind of agent a subagent is stands with the call that started it, and not in its own log. */
function tellSubagents(message: Message, context: Context): void {
  for (const { agentId, args } of message.toolCalls?.items ?? []) {
    const agentType = args?.fields?.agent_name;
    if (agentId === undefined || agentType === undefined) continue;
    context.emit({ kind: 'session', session: agentId, parent: context.state.session, agentType, rank: 'progress' });
  }
}

/** A tool of an MCP server shows as "tool (server MCP Server)"; without that its name is `mcp_<server>_<tool>`. */
function mcpNames(
  name: string,
  shown: string | undefined,
): readonly [server: string | undefined, tool: string | undefined] {
  const [, shownTool, shownServer] = /^([^()]+) \(([^()]+) MCP Server\)$/.exec(shown?.slice(0, 512) ?? '') ?? [];
  if (shownServer !== undefined) return [shownServer, shownTool];
  const [, server, tool] = /^mcp_([^_]+)_(.+)$/.exec(name.slice(0, 512)) ?? [];
  return [server, tool];
}

/** The log's time of a call is that of its end. */
function resultOf(call: Call, isAgent: boolean): ToolResult | undefined {
  const { status } = call;
  if (status !== 'success' && status !== 'error' && status !== 'cancelled') return undefined;
  return {
    at: timeOf(call.timestamp),
    isError: status === 'error',
    outputSizeBytes: call.result?.sizeBytes ?? 0,
    childSession: isAgent ? call.agentId : undefined,
    childAgentType: isAgent ? call.args?.fields?.agent_name : undefined,
    status: isAgent ? status : undefined,
  };
}
