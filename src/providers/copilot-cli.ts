import { readSync } from 'node:fs';
import { posix, win32 } from 'node:path';
import type { ActivityEvent, CopyRank, ToolCall, TurnEvent, TurnSource } from '../events.ts';
import { type Batch, defineProvider, type Host, type LogFile, type LogReader } from '../provider.ts';
import { fields, list, type Picked, type PickedShape, type PickedSized, type Shape, sized } from '../readers/fields.ts';
import { jsonLines, type RecordContext } from '../readers/json-lines.ts';
import { pick } from '../readers/pick.ts';
import { numberOf, rows, sqliteRows, textOf, type Value } from '../readers/sqlite-rows.ts';
import { countOf, knownCount, timeOf } from '../readers/values.ts';
import { elements, wholeJson } from '../readers/whole-json.ts';

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

/** Who tells of a call, best first. */
const ranks = { store: 1, record: 2, stream: 3, shutdown: 4, message: 5, otel: 6 } as const;

function childSession(session: string, agentId: string): string {
  return `${session}-agent-${agentId}`;
}

// ---- events.jsonl: what is taken ------------------------------------------------------------------------------------

const tokenFields = {
  inputTokens: 'number',
  outputTokens: 'number',
  cacheReadTokens: 'number',
  cacheWriteTokens: 'number',
  reasoningTokens: 'number',
} as const;

/** One call, in a `session.usage_record` or, where a program writes the stream down, an `assistant.usage`. */
const callFields = {
  ...tokenFields,
  model: 'text',
  maxPromptTokens: 'number',
  copilotUsage: { totalNanoAiu: 'number' },
  quotaSnapshots: sized({}),
} as const;

/** Contents only by size and keyed hash. */
const dataFields = {
  ...callFields,
  usage: callFields,
  // sessions
  sessionId: 'text',
  copilotVersion: 'text',
  startTime: 'text',
  context: { cwd: 'text', gitRoot: 'text', branch: 'text' },
  cwd: 'text',
  gitRoot: 'text',
  branch: 'text',
  selectedModel: 'text',
  newModel: 'text',
  chosenModel: 'text',
  newMode: 'text',
  operation: 'text',
  // sums
  modelMetrics: sized({}),
  currentModel: 'text',
  currentTokens: 'number',
  totalNanoAiu: 'number',
  totalPremiumRequests: 'number',
  sessionLimits: { maxAiCredits: 'number' },
  // messages
  content: sized({}),
  source: 'text',
  interactionId: 'text',
  messageId: 'text',
  apiCallId: 'text',
  toolRequests: list({ toolCallId: 'text', name: 'text', arguments: sized({}) }),
  // compactions
  success: 'flag',
  trigger: 'text',
  tokenLimit: 'number',
  preCompactionTokens: 'number',
  postCompactionTokens: 'number',
  systemTokens: 'number',
  conversationTokens: 'number',
  toolDefinitionsTokens: 'number',
  tokenAccountingBasis: 'text',
  compactionTokensUsed: {
    ...tokenFields,
    input: 'number',
    output: 'number',
    cachedInput: 'number',
    model: 'text',
    copilotUsage: { totalNanoAiu: 'number' },
  },
  preTruncationTokensInMessages: 'number',
  postTruncationTokensInMessages: 'number',
  tokensRemovedDuringTruncation: 'number',
  messagesRemovedDuringTruncation: 'number',
  // tools
  toolCallId: 'text',
  parentToolCallId: 'text',
  toolName: 'text',
  mcpServerName: 'text',
  mcpToolName: 'text',
  arguments: sized({ agent_type: 'text', mode: 'text', model: 'text', skill: 'text', name: 'text' }),
  result: sized({ kind: 'text' }),
  error: sized({}),
  shellExecution: { exitCode: 'number' },
  toolTelemetry: { metrics: { exit_code: 'number', context_token_limit: 'number' } },
  // hooks
  hookInvocationId: 'text',
  hookType: 'text',
  input: sized({ toolName: 'text', toolArgs: sized({}) }),
  output: sized({ permissionDecision: 'text', decision: 'text' }),
  // subagents, skills, notices
  agentName: 'text',
  agentType: 'text',
  executionMode: 'text',
  totalTokens: 'number',
  totalToolCalls: 'number',
  durationMs: 'number',
  name: 'text',
  kind: { type: 'text', status: 'text', agentType: 'text' },
  errorType: 'text',
  warningType: 'text',
  statusCode: 'number',
} as const;

const plan = fields({ type: 'text', id: 'text', timestamp: 'text', agentId: 'text', data: dataFields });

type Row = Picked<typeof plan>;
type Data = PickedShape<typeof dataFields>;
type Tokens = PickedShape<typeof tokenFields>;

/** One model's part of `session.shutdown`'s sums. */
const metricsPlan = fields({ requests: { count: 'number' }, usage: tokenFields, totalNanoAiu: 'number' });

const quotaPlan = fields({
  isUnlimitedEntitlement: 'flag',
  entitlementRequests: 'number',
  usedRequests: 'number',
  remainingPercentage: 'number',
  usageAllowedWithExhaustedQuota: 'flag',
  resetDate: 'text',
});

/** What must be remembered of a file between two readings. Ids, names, counts and times only. */
interface Notes {
  readonly session: string;
  version: string | undefined;
  cwd: string | undefined;
  branch: string | undefined;
  window: number | undefined;
  /** Records from before this time were inherited from the session it was forked from. */
  startedAt: number | undefined;
  /** It begins as the session did that it was forked from, and may go on as that did; until it is resumed it surely does. */
  isForeign: boolean;
  isResumed: boolean;
  isInherited: boolean;
  lastAt: number | undefined;
  /** The model that answers, and what was chosen, which may be `auto`. */
  model: string | undefined;
  choice: string | undefined;
  mode: string | undefined;
  /** Sums of the last shutdown, by model. */
  sums: (readonly [model: string, sum: Sum])[];
  /** Stretches no shutdown has summed up yet, oldest first. */
  legs: Leg[];
  /** Output of the last messages, by their keys. */
  outputs: [key: string, tokens: number][];
  /** Fill at the beginning of a compaction. */
  fill: number | undefined;
  /** Subagents with the call that started each. */
  agents: (readonly [agentId: string, call: string | undefined])[];
  /** Tool calls asked for and not ended. */
  calls: OpenCall[];
  hooks: OpenHook[];
  /** Prompts nothing has answered yet. */
  prompts: { key: string; at: number | undefined; branch: string | undefined }[];
  /** Limits as they were last told. */
  quotas: [name: string, told: string][];
}

interface Sum {
  readonly requests: number;
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  readonly reasoning: number | undefined;
  readonly nanoAiu: number | undefined;
}

interface Leg {
  readonly from: number;
  /** What its messages say they put out; `isTold`: one of them said so. */
  output: number;
  isTold: boolean;
}

interface OpenCall {
  readonly id: string;
  readonly session: string;
  readonly name: string;
  readonly digest: string | undefined;
}

