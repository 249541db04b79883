import { readSync } from 'node:fs';
import { join, posix, win32 } from 'node:path';
import type { CopyRank, TokenUsage, ToolCall, TurnEvent } from '../events.ts';
import { type Batch, defineProvider, type Host, type LogFile, type LogReader } from '../provider.ts';
import { fields, list, type Picked, type PickedList, type PickedShape, sized } from '../readers/fields.ts';
import { jsonLines, type RecordContext } from '../readers/json-lines.ts';
import { countOf, knownCount, nanoUsdOf, timeOf } from '../readers/values.ts';

/**
 * Claude Code's session logs. Formats seen: 1.0.17 to 2.1.222 (July 2025 to November 2026).
 * Everything taken from a record stands in `plan`; nothing else of it is ever looked at.
 */
export default defineProvider({
  title: 'Claude Code',
  parserVersion: 1,
  capabilities: {
    skills: 'exact',
    hooks: 'estimated',
    mcpIdentity: 'exact',
    taskHistory: 'exact',
    interactionTokens: 'estimated',
  },
  capabilityNotes: {
    skills: 'Calls of the Skill tool; one that you start by its command is recorded as what you said.',
    hooks:
      'Those that left something in the log: older versions record fewer, and one without output may leave nothing.',
    taskHistory: 'Calls that start subagents, with their results; the tokens are those of the subagents’ own logs.',
    interactionTokens: 'Exact by response; by tool only from sizes.',
  },
  unrecorded: 'From 2.1.12 to 2.1.42, most of the output tokens: the log holds the count as a response began.',
  roots: (host) => [...new Set([...configRoots(host), ...desktopRoots(host)])],
  accepts: (path) => {
    const name = path.slice(path.lastIndexOf('/') + 1);
    return (name.endsWith('.jsonl') && name !== 'journal.jsonl') || /^agent-.+\.meta\.json$/.test(name);
  },
  keepsDays: cleanupPeriod,
  read: (file, from) => (file.relativePath.endsWith('.meta.json') ? readAgentMeta(file) : readSession(file, from)),
});

// ---- where ----------------------------------------------------------------------------------------------------------

function configRoots(host: Host): readonly string[] {
  const { join, basename } = host.platform === 'win32' ? win32 : posix;
  const configured = (host.env.CLAUDE_CONFIG_DIR ?? '')
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
  const directories =
    configured.length > 0
      ? configured
      : [join(host.env.XDG_CONFIG_HOME || join(host.home, '.config'), 'claude'), join(host.home, '.claude')];
  return directories.map((item) => {
    const directory =
      item === '~' || item.startsWith('~/') || item.startsWith('~\\') ? join(host.home, item.slice(1)) : item;
    return basename(directory) === 'projects' ? directory : join(directory, 'projects');
  });
}

/** The desktop app gives every agent session a configuration of its own, some folders below one of these. */
function desktopRoots(host: Host): readonly string[] {
  const application =
    {
      darwin: join(host.home, 'Library', 'Application Support', 'Claude'),
      win32: join(host.env.APPDATA ?? join(host.home, 'AppData', 'Roaming'), 'Claude'),
    }[host.platform as string] ?? join(host.env.XDG_CONFIG_HOME || join(host.home, '.config'), 'Claude');
  return localSessions(host, join(application, 'local-agent-mode-sessions'), 3);
}

function localSessions(host: Host, directory: string, depth: number): readonly string[] {
  return host.list(directory).flatMap((name) => {
    const path = join(directory, name);
    if (name.startsWith('local_')) return [join(path, '.claude', 'projects')];
    return depth > 0 ? localSessions(host, path, depth - 1) : [];
  });
}

/** It deletes sessions that were not written to for so long: 30 days unless `cleanupPeriodDays` of its settings says otherwise. */
function cleanupPeriod(root: string, host: Host): number {
  const { join, dirname } = host.platform === 'win32' ? win32 : posix;
  try {
    const settings: unknown = JSON.parse(host.read(join(dirname(root), 'settings.json')) ?? '{}');
    const days =
      typeof settings === 'object' && settings !== null && 'cleanupPeriodDays' in settings
        ? settings.cleanupPeriodDays
        : undefined;
    return typeof days === 'number' && days >= 0 && days <= 1e6 ? days : 30;
  } catch {
    return 30; // it does not read such a file either
  }
}