interface OpenHook {
  readonly id: string;
  readonly correlation: string;
  readonly type: string | undefined;
  readonly at: number | undefined;
}

type Context = RecordContext<Notes>;

const readEvents: LogReader = jsonLines({ plan, start: startNotes, restore: restoreNotes, parse });

function startNotes(file: LogFile): Notes {
  const [, name = ''] = file.relativePath.split('/');
  return {
    session: name.replace(/\.jsonl$/, ''),
    version: undefined,
    cwd: undefined,
    branch: undefined,
    window: undefined,
    startedAt: undefined,
    isForeign: false,
    isResumed: false,
    isInherited: false,
    lastAt: undefined,
    model: undefined,
    choice: undefined,
    mode: undefined,
    sums: [],
    legs: [],
    outputs: [],
    fill: undefined,
    agents: [],
    calls: [],
    hooks: [],
    prompts: [],
    quotas: [],
  };
}

function restoreNotes(kept: unknown): Notes | undefined {
  const notes = kept as Notes | null; // our own JSON, from our own table
  return typeof notes === 'object' && notes !== null && typeof notes.session === 'string' ? notes : undefined;
}

/** More of a kind are not remembered: the oldest goes. */
const mostRemembered = 64;

function remember<T>(list: T[], item: T): void {
  if (list.push(item) > mostRemembered) list.shift();
}

// ---- events.jsonl: records ------------------------------------------------------------------------------------------

/** Types that hold nothing we take. Whatever is in neither list is counted as unknown. */
const silent = new RegExp(
  `^(${[
    'session\\.(info|idle|handoff|title_changed|usage_info|snapshot_rewind|context_cleared|binary_asset|import_legacy)',
    'session\\.(background_tasks|custom_agents|permissions|todos|tools|remote_steerable|workspace_file|extensions|skills)_\\w+',
    'session\\.(mcp|mode_notice|schedule|autopilot|managed_settings|canvas)_\\w+',
    'assistant\\.(turn_start|turn_end|reasoning|intent|idle|message_start|server_tool_progress|\\w+_delta|fusion_\\w+)',
    'tool\\.(user_requested|execution_partial_result|execution_progress|search_activated)',
    'subagent\\.(selected|deselected|configured)',
    'system\\.message|permission\\.requested|skill\\.context_delivered_ref|hook\\.progress|model\\.\\w+',
    '(user_input|elicitation|sampling|exit_plan_mode|external_tool|commands?|capabilities|auto_mode_switch)\\.\\w+',
    '(mcp_\\w+|factory_run|pending_messages|session_limits_exhausted)\\.\\w+',
  ].join('|')})$`,
);

/** Where, when and within what a record happened. */
interface Place {
  readonly key: string;
  readonly session: string;
  readonly at: number | undefined;
  readonly agentId: string | undefined;
  /** The call that started its subagent. */
  readonly parent: string | undefined;
  /** It happened in the session this one was forked from, where it counts. */
  readonly isInherited: boolean;
  readonly rank: CopyRank;
}

function parse(row: Row, context: Context): void {
  const { data } = row;
  if (row.type === undefined || data === undefined) return context.unknownType();
  const place = placeOf(row, data, context);
  switch (row.type) {
    case 'session.start':
      return takeStart(data, place, context);
    case 'session.resume':
      return takeResume(data, place, context);
    case 'session.context_changed':
      return tellSession(whereOf(data), place, context);
    case 'session.model_change':
      return takeModelChange(data, place, context);
    case 'session.auto_mode_resolved':
      return takeModel(data.chosenModel, 'auto', place, context);
    case 'session.mode_changed':
      return takeModeChange(data, place, context);
    case 'session.plan_changed':
      return act({ type: 'plan', phase: 'changed', name: wordOf(data.operation) ?? 'plan' }, place, context);
    case 'user.message':
      return takePrompt(data, place, context);
    case 'assistant.message':
      return takeMessage(data, place, context);
    case 'session.usage_record':
      return takeCall(data.usage, ranks.record, place, context);
    case 'assistant.usage':
      return takeCall(data, ranks.stream, place, context);
    case 'session.usage_checkpoint':
      return takeTotals(data, place, context);
    case 'session.session_limits_changed':
      return takeSessionLimit(data, place, context);
    case 'session.shutdown':
      return takeShutdown(data, place, context);
    case 'session.compaction_start':
      context.state.fill = knownCount(data.currentTokens);
      return learnWindow(data.tokenLimit, place, context);
    case 'session.compaction_complete':
      return takeCompaction(data, place, context);
    case 'session.truncation':
      return takeTruncation(data, place, context);
    case 'tool.execution_start':
      return takeToolStart(data, place, context);
    case 'tool.execution_complete':
      return takeToolEnd(data, place, context);
    case 'hook.start':
      return takeHookStart(data, place, context);
    case 'hook.end':
      return takeHookEnd(data, place, context);
    case 'subagent.started':
      return takeAgentStart(data, place, context);
    case 'subagent.completed':
    case 'subagent.failed':
      return takeAgentEnd(data, row.type === 'subagent.completed', place, context);
    case 'skill.invoked':
      return takeSkill(data, place, context);
    default:
      return takeNotice(row.type, data, place, context);
  }
}

function placeOf(row: Row, data: Data, context: Context): Place {
  const notes = context.state;
  const at = timeOf(row.timestamp);
  const agentId = row.agentId ?? data.parentToolCallId; // which is how older versions called it
  const isForeign = notes.isForeign && !notes.isResumed && row.type !== 'session.resume';
  const isInherited = isForeign || (at !== undefined && notes.startedAt !== undefined && at < notes.startedAt);
  if (at !== undefined) notes.lastAt = Math.max(at, notes.lastAt ?? at);
  // What it inherited and what it did itself may be told by different sources.
  if (notes.isInherited && !isInherited) beginLeg(at, context);
  notes.isInherited = isInherited;
  const place = {
    key: row.id ?? `${context.file.scope}:${context.offset}`,
    session: agentId === undefined ? notes.session : childSession(notes.session, agentId),
    at,
    agentId,
    parent: data.parentToolCallId ?? notes.agents.find(([id]) => id === agentId)?.[1],
    isInherited,
    rank: isInherited || notes.isForeign ? 'progress' : 'own',
  } as const;
  if (agentId !== undefined && !notes.agents.some(([id]) => id === agentId)) {
    const starter = row.type?.startsWith('subagent.') === true ? data.toolCallId : data.parentToolCallId;
    remember(notes.agents, [agentId, starter] as const);
    tellAgent(undefined, place, context);
  }
  return place;
}

function act(
  event: Omit<ActivityEvent, 'kind' | 'key' | 'session' | 'at'>,
  place: Place,
  context: Context,
  session = place.session,
): void {
  context.emit({ kind: 'activity', key: place.key, session, at: place.at, parent: place.parent, ...event });
}

// ---- sessions and their stretches -----------------------------------------------------------------------------------