// ---- what is taken --------------------------------------------------------------------------------------------------

const tokenFields = {
  input_tokens: 'number',
  cache_read_input_tokens: 'number',
  cache_creation_input_tokens: 'number',
  cache_creation: { ephemeral_5m_input_tokens: 'number', ephemeral_1h_input_tokens: 'number' },
  output_tokens: 'number',
  output_tokens_details: { thinking_tokens: 'number', reasoning_tokens: 'number' },
} as const;

const usageFields = {
  ...tokenFields,
  service_tier: 'text',
  speed: 'text',
  server_tool_use: { web_search_requests: 'number' },
  iterations: list({ type: 'text', model: 'text', ...tokenFields }),
} as const;

/** `text` only by size: content never becomes text of ours, but for the reset time of a limit notice (`peek`). */
const blockFields = {
  type: 'text',
  id: 'text',
  name: 'text',
  text: sized({}),
  input: sized({ subagent_type: 'text', skill: 'text' }),
  tool_use_id: 'text',
  is_error: 'flag',
  content: sized({}),
} as const;

const messageFields = {
  id: 'text',
  model: 'text',
  role: 'text',
  usage: usageFields,
  content: list(blockFields),
} as const;

const plan = fields({
  type: 'text',
  subtype: 'text',
  timestamp: 'text',
  uuid: 'text',
  sessionId: 'text',
  cwd: 'text',
  gitBranch: 'text',
  version: 'text',
  isSidechain: 'flag',
  agentId: 'text',
  attributionAgent: 'text',
  requestId: 'text',
  isMeta: 'flag',
  isCompactSummary: 'flag',
  isApiErrorMessage: 'flag',
  error: sized({ status: 'number' }),
  costUSD: 'number',
  durationMs: 'number',
  message: messageFields,
  toolUseResult: sized({
    agentId: 'text',
    agentType: 'text',
    resolvedModel: 'text',
    status: 'text',
    totalDurationMs: 'number',
    totalToolUseCount: 'number',
  }),
  compactMetadata: {
    trigger: 'text',
    preTokens: 'number',
    postTokens: 'number',
    pre_tokens: 'number',
    post_tokens: 'number',
  },
  microcompactMetadata: { trigger: 'text', preTokens: 'number', tokensSaved: 'number' },
  hookCount: 'number',
  hookInfos: list({ durationMs: 'number' }),
  preventedContinuation: 'flag',
  prNumber: 'number',
  attachment: {
    type: 'text',
    hookEvent: 'text',
    hookName: 'text',
    exitCode: 'number',
    durationMs: 'number',
    skillCount: 'number',
  },
  data: {
    type: 'text',
    agentId: 'text',
    hookEvent: 'text',
    hookName: 'text',
    message: { type: 'text', timestamp: 'text', uuid: 'text', requestId: 'text', message: messageFields },
  },
});

type Row = Picked<typeof plan>;
type Message = PickedShape<typeof messageFields>;
type Usage = PickedShape<typeof usageFields>;
type Tokens = PickedShape<typeof tokenFields>;
type Block = PickedShape<typeof blockFields>;

/** What must be remembered of a file between two readings. Ids, names and times only. */
interface Notes {
  session: string;
  parent: string | undefined;
  agentId: string | undefined;
  projectHint: string | undefined;
  hasFacts: boolean;
  hasCwd: boolean;
  branch: string | undefined;
  version: string | undefined;
  model: string | undefined;
  /** Per chain (`` main, `~` inline side conversations, else `@` and an agent's id) the last `user` row: parts gateway ids. */
  lastUser: Record<string, string>;
  /** Prompts nothing has answered yet. */
  prompts: { key: string; at: number | undefined; branch: string | undefined }[];
  /** Tool calls without a result yet, the newest last: the turn that asked, and for a subagent its type. */
  calls: OpenCall[];
}