function takeStart(data: Data, place: Place, context: Context): void {
  const notes = context.state;
  notes.isForeign = data.sessionId !== undefined && data.sessionId !== notes.session;
  notes.isInherited = notes.isForeign;
  if (!notes.isForeign) notes.startedAt = timeOf(data.startTime);
  notes.choice = data.selectedModel;
  noteModel(data.selectedModel, context);
  const rank = notes.isForeign ? 'progress' : 'own';
  tellSession({ ...whereOf(data.context), version: data.copilotVersion }, { ...place, rank }, context);
  beginLeg(place.at, context);
}

function takeResume(data: Data, place: Place, context: Context): void {
  const notes = context.state;
  notes.isResumed = true;
  notes.choice = data.selectedModel ?? notes.choice;
  noteModel(data.selectedModel, context);
  tellSession(whereOf(data.context), place, context);
  beginLeg(place.at, context);
}

/** The repository's root outlives the repository, which the folder worked in could not be traced to any more. */
function whereOf(told: Pick<Data, 'cwd' | 'gitRoot' | 'branch'> | undefined) {
  return { cwd: told?.gitRoot ?? told?.cwd, branch: told?.branch };
}

/** Says what is new of the session. */
function tellSession(
  facts: {
    readonly cwd?: string | undefined;
    readonly branch?: string | undefined;
    readonly version?: string | undefined;
    readonly contextWindow?: number | undefined;
  },
  place: Place,
  context: Context,
): void {
  const notes = context.state;
  notes.cwd = facts.cwd ?? notes.cwd;
  notes.branch = facts.branch ?? notes.branch;
  notes.version = facts.version ?? notes.version;
  context.emit({ kind: 'session', session: notes.session, ...facts, rank: place.rank, at: place.at });
}

function tellAgent(agentType: string | undefined, place: Place, context: Context): void {
  const { session, cwd, branch, version } = context.state;
  context.emit({
    kind: 'session',
    session: place.session,
    parent: session,
    cwd,
    branch,
    version,
    agentType,
    rank: place.rank,
    at: place.at,
  });
}

function learnWindow(tokens: number | undefined, place: Place, context: Context): void {
  const notes = context.state;
  const window = knownCount(tokens);
  if (window === undefined || window === 0 || window === notes.window || place.agentId !== undefined) return;
  notes.window = window;
  tellSession({ contextWindow: window }, place, context);
}

function beginLeg(at: number | undefined, context: Context): void {
  const { legs, session } = context.state;
  if (at === undefined) return;
  context.emit({ kind: 'stretch', session, at });
  startLeg(legs, at);
}

/** A leg of which no message told anything says nothing that a shutdown could be compared with. */
function startLeg(legs: Leg[], from: number): void {
  if (legs.at(-1)?.isTold === false) legs.pop();
  remember(legs, { from, output: 0, isTold: false });
}

function noteModel(model: string | undefined, context: Context): void {
  if (model !== undefined && model !== '' && model !== 'auto') context.state.model = model;
}

function takeModelChange(data: Data, place: Place, context: Context): void {
  const notes = context.state;
  if (place.agentId !== undefined || data.newModel === undefined) return; // a subagent's own choice
  const before = notes.choice;
  notes.choice = data.newModel;
  if (data.newModel !== 'auto') return takeModel(data.newModel, data.newModel, place, context);
  if (before !== undefined && before !== 'auto')
    act({ type: 'model_change', phase: 'changed', name: 'auto' }, place, context);
}

/** A model is used from now on; only a change is worth a word. */
function takeModel(model: string | undefined, name: string, place: Place, context: Context): void {
  const before = context.state.model;
  noteModel(model, context);
  if (before !== undefined && model !== undefined && model !== before)
    act({ type: 'model_change', phase: 'changed', name, model }, place, context);
}

function takeModeChange(data: Data, place: Place, context: Context): void {
  const notes = context.state;
  const mode = wordOf(data.newMode);
  if (mode === undefined) return;
  act({ type: 'mode_change', phase: 'changed', name: mode }, place, context);
  const phase = mode === 'plan' ? 'start' : notes.mode === 'plan' ? 'complete' : undefined;
  if (phase !== undefined)
    act({ type: 'plan', phase, name: 'plan_mode' }, { ...place, key: `${place.key}:plan` }, context);
  notes.mode = mode;
}

// ---- messages and calls ---------------------------------------------------------------------------------------------

function takePrompt(data: Data, place: Place, context: Context): void {
  const notes = context.state;
  // Skills, subagents and the autopilot speak in the user's place.
  const isTyped = data.source === undefined || data.source === 'user';
  if (place.agentId !== undefined || !isTyped || (data.content?.sizeBytes ?? 0) <= 2) return;
  const prompt = { key: place.key, at: place.at, branch: notes.branch };
  context.emit({ kind: 'prompt', session: notes.session, rank: place.rank, ...prompt });
  if (notes.prompts.length < 16) notes.prompts.push(prompt);
}

/** Now the model that answered is known: say the waiting prompts again with it. */
function answerPrompts(model: string, place: Place, context: Context): void {
  const { session, prompts } = context.state;
  for (const prompt of prompts.splice(0)) context.emit({ kind: 'prompt', session, model, rank: place.rank, ...prompt });
}

/** What went in stands in no message, and since 1.0.82 not even what came out. */
function takeMessage(data: Data, place: Place, context: Context): void {
  const notes = context.state;
  if (place.agentId === undefined) noteModel(data.model, context);
  const model = data.model ?? (place.agentId === undefined ? notes.model : undefined) ?? 'unknown';
  if (place.agentId === undefined) answerPrompts(model, place, context);
  for (const { toolCallId: id, name, arguments: args } of data.toolRequests?.items ?? []) {
    if (id !== undefined && name !== undefined) openCall(id, name, args, place, context);
  }
  if (data.outputTokens === undefined) return;
  // A message may come in pieces; each says the whole output.
  const key = `${data.interactionId ?? notes.session}:${data.apiCallId ?? data.messageId ?? place.key}`;
  const badBefore = context.badCounts;
  const outputTokens = countOf(data.outputTokens, context);
  addOutput(key, outputTokens, place, context);
  context.emit({
    ...turnOf(place, context, ranks.message),
    key: `message:${key}`,
    model,
    usage: { ...nothing, outputTokens },
    promptTokens: 0,
    contextTokens: 0,
    suspect: context.badCounts > badBefore,
    quality: 'partial',
  });
}

function addOutput(key: string, tokens: number, place: Place, context: Context): void {
  const { legs, outputs } = context.state;
  if (legs.length === 0) startLeg(legs, place.at ?? 0);
  const leg = legs.at(-1) as Leg; // there is one now
  const known = outputs.find(([id]) => id === key);
  leg.isTold = true;
  leg.output += Math.max(0, tokens - (known?.[1] ?? 0));
  if (known === undefined) remember(outputs, [key, tokens]);
  else known[1] = Math.max(known[1], tokens);
}