interface OpenCall {
  readonly id: string;
  readonly turn: string;
  readonly agentType: string | undefined;
}

type Context = RecordContext<Notes>;

const readSession: LogReader = jsonLines({ plan, start: startNotes, restore: restoreNotes, parse });

function startNotes(file: LogFile): Notes {
  const parts = file.relativePath.split('/');
  const stem = (parts.at(-1) ?? '').replace(/\.jsonl$/, '');
  const below = parts.indexOf('subagents');
  const agentId = stem.startsWith('agent-') ? stem.slice('agent-'.length) : undefined;
  const parent = agentId !== undefined && below > 0 ? parts[below - 1] : undefined;
  return {
    session: parent === undefined ? stem : childSession(parent, agentId ?? stem),
    parent,
    agentId,
    projectHint: parts.length > 1 ? parts[0] : undefined,
    hasFacts: false,
    hasCwd: false,
    branch: undefined,
    version: undefined,
    model: undefined,
    lastUser: {},
    prompts: [],
    calls: [],
  };
}

function restoreNotes(kept: unknown): Notes | undefined {
  const notes = kept as Notes | null; // our own JSON, from our own table
  return typeof notes === 'object' && notes !== null && typeof notes.session === 'string' ? notes : undefined;
}

function childSession(parent: string, agentId: string): string {
  return `${parent}-agent-${agentId}`;
}

// ---- records --------------------------------------------------------------------------------------------------------

/** Types that hold nothing we take. Whatever is in neither list is counted as unknown. */
const silent = new Set([
  'summary',
  'ai-title',
  'custom-title',
  'agent-name',
  'last-prompt',
  'file-history-snapshot',
  'mode',
  'permission-mode',
  'queue-operation',
  'bridge-session',
  'worktree-state',
  'started',
  'result',
  'relocated',
  'frame-link',
]);

function parse(row: Row, context: Context): void {
  learnSession(row, context);
  switch (row.type) {
    case 'assistant':
      return takeAssistant(row, context);
    case 'user':
      return takeUser(row, context);
    case 'progress':
      return takeProgress(row, context);
    case 'system':
      return takeSystem(row, context);
    case 'attachment':
      return takeAttachment(row, context);
    case 'pr-link':
      return context.emit({
        kind: 'activity',
        // It has no id of its own; its copies in a fork keep time and number.
        key:
          row.timestamp === undefined
            ? `${context.file.scope}:${context.offset}`
            : `pr:${row.timestamp}:${row.prNumber}`,
        session: context.state.session,
        at: timeOf(row.timestamp),
        type: 'pr',
        phase: 'emitted',
        name: 'pull_request',
        count: row.prNumber,
      });
    default:
      if (row.type === undefined || !silent.has(row.type)) context.unknownType();
  }
}

/** Says who the session is when that is new: at the first row, and when folder, branch or version change. */
function learnSession(row: Row, context: Context): void {
  const notes = context.state;
  if (notes.agentId !== undefined && notes.parent === undefined && row.sessionId !== undefined && !notes.hasFacts) {
    // Flat layout: the row names the parent.
    notes.parent = row.sessionId;
    notes.session = childSession(row.sessionId, notes.agentId);
  }
  const branch = row.gitBranch || undefined;
  const billed = row.type === 'assistant' || row.type === 'user';
  if (!billed && row.cwd === undefined) return; // a file of titles and snapshots alone is no session
  const news =
    !notes.hasFacts ||
    (row.cwd !== undefined && !notes.hasCwd) ||
    (branch !== undefined && branch !== notes.branch) ||
    (row.version !== undefined && row.version !== notes.version);
  if (!news) return;
  context.emit({
    kind: 'session',
    session: notes.session,
    parent: notes.parent,
    cwd: notes.hasCwd ? undefined : row.cwd,
    projectHint: notes.hasFacts || row.cwd !== undefined ? undefined : notes.projectHint,
    branch,
    version: row.version,
    agentType: notes.agentId?.startsWith('acompact') ? 'compact' : row.attributionAgent,
    rank: 'own',
    at: timeOf(row.timestamp),
  });
  notes.hasFacts = true;
  notes.hasCwd ||= row.cwd !== undefined;
  notes.branch = branch ?? notes.branch;
  notes.version = row.version ?? notes.version;
}

function takeAssistant(row: Row, context: Context): void {
  const { message } = row;
  if (message === undefined) return;
  if (row.isApiErrorMessage === true) return takeApiError(row, message, context);
  const notes = context.state;
  const sidechain = row.isSidechain === true || notes.agentId !== undefined;
  const inlineAgent = notes.agentId === undefined && row.isSidechain === true ? row.agentId : undefined;
  const session = inlineAgent === undefined ? notes.session : inlineChild(inlineAgent, row, context);
  const turn = takeMessage(message, context, {
    session,
    sidechain,
    rank: 'own',
    at: timeOf(row.timestamp),
    requestId: row.requestId,
    uuid: row.uuid,
    chain: chainOf(row, notes),
    branch: row.gitBranch || undefined,
    costUsd: row.costUSD,
  });
  if (turn !== undefined && !sidechain) answerPrompts(turn.model, context);
}

/** A subagent whose rows stand inside the session's own file. */
function inlineChild(agentId: string, row: Row, context: Context): string {
  const session = childSession(context.state.session, agentId);
  context.emit({
    kind: 'session',
    session,
    parent: context.state.session,
    cwd: row.cwd,
    branch: row.gitBranch || undefined,
    version: row.version,
    agentType: row.attributionAgent,
    rank: 'progress',
    at: timeOf(row.timestamp),
  });
  return session;
}

function chainOf(row: Row, notes: Notes): string {
  if (notes.agentId !== undefined || row.isSidechain !== true) return '';
  return agentChain(row.agentId);
}

/** The sign in front keeps a hostile id from naming a member every object has. */
function agentChain(agentId: string | undefined): string {
  return agentId === undefined ? '~' : `@${agentId}`;
}

interface Place {
  readonly session: string;
  readonly sidechain: boolean;
  readonly rank: CopyRank;
  readonly at: number | undefined;
  readonly requestId: string | undefined;
  readonly uuid: string | undefined;
  readonly chain: string;
  readonly branch: string | undefined;
  readonly costUsd: number | undefined;
}

/** A response and its tool calls. Nothing for the client's own placeholder texts, which bill nothing. */
function takeMessage(message: Message, context: Context, place: Place): TurnEvent | undefined {
  const { usage } = message;
  if (usage === undefined || message.model === '<synthetic>') return undefined;
  const key = turnKey(message, context, place);
  const badBefore = context.badCounts;
  const total = tokensOf(usage, context);
  const last = lastRequest(usage, context) ?? total;
  const suspect = context.badCounts > badBefore;
  const turn: TurnEvent = {
    kind: 'turn',
    key,
    session: place.session,
    at: place.at,
    model: message.model || 'unknown',
    usage: total,
    fast: usage.speed === 'fast',
    serviceTier: usage.service_tier,
    costNanoUsd: nanoUsdOf(place.costUsd),
    webSearchRequests: countOf(usage.server_tool_use?.web_search_requests, context),
    promptTokens: promptOf(last),
    contextTokens: promptOf(last) + last.outputTokens,
    sidechain: place.sidechain,
    rank: place.rank,
    branch: place.branch,
    compaction: context.state.agentId?.startsWith('acompact'),
    suspect,
    quality: 'measured',
    tools: toolCalls(message.content, key, place, context),
  };
  context.emitTurn(turn);
  if (usage.iterations !== undefined) emitAdvisors(usage.iterations, turn, context);
  return turn;
}

/** A response may be made of several requests; its context is the last one's. Undefined when there was but one. */
function lastRequest(usage: Usage, context: Context): TokenUsage | undefined {
  if (usage.iterations === undefined) return undefined;
  const requests = usage.iterations.items.filter((item) => item.type === 'message');
  return requests.length > 1 ? tokensOf(requests.at(-1) as Tokens, context) : undefined;
}