const nothing = {
  uncachedInputTokens: 0,
  cacheReadInputTokens: 0,
  cacheCreation5mInputTokens: 0,
  cacheCreation1hInputTokens: 0,
  outputTokens: 0,
} as const;

/** What all turns of this log have in common. */
function turnOf(place: Place, context: Context, rank: number) {
  const { session, branch } = context.state;
  return {
    kind: 'turn',
    session: place.session,
    at: place.at,
    fast: false,
    webSearchRequests: 0,
    sidechain: place.agentId !== undefined,
    rank: place.rank,
    branch,
    source: { rank, session } as TurnSource,
    tools: [],
  } as const;
}

function takeCall(
  call: PickedShape<typeof callFields> | undefined,
  rank: number,
  place: Place,
  context: Context,
): void {
  if (call === undefined) return;
  learnWindow(call.maxPromptTokens, place, context);
  if (call.quotaSnapshots !== undefined) takeQuotas(call.quotaSnapshots, place, context);
  if (call.inputTokens === undefined && call.outputTokens === undefined) return;
  context.emit({
    ...turnOf(place, context, rank),
    ...countsOf(call, context),
    key: `call:${place.key}`,
    model: call.model || 'unknown',
    costNanoUsd: costOf(call.copilotUsage?.totalNanoAiu),
    quality: 'measured',
  });
}

/** Counters of one call as a turn has them. The input holds what was read from and written to the cache. */
function countsOf(
  tokens: Tokens,
  context: { bad(): void; readonly badCounts: number },
): Pick<TurnEvent, 'usage' | 'promptTokens' | 'contextTokens' | 'suspect' | 'copies'> {
  const badBefore = context.badCounts;
  const promptTokens = countOf(tokens.inputTokens, context);
  const outputTokens = countOf(tokens.outputTokens, context);
  const usage = usageOf(
    {
      input: promptTokens,
      output: outputTokens,
      cacheRead: countOf(tokens.cacheReadTokens, context),
      cacheWrite: countOf(tokens.cacheWriteTokens, context),
      reasoning: tokens.reasoningTokens === undefined ? undefined : countOf(tokens.reasoningTokens, context),
    },
    context,
  );
  const suspect = context.badCounts > badBefore;
  return { usage, promptTokens, contextTokens: promptTokens + outputTokens, suspect, copies: 'prompt' };
}

function usageOf(
  { input, output, cacheRead, cacheWrite, reasoning }: Omit<Sum, 'requests' | 'nanoAiu'>,
  context: { bad(): void },
): TurnEvent['usage'] {
  if (cacheRead + cacheWrite > input || (reasoning ?? 0) > output) context.bad();
  return {
    uncachedInputTokens: Math.max(0, input - cacheRead - cacheWrite),
    cacheReadInputTokens: cacheRead,
    cacheCreation5mInputTokens: cacheWrite,
    cacheCreation1hInputTokens: 0,
    outputTokens: output,
    reasoningOutputTokens: reasoning === undefined ? undefined : Math.min(output, reasoning),
  };
}

/** 1e9 nano AI units are one credit, a cent. 0 stands for "not known" where somebody else's key was used. */
function costOf(nanoAiu: number | undefined): number | undefined {
  return nanoAiu !== undefined && nanoAiu > 0 && nanoAiu <= 1e17 ? Math.round(nanoAiu / 100) : undefined;
}

// ---- sums -----------------------------------------------------------------------------------------------------------

/**
 * What a shutdown adds to what was summed up before it. Up to 1.0.65 its counters are those of its own leg, from 1.0.66
 * on those of the whole session, and nothing in the record says which.
 */
function takeShutdown(data: Data, place: Place, context: Context): void {
  const notes = context.state;
  takeTotals(data, place, context);
  const at = place.at ?? notes.lastAt;
  if (notes.legs.length === 0) startLeg(notes.legs, at ?? 0);
  const badBefore = context.badCounts;
  const sums = sumsOf(data.modelMetrics, context);
  const { added, legs } = sums === undefined ? { added: [], legs: 1 } : readSums(sums, notes);
  const summedUp = notes.legs.splice(-legs);
  const from = summedUp[0]?.from ?? 0; // at least one leg is summed up
  const shared = { ...turnOf(place, context, ranks.shutdown), at, quality: 'logged' } as const;
  for (const [model, sum] of added) {
    const requests = Math.max(1, sum.requests);
    const prompt = Math.ceil(sum.input / requests);
    const usage = usageOf(sum, context);
    context.emit({
      ...shared,
      key: `shutdown:${place.key}:${model}`,
      model,
      usage,
      suspect: context.badCounts > badBefore,
      // The mean stands for prompts of which only the sum is known; the fill is that of the model that went on.
      promptTokens: prompt,
      contextTokens: model === data.currentModel ? (knownCount(data.currentTokens) ?? 0) : 0,
      costNanoUsd: costOf(sum.nanoAiu),
      responses: requests,
      source: { ...shared.source, from },
    });
  }
  if (at === undefined) return;
  context.emit({ kind: 'stretch', session: notes.session, at, told: { rank: ranks.shutdown, from } });
  startLeg(notes.legs, at + 1);
  if (sums !== undefined) notes.sums = [...sums];
}

/** Undefined: no model says what it used, so that nothing is known; an empty map says that nothing was used. */
function sumsOf(metrics: PickedSized<Shape> | undefined, context: Context): ReadonlyMap<string, Sum> | undefined {
  const models = metrics === undefined ? undefined : membersOf(metrics, context);
  if (models === undefined) return undefined;
  const sums = new Map<string, Sum>();
  for (const [model, value] of models) {
    const { usage, requests, totalNanoAiu } = pick(value, metricsPlan);
    if (usage === undefined) continue;
    sums.set(model, {
      requests: countOf(requests?.count, context),
      input: countOf(usage.inputTokens, context),
      output: countOf(usage.outputTokens, context),
      cacheRead: countOf(usage.cacheReadTokens, context),
      cacheWrite: countOf(usage.cacheWriteTokens, context),
      reasoning: usage.reasoningTokens === undefined ? undefined : countOf(usage.reasoningTokens, context),
      nanoAiu: totalNanoAiu !== undefined && totalNanoAiu >= 0 ? totalNanoAiu : undefined,
    });
  }
  return sums.size === 0 && models.length > 0 ? undefined : sums;
}

function membersOf(value: PickedSized<Shape>, context: Context): readonly (readonly [string, unknown])[] | undefined {
  const whole = context.parsed(value);
  return typeof whole === 'object' && whole !== null && !Array.isArray(whole) ? Object.entries(whole) : undefined;
}

/**
 * A counter that fell is no running sum. Where none fell, both readings are held against what the messages say they put
 * out, in the last leg or in the last few, for after a crash a sum may reach back beyond it. The nearest wins; without
 * such messages the counters run on.
 */