/** Advisor requests are billed beside the total, under their own model. */
function emitAdvisors(iterations: NonNullable<Usage['iterations']>, turn: TurnEvent, context: Context): void {
  const advisors = iterations.items.filter((item) => item.type === 'advisor_message');
  advisors.forEach((item, index) => {
    const used = tokensOf(item, context);
    context.emit({
      ...turn,
      tools: [],
      key: `${turn.key}#advisor${index}`,
      model: item.model ?? turn.model,
      usage: used,
      fast: false,
      costNanoUsd: undefined,
      webSearchRequests: 0,
      promptTokens: promptOf(used),
      contextTokens: 0, // not a step of the conversation: the fill stays the main answer's
    });
  });
}

/**
 * The API's own id where there is one, the same in every copy. Ids of gateways repeat, in the worst case in every
 * response, so they hold only within a session and until the user's next row.
 */
function turnKey(message: Message, context: Context, place: Place): string {
  if (message.id?.startsWith('msg_')) return message.id;
  if (message.id) return `${place.session}\0${message.id}\0${context.state.lastUser[place.chain] ?? ''}`;
  if (place.requestId) return `request\0${place.requestId}`;
  return place.uuid ? `row\0${place.uuid}` : `at\0${context.file.scope}:${context.offset}`;
}

const noTools: readonly ToolCall[] = [];

function toolCalls(
  content: PickedList<typeof blockFields> | undefined,
  turn: string,
  place: Place,
  context: Context,
): readonly ToolCall[] {
  let calls = noTools;
  content?.items.forEach((block, index) => {
    if (block.type !== 'tool_use' && block.type !== 'server_tool_use') return;
    const name = block.name ?? 'unknown';
    const [, mcpServer, mcpTool] = name.startsWith('mcp__')
      ? (/^mcp__(.+?)__(.+)$/s.exec(name.slice(0, 512)) ?? [])
      : [];
    const input = block.input;
    const target = input?.fields?.subagent_type ?? input?.fields?.skill;
    const isAgent = name === 'Task' || name === 'Agent' || name === 'Workflow';
    const call: ToolCall = {
      key: block.id ?? `${turn}\0${place.uuid ?? ''}\0${index}`,
      at: place.at,
      name,
      mcpServer,
      mcpTool,
      target: isAgent || name === 'Skill' ? target : undefined,
      type: isAgent
        ? 'subagent'
        : name === 'Skill'
          ? 'skill'
          : mcpServer !== undefined
            ? 'mcp'
            : block.type === 'server_tool_use'
              ? 'server_tool'
              : 'tool',
      inputSizeBytes: input?.sizeBytes ?? 0,
      inputDigest: input === undefined ? undefined : context.digest(input),
      result: undefined,
    };
    calls = calls.length === 0 ? [call] : [...calls, call];
    if (block.id !== undefined)
      rememberCall(context.state, { id: block.id, turn, agentType: isAgent ? target : undefined });
  });
  return calls;
}

/** Chains kept of a file; beyond, the one that began first is forgotten, but never the main one. */
const mostChains = 256;

function rememberUser(notes: Notes, chain: string, uuid: string): void {
  if (notes.lastUser[chain] === undefined) {
    const chains = Object.keys(notes.lastUser);
    const oldest = chains.length < mostChains ? undefined : chains.find((name) => name !== '');
    if (oldest !== undefined) delete notes.lastUser[oldest];
  }
  notes.lastUser[chain] = uuid;
}

/** Calls that never answer must not pile up. */
const mostOpenCalls = 64;

function rememberCall(notes: Notes, call: OpenCall): void {
  if (notes.calls.length >= mostOpenCalls) notes.calls.shift();
  notes.calls.push(call);
}

/** The open call of this id, which is thereby answered. */
function answerCall(notes: Notes, id: string): OpenCall | undefined {
  const { calls } = notes;
  let index = calls.length - 1;
  while (index >= 0 && calls[index]?.id !== id) index--;
  if (index === calls.length - 1) return calls.pop(); // as it nearly always is
  return index < 0 ? undefined : calls.splice(index, 1)[0];
}