function readSums(
  sums: ReadonlyMap<string, Sum>,
  { sums: before, legs }: Notes,
): { readonly added: readonly (readonly [string, Sum])[]; readonly legs: number } {
  const whole = [...sums];
  const difference = before.some(([model, sum]) => hasFallen(sum, sums.get(model)))
    ? undefined
    : whole.map(([model, sum]) => [model, minus(sum, before.find(([name]) => name === model)?.[1])] as const);
  const readings = difference === undefined ? [whole] : before.length === 0 ? [difference] : [difference, whole];
  let best = { added: readings[0] ?? [], legs: 1, distance: Number.POSITIVE_INFINITY };
  let told = 0;
  for (const [i, leg] of [...legs].reverse().entries()) {
    told += leg.output;
    if (!leg.isTold) continue;
    for (const added of readings) {
      const distance = Math.abs(added.reduce((sum, [, each]) => sum + each.output, 0) - told);
      if (distance < best.distance) best = { added, legs: i + 1, distance };
    }
  }
  return { added: best.added.filter(([, sum]) => sum.input > 0 || sum.output > 0), legs: best.legs };
}

function hasFallen(before: Sum, now: Sum | undefined): boolean {
  if (now === undefined) return true;
  const names = Object.keys(before) as (keyof Sum)[]; // its own
  return names.some((name) => (now[name] ?? 0) < (before[name] ?? 0));
}

function minus(now: Sum, before: Sum | undefined): Sum {
  if (before === undefined) return now;
  return {
    requests: now.requests - before.requests,
    input: now.input - before.input,
    output: now.output - before.output,
    cacheRead: now.cacheRead - before.cacheRead,
    cacheWrite: now.cacheWrite - before.cacheWrite,
    reasoning: now.reasoning === undefined ? undefined : now.reasoning - (before.reasoning ?? 0),
    nanoAiu: now.nanoAiu === undefined ? undefined : now.nanoAiu - (before.nanoAiu ?? 0),
  };
}

// ---- compactions ----------------------------------------------------------------------------------------------------

/** The call that wrote the summary stands in no sum and has no record of its own. */
function takeCompaction(data: Data, place: Place, context: Context): void {
  const notes = context.state;
  const used = data.compactionTokensUsed;
  if (used !== undefined) {
    const tokens = {
      inputTokens: used.inputTokens ?? used.input,
      outputTokens: used.outputTokens ?? used.output,
      cacheReadTokens: used.cacheReadTokens ?? used.cachedInput,
      cacheWriteTokens: used.cacheWriteTokens,
      reasoningTokens: used.reasoningTokens,
    };
    const turn = turnOf(place, context, ranks.record);
    if (tokens.inputTokens !== undefined || tokens.outputTokens !== undefined)
      context.emit({
        ...turn,
        ...countsOf(tokens, context),
        key: `compaction:${place.key}`,
        model: used.model ?? notes.model ?? 'unknown',
        contextTokens: 0, // its prompt is gone
        costNanoUsd: costOf(used.copilotUsage?.totalNanoAiu),
        compaction: true,
        quality: 'measured',
        source: { ...turn.source, isExtra: true },
      });
  }
  learnWindow(data.tokenLimit, place, context);
  const fill = notes.fill;
  notes.fill = undefined;
  if (data.success === false)
    return act({ type: 'notification', phase: 'emitted', name: 'compaction', success: false }, place, context);
  // Before 1.0.8x these two were the conversation's alone.
  const isWhole = data.tokenAccountingBasis?.includes('full_context') === true;
  const parts = [data.systemTokens, data.conversationTokens, data.toolDefinitionsTokens].map(knownCount);
  context.emit({
    kind: 'compaction',
    key: place.key,
    session: place.session,
    at: place.at,
    trigger: data.trigger,
    preTokens: fill ?? (isWhole ? knownCount(data.preCompactionTokens) : undefined),
    postTokens: isWhole ? knownCount(data.postCompactionTokens) : sumOfKnown(parts),
    micro: false,
  });
}

function sumOfKnown(parts: readonly (number | undefined)[]): number | undefined {
  return parts.reduce((sum, part) => (sum === undefined || part === undefined ? undefined : sum + part), 0);
}

function takeTruncation(data: Data, place: Place, context: Context): void {
  learnWindow(data.tokenLimit, place, context);
  const removed = (data.tokensRemovedDuringTruncation ?? 0) > 0 || (data.messagesRemovedDuringTruncation ?? 0) > 0;
  if (!removed) return;
  context.emit({
    kind: 'compaction',
    key: place.key,
    session: place.session,
    at: place.at,
    trigger: 'truncation',
    preTokens: knownCount(data.preTruncationTokensInMessages),
    postTokens: knownCount(data.postTruncationTokensInMessages),
    micro: true,
  });
}

// ---- limits ---------------------------------------------------------------------------------------------------------

/** Running totals of the session in units of their own: requests by their multiplier, and AI units. */
function takeTotals(data: Data, place: Place, context: Context): void {
  takeAmount('premium_requests', data.totalPremiumRequests, place, context);
  takeAmount('ai_units', data.totalNanoAiu === undefined ? undefined : data.totalNanoAiu / 1e9, place, context);
}

function takeAmount(window: string, used: number | undefined, place: Place, context: Context): void {
  // What was inherited is told where it was used.
  if (used === undefined || !(used > 0 && used < 1e12) || place.isInherited) return;
  if (!isNews(window, String(used), context)) return;
  const session = context.state.session;
  context.emit({ kind: 'limit', key: `${place.key}:${window}`, session, at: place.at, window, used, reached: false });
}

function takeSessionLimit(data: Data, place: Place, context: Context): void {
  const entitlement = knownCount(data.sessionLimits?.maxAiCredits);
  if (entitlement === undefined) return;
  const session = context.state.session;
  const window = 'session_ai_units';
  context.emit({ kind: 'limit', key: place.key, session, at: place.at, window, entitlement, reached: false });
}

/** The account's quotas, by their names. */
function takeQuotas(snapshots: PickedSized<Shape>, place: Place, context: Context): void {
  for (const [window, value] of membersOf(snapshots, context) ?? []) {
    const quota = pick(value, quotaPlan);
    const entitlement = positive(quota.entitlementRequests);
    const used = positive(quota.usedRequests) ?? (quota.usedRequests === 0 ? 0 : undefined);
    const isUnlimited = quota.isUnlimitedEntitlement === true;
    if (used === undefined && entitlement === undefined && !isUnlimited) continue; // it tells nothing
    const usedPct = isUnlimited || entitlement === undefined ? undefined : usedShare(used, entitlement);
    if (!isNews(`quota:${window}`, JSON.stringify([used, entitlement, quota.resetDate]), context)) continue;
    context.emit({
      kind: 'limit',
      key: `${place.key}:${window}`,
      at: place.at,
      window,
      usedPct,
      used,
      entitlement: isUnlimited ? undefined : entitlement,
      resetsAt: timeOf(quota.resetDate),
      reached: usedPct === 100 && quota.usageAllowedWithExhaustedQuota !== true,
      plan: isUnlimited ? 'unlimited' : undefined,
    });
  }
}

function usedShare(used: number | undefined, entitlement: number): number | undefined {
  return used === undefined ? undefined : Math.min(100, (used / entitlement) * 100);
}