function takeUser(row: Row, context: Context): void {
  const notes = context.state;
  if (row.uuid !== undefined) rememberUser(notes, chainOf(row, notes), row.uuid);
  const blocks = row.message?.content?.items ?? [];
  let results = 0;
  for (const block of blocks) if (block.type === 'tool_result') results++;
  for (const block of blocks) if (block.type === 'tool_result') takeToolResult(block, row, results === 1, context);
  const speaks = row.message?.content?.isText === true || blocks.length > results;
  const mainChain = row.isSidechain !== true && notes.agentId === undefined;
  if (!speaks || !mainChain || row.isMeta === true || row.isCompactSummary === true) return;
  const prompt = {
    key: row.uuid ?? `${context.file.scope}:${context.offset}`,
    at: timeOf(row.timestamp),
    branch: row.gitBranch || undefined,
  };
  context.emit({ kind: 'prompt', session: notes.session, model: notes.model, rank: 'own', ...prompt });
  if (notes.prompts.length < 16) notes.prompts.push(prompt);
}

/** Now the model that answered is known: say the waiting prompts again with it. */
function answerPrompts(model: string, context: Context): void {
  const notes = context.state;
  if (notes.model !== model) {
    notes.model = model;
    notes.prompts
      .splice(0)
      .forEach((prompt) => context.emit({ kind: 'prompt', session: notes.session, model, rank: 'own', ...prompt }));
  }
  notes.prompts.length = 0;
}

function takeToolResult(block: Block, row: Row, alone: boolean, context: Context): void {
  const notes = context.state;
  const call = block.tool_use_id === undefined ? undefined : answerCall(notes, block.tool_use_id);
  if (block.tool_use_id === undefined || call === undefined) return;
  const result = alone ? row.toolUseResult?.fields : undefined;
  const agentType = result?.agentType ?? call.agentType;
  const child = result?.agentId === undefined ? undefined : childSession(notes.parent ?? notes.session, result.agentId);
  const answer = {
    at: timeOf(row.timestamp),
    isError: block.is_error === true,
    outputSizeBytes: block.content?.sizeBytes ?? 0,
    durationMs: knownCount(result?.totalDurationMs),
    childSession: child,
    childAgentType: child === undefined ? undefined : agentType,
    resolvedModel: result?.resolvedModel,
    status: child === undefined ? undefined : result?.status,
    toolCalls: knownCount(result?.totalToolUseCount),
  };
  if (!context.answer(block.tool_use_id, answer))
    context.emit({
      kind: 'tool_result',
      key: block.tool_use_id,
      turn: call.turn,
      session: notes.session,
      result: answer,
    });
  if (child !== undefined && agentType !== undefined)
    context.emit({
      kind: 'session',
      session: child,
      parent: notes.parent ?? notes.session,
      agentType,
      rank: 'progress',
    });
}

function takeProgress(row: Row, context: Context): void {
  const { data } = row;
  if (data?.type === 'hook_progress') {
    return context.emit({
      kind: 'activity',
      key: rowKeyOf(row, context),
      session: context.state.session,
      at: timeOf(row.timestamp),
      type: 'hook',
      phase: 'start',
      name: data.hookName ?? data.hookEvent ?? 'hook',
      hookType: data.hookEvent,
    });
  }
  const inner = data?.type === 'agent_progress' ? data.message : undefined;
  if (inner?.type === 'user' && inner.uuid !== undefined)
    rememberUser(context.state, agentChain(data?.agentId), inner.uuid);
  if (inner?.type !== 'assistant' || inner.message === undefined) return;
  const parent = context.state.parent ?? context.state.session;
  const session = data?.agentId === undefined ? parent : childSession(parent, data.agentId);
  const at = timeOf(inner.timestamp) ?? timeOf(row.timestamp);
  if (session !== parent)
    context.emit({
      kind: 'session',
      session,
      parent,
      cwd: row.cwd,
      branch: row.gitBranch || undefined,
      version: row.version,
      rank: 'progress',
      at,
    });
  takeMessage(inner.message, context, {
    session,
    sidechain: true,
    rank: 'progress',
    at,
    requestId: inner.requestId,
    uuid: inner.uuid,
    chain: agentChain(data?.agentId),
    branch: row.gitBranch || undefined,
    costUsd: undefined,
  });
}

function takeSystem(row: Row, context: Context): void {
  const common = { key: rowKeyOf(row, context), session: context.state.session, at: timeOf(row.timestamp) } as const;
  const meta = row.compactMetadata;
  switch (row.subtype) {
    case 'compact_boundary':
      return context.emit({
        kind: 'compaction',
        ...common,
        trigger: meta?.trigger,
        preTokens: knownCount(meta?.preTokens ?? meta?.pre_tokens),
        postTokens: knownCount(meta?.postTokens ?? meta?.post_tokens),
        micro: false,
      });
    case 'microcompact_boundary':
      return context.emit({
        kind: 'compaction',
        ...common,
        trigger: row.microcompactMetadata?.trigger,
        preTokens: knownCount(row.microcompactMetadata?.preTokens),
        micro: true,
      });
    case 'stop_hook_summary': {
      const durationMs = (row.hookInfos?.items ?? []).reduce(
        (sum, hook) => sum + (knownCount(hook.durationMs) ?? 0),
        0,
      );
      return context.emit({
        kind: 'activity',
        ...common,
        type: 'hook',
        phase: 'complete',
        name: 'Stop',
        hookType: 'Stop',
        count: knownCount(row.hookCount),
        durationMs: durationMs || undefined,
        success: row.preventedContinuation !== true,
      });
    }
    case 'api_error':
      return context.emit({
        kind: 'activity',
        ...common,
        type: 'retry',
        phase: 'single',
        name: 'api_error',
        status: knownCount(row.error?.fields?.status)?.toString(),
        success: false,
      });
    case 'turn_duration':
    case 'informational':
    case 'away_summary':
    case 'local_command':
    case 'bridge_status':
      return;
    default:
      return context.unknownType();
  }
}

function takeAttachment(row: Row, context: Context): void {
  const { attachment } = row;
  const common = {
    kind: 'activity',
    key: rowKeyOf(row, context),
    session: context.state.session,
    at: timeOf(row.timestamp),
  } as const;
  if (attachment?.type?.startsWith('hook_')) {
    const exitCode = attachment.exitCode;
    return context.emit({
      ...common,
      type: 'hook',
      phase: 'complete',
      name: attachment.hookName ?? attachment.hookEvent ?? 'hook',
      hookType: attachment.hookEvent,
      status: attachment.type,
      success: exitCode === undefined ? undefined : exitCode === 0,
      durationMs: knownCount(attachment.durationMs),
    });
  }
  if (attachment?.type === 'skill_listing')
    return context.emit({
      ...common,
      type: 'skill',
      phase: 'emitted',
      name: 'skill_listing',
      count: knownCount(attachment.skillCount),
    });
  if (attachment?.type === 'plan_mode')
    return context.emit({ ...common, type: 'plan', phase: 'start', name: 'plan_mode' });
  if (attachment?.type === 'plan_mode_exit')
    return context.emit({ ...common, type: 'plan', phase: 'complete', name: 'plan_mode' });
}

// ---- limits ---------------------------------------------------------------------------------------------------------

/** A refused request. When it was a usage limit, the notice tells when it ends; that time is all that is taken of it. */
function takeApiError(row: Row, message: Message, context: Context): void {
  const notice =
    message.content?.items.map((block) => (block.text === undefined ? '' : context.peek(block.text))).join(' ') ?? '';
  const code = row.error === undefined ? '' : context.peek(row.error);
  if (code !== 'rate_limit' && !/usage limit reached|(5-hour|weekly|session) limit|hit your limit/i.test(notice))
    return;
  const at = timeOf(row.timestamp);
  context.emit({
    kind: 'limit',
    key: rowKeyOf(row, context),
    session: context.state.session,
    at,
    window: /weekly/i.test(notice)
      ? 'weekly'
      : /5-hour|session limit|usage limit reached/i.test(notice)
        ? 'five_hour'
        : 'unknown',
    windowMinutes: /weekly/i.test(notice)
      ? 10_080
      : /5-hour|session limit|usage limit reached/i.test(notice)
        ? 300
        : undefined,
    resetsAt: at === undefined ? undefined : resetTime(notice, at),
    reached: true,
  });
}