function positive(value: number | undefined): number | undefined {
  return value !== undefined && value > 0 && value < 1e12 ? value : undefined;
}

function isNews(name: string, told: string, context: Context): boolean {
  const { quotas } = context.state;
  const known = quotas.find(([each]) => each === name);
  if (known?.[1] === told) return false;
  if (known === undefined) remember(quotas, [name, told]);
  else known[1] = told;
  return true;
}

// ---- tools ----------------------------------------------------------------------------------------------------------

function openCall(
  id: string,
  name: string,
  args: PickedSized<Shape> | undefined,
  place: Place,
  context: Context,
): string | undefined {
  const { calls } = context.state;
  const digest = args === undefined ? undefined : context.digest(args);
  const known = calls.findIndex((call) => call.id === id);
  if (known >= 0) calls.splice(known, 1);
  remember(calls, { id, session: place.session, name, digest });
  return digest;
}

function takeToolStart(data: Data, place: Place, context: Context): void {
  const { toolCallId: key, toolName: name = '', arguments: args } = data;
  if (key === undefined) return;
  const type = typeOfTool(data);
  tellTool(
    {
      key,
      at: place.at,
      name,
      mcpServer: data.mcpServerName,
      mcpTool: data.mcpServerName === undefined ? undefined : (data.mcpToolName ?? withoutServer(name, data)),
      target: type === 'skill' ? (args?.fields?.skill ?? args?.fields?.name) : args?.fields?.agent_type,
      type,
      inputSizeBytes: args?.sizeBytes ?? 0,
      inputDigest: openCall(key, name, args, place, context),
      executionMode: type === 'subagent' ? wordOf(args?.fields?.mode) : undefined,
      requestedModel: type === 'subagent' ? args?.fields?.model : undefined,
      parent: place.parent,
    },
    data.model,
    place,
    context,
  );
}

function typeOfTool(data: Data): ToolCall['type'] {
  if (data.mcpServerName !== undefined) return 'mcp';
  return data.toolName === 'skill' ? 'skill' : data.toolName === 'task' ? 'subagent' : 'tool';
}

/** `<server>-<tool>` */
function withoutServer(name: string, { mcpServerName }: Data): string {
  return name.startsWith(`${mcpServerName}-`) ? name.slice(`${mcpServerName}-`.length) : name;
}

function tellTool(
  call: ToolCall,
  model: string | undefined,
  place: Place,
  context: Context,
  session = place.session,
): void {
  const notes = context.state;
  if (place.isInherited) return;
  const sidechain = session !== notes.session;
  const own = sidechain ? undefined : notes.model;
  context.emit({ kind: 'tool', session, call, model: model ?? own, branch: notes.branch, sidechain });
}

function takeToolEnd(data: Data, place: Place, context: Context): void {
  const { calls } = context.state;
  learnWindow(data.toolTelemetry?.metrics?.context_token_limit, place, context);
  const { toolCallId: key } = data;
  if (key === undefined) return;
  const open = calls.findIndex((call) => call.id === key);
  if (open >= 0 && calls[open]?.name !== 'skill') calls.splice(open, 1);
  // A shell that failed still says success.
  const exitCode = data.shellExecution?.exitCode ?? data.toolTelemetry?.metrics?.exit_code ?? 0;
  const result = {
    at: place.at,
    isError: data.success === false || exitCode !== 0,
    outputSizeBytes: (data.result ?? data.error)?.sizeBytes ?? 0,
  };
  tellTool({ ...untold, key, result }, data.model, place, context);
}

/** A call of which the name was told before. */
const untold = { at: undefined, name: '', type: 'tool', inputSizeBytes: 0 } as const;

// ---- hooks, skills, subagents, notices ------------------------------------------------------------------------------

function takeHookStart(data: Data, place: Place, context: Context): void {
  const { hookInvocationId: id, hookType, input } = data;
  const tool = input?.fields?.toolName;
  // Arguments in a text were serialised once more, so that their hash compares with nothing.
  const args = input?.fields?.toolArgs;
  const digest = args === undefined || args.isText ? undefined : context.digest(args);
  const call = tool === undefined ? undefined : callFor(tool, digest, place, context);
  const correlation = call ?? id ?? place.key;
  if (id !== undefined) remember(context.state.hooks, { id, correlation, type: hookType, at: place.at });
  act(
    {
      type: 'hook',
      phase: 'start',
      name: hookType ?? 'hook',
      hookType,
      correlation,
      inputSizeBytes: input?.sizeBytes,
      inputDigest: tool !== undefined || input === undefined ? digest : context.digest(input),
    },
    place,
    context,
  );
}

/** The open call of a tool that a hook runs for: the one with its arguments, else the only one. */
function callFor(tool: string, digest: string | undefined, place: Place, context: Context): string | undefined {
  const open = context.state.calls.filter((call) => call.name === tool && call.session === place.session);
  const same = digest === undefined ? undefined : open.findLast((call) => call.digest === digest);
  return (same ?? (open.length === 1 ? open[0] : undefined))?.id;
}

function takeHookEnd(data: Data, place: Place, context: Context): void {
  const { hooks } = context.state;
  const index = hooks.findIndex((hook) => hook.id === data.hookInvocationId);
  const start = index < 0 ? undefined : hooks.splice(index, 1)[0];
  const hookType = data.hookType ?? start?.type;
  act(
    {
      type: 'hook',
      phase: 'complete',
      name: hookType ?? 'hook',
      hookType,
      correlation: start?.correlation ?? data.hookInvocationId,
      success: data.success,
      status: wordOf(data.output?.fields?.permissionDecision ?? data.output?.fields?.decision),
      durationMs: lasted(start?.at, place.at),
      outputSizeBytes: data.output?.sizeBytes,
    },
    place,
    context,
  );
}

function lasted(from: number | undefined, to: number | undefined): number | undefined {
  return from === undefined || to === undefined || to < from ? undefined : to - from;
}

/** Told once more than its tool call, which has ended by then; what the user invoked has none. */
function takeSkill(data: Data, place: Place, context: Context): void {
  const { calls } = context.state;
  const last = calls.findLastIndex((call) => call.name === 'skill' && call.session === place.session);
  const call = last < 0 ? undefined : calls.splice(last, 1)[0]?.id;
  const name = data.name ?? 'skill';
  act(
    { type: 'skill', phase: 'invoked', name, status: wordOf(data.trigger), correlation: call, model: data.model },
    place,
    context,
  );
}

function takeAgentStart(data: Data, place: Place, context: Context): void {
  const session = starterOf(data, context);
  const agentType = data.agentType ?? data.agentName;
  const executionMode = wordOf(data.executionMode);
  tellAgent(agentType, { ...place, session: agentSession(data, place, context) }, context);
  act(
    {
      type: 'subagent',
      phase: 'start',
      name: data.agentName ?? 'subagent',
      agentType,
      executionMode,
      model: data.model,
      correlation: data.toolCallId,
      parent: undefined,
    },
    place,
    context,
    session,
  );
  if (data.toolCallId !== undefined)
    tellTool(
      { ...untold, key: data.toolCallId, at: place.at, type: 'subagent', target: agentType, executionMode },
      undefined,
      place,
      context,
      session,
    );
}