/** "…|1760000000", or "resets 2am", "resets 4:30pm (Europe/Berlin)": the next such moment after `at`. */
function resetTime(notice: string, at: number): number | undefined {
  const seconds = /\|(\d{10})\b/.exec(notice)?.[1];
  if (seconds !== undefined) return Number(seconds) * 1000;
  const [, hour12, minute = '00', half, zone] =
    /resets (?:at )?(\d{1,2})(?::(\d{2}))? ?([ap])m(?: \(([A-Za-z_+\-/0-9]{1,40})\))?/i.exec(notice) ?? [];
  if (hour12 === undefined || half === undefined) return undefined;
  const wanted = `${String((Number(hour12) % 12) + (half.toLowerCase() === 'p' ? 12 : 0)).padStart(2, '0')}:${minute}`;
  try {
    const clock = new Intl.DateTimeFormat('en-GB', {
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
      timeZone: zone,
    });
    const step = 60_000;
    const first = Math.ceil(at / step) * step;
    for (let time = first; time < first + 24 * 60 * step; time += step) if (clock.format(time) === wanted) return time;
  } catch {
    // a zone this machine does not know: no reset time rather than a wrong one
  }
  return undefined;
}

// ---- values ---------------------------------------------------------------------------------------------------------

function tokensOf(part: Tokens, context: Context): TokenUsage {
  const write = countOf(part.cache_creation_input_tokens, context);
  const write1h = countOf(part.cache_creation?.ephemeral_1h_input_tokens, context);
  const write5m = countOf(part.cache_creation?.ephemeral_5m_input_tokens, context);
  const details = part.output_tokens_details;
  const reasoning = details?.thinking_tokens ?? details?.reasoning_tokens;
  const output = countOf(part.output_tokens, context);
  if (reasoning !== undefined && reasoning > output) context.bad();
  return {
    uncachedInputTokens: countOf(part.input_tokens, context),
    cacheReadInputTokens: countOf(part.cache_read_input_tokens, context),
    // What the split leaves uncovered was written for five minutes.
    cacheCreation5mInputTokens: Math.max(write5m, write - write1h),
    cacheCreation1hInputTokens: write1h,
    outputTokens: output,
    reasoningOutputTokens: reasoning === undefined ? undefined : Math.min(output, countOf(reasoning, context)),
  };
}

function promptOf(usage: TokenUsage): number {
  return (
    usage.uncachedInputTokens +
    usage.cacheReadInputTokens +
    usage.cacheCreation5mInputTokens +
    usage.cacheCreation1hInputTokens
  );
}

function rowKeyOf(row: Row, context: Context): string {
  return row.uuid ?? `${context.file.scope}:${context.offset}`;
}

// ---- agent-<id>.meta.json -------------------------------------------------------------------------------------------

/** The small file beside a subagent's log; it says what kind of agent it is. */
function* readAgentMeta(file: LogFile): Generator<Batch, void> {
  const cursor = { offset: file.sizeBytes, state: null };
  const bytes = Buffer.alloc(Math.min(file.sizeBytes, 64 * 1024));
  readSync(file.fd, bytes, 0, bytes.length, 0);
  const notes = startNotes(file);
  try {
    const meta: unknown = JSON.parse(bytes.toString('utf8'));
    const agentType =
      typeof meta === 'object' && meta !== null && 'agentType' in meta && typeof meta.agentType === 'string'
        ? meta.agentType
        : undefined;
    const agentId = notes.agentId?.replace(/\.meta\.json$/, '');
    if (agentType === undefined || notes.parent === undefined || agentId === undefined)
      return yield { events: [], skipped: [], records: 1, cursor };
    const event = {
      kind: 'session',
      session: childSession(notes.parent, agentId),
      parent: notes.parent,
      agentType,
      rank: 'progress',
    } as const;
    yield { events: [event], skipped: [], records: 1, cursor };
  } catch {
    yield { events: [], skipped: [{ offset: 0, reason: 'invalid' }], records: 1, cursor };
  }
}