/** Its totals are in the session's own: shown, never added. */
function takeAgentEnd(data: Data, success: boolean, place: Place, context: Context): void {
  const session = starterOf(data, context);
  const agentType = data.agentType ?? data.agentName;
  const totals = {
    durationMs: knownCount(data.durationMs),
    totalTokens: knownCount(data.totalTokens),
    toolCalls: knownCount(data.totalToolCalls),
  };
  act(
    {
      type: 'subagent',
      phase: 'complete',
      name: data.agentName ?? 'subagent',
      agentType,
      model: data.model,
      success,
      correlation: data.toolCallId,
      parent: undefined,
      ...totals,
    },
    place,
    context,
    session,
  );
  if (data.toolCallId === undefined) return;
  const result = {
    ...totals,
    at: place.at,
    isError: !success,
    outputSizeBytes: 0,
    childSession: agentSession(data, place, context),
    childAgentType: agentType,
    resolvedModel: data.model,
    status: success ? 'completed' : 'failed',
  };
  tellTool({ ...untold, key: data.toolCallId, type: 'subagent', result }, undefined, place, context, session);
}

/** The subagent's own. */
function agentSession(data: Data, place: Place, context: Context): string {
  const { session } = context.state;
  return place.agentId === undefined ? childSession(session, data.toolCallId ?? place.key) : place.session;
}

/** The session whose call started a subagent: the conversation, or another subagent of it. */
function starterOf(data: Data, context: Context): string {
  const { calls, session } = context.state;
  return calls.find((call) => call.id === data.toolCallId)?.session ?? session;
}

function takeNotice(type: string, data: Data, place: Place, context: Context): void {
  const notice = (name: string, status: string | undefined, success?: boolean): void =>
    act(
      { type: 'notification', phase: 'emitted', name, status, success, correlation: data.toolCallId },
      place,
      context,
    );
  switch (type) {
    case 'system.notification':
      return notice(wordOf(data.kind?.type) ?? 'notification', wordOf(data.kind?.status));
    case 'session.error':
      if (data.errorType === 'quota' || data.errorType === 'rate_limit')
        context.emit({ kind: 'limit', key: place.key, at: place.at, window: data.errorType, reached: true });
      return notice('error', knownCount(data.statusCode)?.toString() ?? wordOf(data.errorType), false);
    case 'session.warning':
      return notice('warning', wordOf(data.warningType));
    case 'session.task_complete':
      return notice('task_complete', undefined, data.success);
    case 'permission.completed':
      return notice('permission', wordOf(data.result?.fields?.kind));
    case 'abort':
      return notice('abort', undefined);
    default:
      if (!silent.test(type)) context.unknownType();
  }
}

/** A word of the log's own, as opposed to a text that may hold anything. */
function wordOf(text: string | undefined): string | undefined {
  return text !== undefined && /^[\w.-]{1,64}$/.test(text) ? text : undefined;
}

// ---- workspace.yaml -------------------------------------------------------------------------------------------------

/** The few lines beside a session's log: where it works. A line without its end may be half a path. */
function* readWorkspace(file: LogFile): Generator<Batch, void> {
  const bytes = Buffer.alloc(Math.min(file.sizeBytes, 64 * 1024)); // 64 KiB
  readSync(file.fd, bytes, 0, bytes.length, 0);
  const [, session = ''] = file.relativePath.split('/');
  const text = bytes.toString('utf8');
  const lines = text.split('\n').slice(0, -1);
  const valueAt = (key: string): string | undefined => plainScalar(lines.find((line) => line.startsWith(`${key}: `)));
  const cursor = { offset: file.sizeBytes, state: null };
  const facts = {
    cwd: valueAt('git_root') ?? valueAt('cwd'),
    branch: valueAt('branch'),
    at: timeOf(valueAt('created_at')),
  };
  const isEmpty = Object.values(facts).every((value) => value === undefined);
  const events = isEmpty ? [] : [{ kind: 'session', session, ...facts, rank: 'progress' } as const];
  const isMapping = /^\s*($|#|\{\}|[\w-]+(:|$))/.test(text);
  yield { events, skipped: isMapping ? [] : [{ offset: 0, reason: 'invalid' }], records: 1, cursor };
}

/** The value of `key: value`, quoted or not. Anything else of YAML is left alone. */
function plainScalar(line: string | undefined): string | undefined {
  const text = line?.slice(line.indexOf(': ') + 2).trim() ?? '';
  if (text.startsWith("'") && text.endsWith("'") && text.length > 1) return text.slice(1, -1).replaceAll("''", "'");
  if (!text.startsWith('"')) return text === '' || /^[[{&*!|>%@`]|^(null|~)$/.test(text) ? undefined : text;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}

// ---- session-store.db -----------------------------------------------------------------------------------------------

/** Noted down while one reading lasts: what sessions say of themselves, for their calls, and the subagents told of. */
interface StoreNotes {
  readonly sessions: Map<string, { readonly cwd: string | undefined; readonly branch: string | undefined }>;
  readonly agents: Set<string>;
}

const readStore = sqliteRows<StoreNotes>({
  start: () => ({ sessions: new Map(), agents: new Set() }),
  queries: [
    rows({
      table: 'sessions',
      columns: { id: 'id', cwd: 'cwd', branch: 'branch', createdAt: 'created_at' },
      parse({ id, ...row }, context) {
        if (id === undefined) return;
        const facts = { cwd: textOf(row.cwd), branch: textOf(row.branch) };
        context.state.sessions.set(String(id), facts);
        context.emit({
          kind: 'session',
          session: String(id),
          ...facts,
          rank: 'progress',
          at: storeTime(row.createdAt),
        });
      },
    }),
    rows({
      table: 'assistant_usage_events',
      columns: {
        id: 'id',
        session: 'session_id',
        agentId: 'agent_id',
        model: 'model',
        inputTokens: 'input_tokens',
        outputTokens: 'output_tokens',
        cacheReadTokens: 'cache_read_tokens',
        cacheWriteTokens: 'cache_write_tokens',
        reasoningTokens: 'reasoning_tokens',
        nanoAiu: 'total_nano_aiu',
        initiator: 'initiator',
        createdAt: 'created_at',
      },
      changes: 'appended',
      parse(row, context) {
        const { session: id, agentId } = row;
        if (id === undefined || (row.inputTokens === undefined && row.outputTokens === undefined)) return;
        const facts = context.state.sessions.get(String(id));
        const session = agentId === undefined ? String(id) : childSession(String(id), String(agentId));
        const at = storeTime(row.createdAt);
        if (agentId !== undefined && !context.state.agents.has(session)) {
          context.state.agents.add(session);
          context.emit({ kind: 'session', session, parent: String(id), ...facts, rank: 'progress', at });
        }
        const isCompaction = row.initiator === 'compaction';
        const counts = countsOf(
          {
            inputTokens: numberOf(row.inputTokens),
            outputTokens: numberOf(row.outputTokens),
            cacheReadTokens: numberOf(row.cacheReadTokens),
            cacheWriteTokens: numberOf(row.cacheWriteTokens),
            reasoningTokens: numberOf(row.reasoningTokens),
          },
          context,
        );
        context.emit({
          ...counts,
          kind: 'turn',
          // Numbers begin again in a new store; times do not.
          key: `store:${id}:${row.id}:${row.createdAt}`,
          session,
          at,
          model: textOf(row.model) || 'unknown',
          contextTokens: isCompaction ? 0 : counts.contextTokens,
          fast: false,
          costNanoUsd: costOf(numberOf(row.nanoAiu)),
          webSearchRequests: 0,
          sidechain: agentId !== undefined,
          rank: 'own',
          branch: facts?.branch,
          compaction: isCompaction,
          quality: 'measured',
          source: { rank: ranks.store, session: String(id) },
          tools: [],
        });
      },
    }),
  ],
});

/** ISO 8601, or SQLite's own form of UTC. */
function storeTime(value: Value): number | undefined {
  const text = textOf(value);
  return timeOf(text) ?? timeOf(text === undefined ? undefined : `${text.replace(' ', 'T')}Z`);
}

// ---- OpenTelemetry --------------------------------------------------------------------------------------------------

const otelPlan = fields({
  type: 'text',
  traceId: 'text',
  spanId: 'text',
  startTime: sized({}),
  attributes: {
    'gen_ai.operation.name': 'text',
    'gen_ai.conversation.id': 'text',
    'gen_ai.agent.version': 'text',
    'gen_ai.request.model': 'text',
    'gen_ai.response.model': 'text',
    'gen_ai.usage.input_tokens': 'number',
    'gen_ai.usage.output_tokens': 'number',
    'gen_ai.usage.cache_read.input_tokens': 'number',
    'gen_ai.usage.cache_creation.input_tokens': 'number',
    'gen_ai.usage.cache_write.input_tokens': 'number',
    'gen_ai.usage.reasoning.output_tokens': 'number',
    'github.copilot.initiator': 'text',
    'github.copilot.git.branch': 'text',
  },
});

type OtelContext = RecordContext<null>;

const readOtel: LogReader = jsonLines({
  plan: otelPlan,
  start: () => null,
  restore: () => null,
  parse(row: Picked<typeof otelPlan>, context: OtelContext) {
    const { attributes } = row;
    const session = attributes?.['gen_ai.conversation.id'];
    if (row.type !== 'span' || attributes === undefined || session === undefined) {
      if (row.type !== 'span' && row.type !== 'metric') context.unknownType();
      return;
    }
    const at = spanTime(row, context);
    const operation = attributes['gen_ai.operation.name'];
    const version = attributes['gen_ai.agent.version'];
    const branch = attributes['github.copilot.git.branch'];
    if (operation === 'invoke_agent' && (version !== undefined || branch !== undefined))
      return context.emit({ kind: 'session', session, version, branch, rank: 'progress', at });
    // What an agent's span sums up, its chats tell.
    const inputTokens = attributes['gen_ai.usage.input_tokens'];
    const outputTokens = attributes['gen_ai.usage.output_tokens'];
    if (operation !== 'chat' || (inputTokens === undefined && outputTokens === undefined)) return;
    context.emit({
      ...countsOf(
        {
          inputTokens,
          outputTokens,
          cacheReadTokens: attributes['gen_ai.usage.cache_read.input_tokens'],
          cacheWriteTokens:
            attributes['gen_ai.usage.cache_write.input_tokens'] ??
            attributes['gen_ai.usage.cache_creation.input_tokens'],
          reasoningTokens: attributes['gen_ai.usage.reasoning.output_tokens'],
        },
        context,
      ),
      kind: 'turn',
      key:
        row.traceId === undefined || row.spanId === undefined
          ? `otel:${context.file.scope}:${context.offset}`
          : `otel:${row.traceId}:${row.spanId}`,
      session,
      at,
      model: attributes['gen_ai.response.model'] || attributes['gen_ai.request.model'] || 'unknown',
      fast: false,
      webSearchRequests: 0,
      sidechain: attributes['github.copilot.initiator'] === 'sub-agent',
      rank: 'own',
      quality: 'measured',
      source: { rank: ranks.otel, session },
      tools: [],
    });
  },
});

/** Its beginning, `[seconds, nanoseconds]`: a span may end when the session's end is written already. */
function spanTime({ startTime }: Picked<typeof otelPlan>, context: OtelContext): number | undefined {
  const pair = startTime === undefined ? undefined : context.parsed(startTime);
  const [seconds, nanoseconds] = Array.isArray(pair) ? (pair as unknown[]) : [];
  if (typeof seconds !== 'number' || typeof nanoseconds !== 'number') return undefined;
  return Math.floor(seconds * 1000 + nanoseconds / 1e6);
}

// ---- history-session-state ------------------------------------------------------------------------------------------

interface HistoryNotes {
  session: string;
}

const timelinePlan = fields({
  type: 'text',
  id: 'text',
  timestamp: 'text',
  callId: 'text',
  name: 'text',
  arguments: sized({}),
  result: sized({ type: 'text' }),
});

/** Sessions of 2025: what was asked and which tools ran. No token is recorded. */
const readHistory = wholeJson<{ sessionId: 'text'; startTime: 'text' }, HistoryNotes>({
  plan: fields({ sessionId: 'text', startTime: 'text' }),
  start: (file) => ({ session: /session_(.+?)(_\d+)?\.json$/.exec(file.relativePath)?.[1] ?? file.relativePath }),
  parse(document, context) {
    context.state.session = document.sessionId ?? context.state.session;
    const at = timeOf(document.startTime);
    context.emit({ kind: 'session', session: context.state.session, rank: 'own', at });
  },
  lists: [
    elements('timeline', timelinePlan, (entry, context: RecordContext<HistoryNotes>) => {
      const { session } = context.state;
      const at = timeOf(entry.timestamp);
      if (entry.type === 'user' && entry.id !== undefined)
        return context.emit({ kind: 'prompt', key: entry.id, session, at, rank: 'own' });
      const key = entry.callId ?? entry.id;
      if (entry.type !== 'tool_call_completed' || key === undefined) return;
      const result = {
        at,
        isError: entry.result?.fields?.type !== undefined && entry.result.fields.type !== 'success',
        outputSizeBytes: entry.result?.sizeBytes ?? 0,
      };
      context.emit({
        kind: 'tool',
        session,
        sidechain: false,
        call: {
          key,
          at,
          name: entry.name ?? '',
          type: 'tool',
          inputSizeBytes: entry.arguments?.sizeBytes ?? 0,
          inputDigest: entry.arguments === undefined ? undefined : context.digest(entry.arguments),
          result,
        },
      });
    }),
  ],
});
