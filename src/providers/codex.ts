import type {
  ActivityEvent,
  CompactionEvent,
  LimitEvent,
  PromptEvent,
  ToolCall,
  ToolResult,
  TurnEvent,
} from '../events.ts';
import { absolutePath, defineProvider, type Host, type LogFile, type LogReader, pathsOf } from '../provider.ts';
import { fields, type Picked, type PickedShape, sized } from '../readers/fields.ts';
import { jsonLines, type RecordContext } from '../readers/json-lines.ts';
import { countOf, knownCount, timeOf } from '../readers/values.ts';

/**
 * Codex CLI's rollouts, plain or compressed. Formats seen: bare records of August 2025, 0.36 to 0.153 (September 2026).
 * Everything taken from a record stands in `plan`; nothing else of it is ever looked at.
 */
export default defineProvider({
  title: 'Codex',
  parserVersion: 1,
  capabilities: {
    skills: 'unsupported',
    hooks: 'unsupported',
    mcpIdentity: 'exact',
    taskHistory: 'estimated',
    interactionTokens: 'estimated',
  },
  capabilityNotes: {
    taskHistory: 'From the calls that start subagents; how a task ended is not recorded.',
    interactionTokens: 'Exact by response; by tool only from sizes.',
  },
  unrecorded:
    'Tokens of sessions before September 2025, mostly those of compactions, and whatever exec --ephemeral does.',
  roots,
  accepts: (path) => path.endsWith('.jsonl') || path.endsWith('.jsonl.zst'),
  read: (file, from) => readRollout(file, from),
});

// ---- where ----------------------------------------------------------------------------------------------------------

const folders = ['sessions', 'archived_sessions'];

/** Codex itself takes one directory; other tools take several, parted by commas. */
function roots(host: Host): readonly string[] {
  const { basename, join } = pathsOf(host);
  const configured = (host.env.CODEX_HOME || host.env.CODEX_CONFIG_DIR || '').split(',');
  const homes = configured.flatMap((item) => absolutePath(host, item) ?? []);
  if (homes.length === 0) homes.push(join(host.home, '.codex'));
  return homes.flatMap((home) =>
    folders.includes(basename(home)) ? [home] : folders.map((folder) => join(home, folder)),
  );
}

// ---- what is taken --------------------------------------------------------------------------------------------------

const countFields = {
  input_tokens: 'number',
  cached_input_tokens: 'number',
  cache_write_input_tokens: 'number',
  output_tokens: 'number',
  reasoning_output_tokens: 'number',
  total_tokens: 'number',
} as const;

const windowFields = {
  used_percent: 'number',
  window_minutes: 'number',
  resets_at: 'number',
  resets_in_seconds: 'number',
} as const;

const settingFields = {
  model: 'text',
  service_tier: 'text',
  approval_policy: 'text',
  sandbox_policy: { type: 'text' },
  collaboration_mode: { mode: 'text' },
} as const;

const metaFields = {
  id: 'text',
  session_id: 'text',
  timestamp: 'text',
  cwd: 'text',
  cli_version: 'text',
  forked_from_id: 'text',
  parent_thread_id: 'text',
  thread_source: 'text',
  agent_role: 'text',
  git: { branch: 'text' },
  source: sized({
    subagent: sized({ other: 'text', thread_spawn: { parent_thread_id: 'text', agent_role: 'text' } }),
  }),
} as const;

/** Arguments, outputs and results only by size: content never becomes text of ours. */
const callFields = {
  role: 'text',
  name: 'text',
  namespace: 'text',
  call_id: 'text',
  execution: 'text',
  arguments: sized({}),
  input: sized({}),
  action: sized({ type: 'text' }),
  output: sized({}),
  exit_code: 'number',
  success: 'flag',
  duration: { secs: 'number', nanos: 'number' },
  invocation: { server: 'text', tool: 'text', arguments: sized({}) },
  result: sized({ Ok: { isError: 'flag' }, Err: sized({}) }),
  new_thread_id: 'text',
  new_agent_role: 'text',
  agent_thread_id: 'text',
  event_id: 'text',
  kind: 'text',
} as const;

const plan = fields({
  type: 'text',
  timestamp: 'text',
  // of records without an envelope
  id: 'text',
  record_type: 'text',
  git: { branch: 'text' },
  payload: {
    type: 'text',
    ...metaFields,
    ...settingFields,
    thread_settings: settingFields,
    turn_id: 'text',
    model_context_window: 'number',
    collaboration_mode_kind: 'text',
    reason: 'text',
    item: { type: 'text' },
    info: { total_token_usage: countFields, last_token_usage: countFields, model_context_window: 'number' },
    rate_limits: {
      limit_id: 'text',
      plan_type: 'text',
      rate_limit_reached_type: 'text',
      primary: windowFields,
      secondary: windowFields,
    },
    thread_id: 'text',
    response_id: 'text',
    usage: countFields,
    thread_token_usage: countFields,
    ...callFields,
  },
});

type Row = Picked<typeof plan>;
type Payload = NonNullable<Row['payload']>;
type Settings = PickedShape<typeof settingFields>;
type Counts = PickedShape<typeof countFields>;

/** Input, cached input, cache writes, output, reasoning, as Codex counts them: the middle two within the first, the last within the fourth. */
type Counters = readonly [number, number, number, number, number];

/** What must be remembered of a file between two readings. Ids, names, numbers and times only. */
interface Notes {
  /** The thread: what others call a conversation. */
  thread: string;
  /** Its first record was read. */
  isKnown: boolean;
  isSubagent: boolean;
  parent?: string | undefined;
  fork?: Fork | undefined;
  branch?: string | undefined;
  version?: string | undefined;
  window?: number | undefined;
  model?: string | undefined;
  tier?: string | undefined;
  modes: { collaboration?: string | undefined; approval?: string | undefined; sandbox?: string | undefined };
  /** Id of the turn in Codex's sense: a prompt and all it causes. */
  turn?: string | undefined;
  /** The last `total_token_usage`, and how often one of its counters went down. */
  total?: Counters | undefined;
  epoch: number;
  /** Records of each kind since the counters last moved; with them they make keys that copies share. */
  since: { lasts: number; prompts: number; compactions: number; changes: number };
  hasUsage: boolean;
  /** Responses are told by `token_usage_record`: the sums of `token_count` are the same ones again. */
  hasRecords: boolean;
  /** Tokens in the context as last told. */
  context?: number | undefined;
  compaction?: Compaction | undefined;
  promptKind?: string | undefined;
  /** Prompts no response was seen for, and the model of the last response told. */
  prompts: PromptEvent[];
  answeredBy?: string | undefined;
  /** Whether calls are logged before the usage of the response that made them (since late 2025), or after. */
  order?: 'before' | 'after' | undefined;
  /** No response of this turn was seen yet. */
  isFresh: boolean;
  /** Parts of an answer since the last usage. */
  answerItems: number;
  lastTurn?: TurnEvent | undefined;
  calls: Call[];
  limits: SeenLimit[];
}

/**
 * A thread that begins with its ancestors' history. `open`: it is not known whether a record is a copy; likeness must
 * tell. `copied`: it is one. `own`: no more copies come.
 */
interface Fork {
  part: 'open' | 'copied' | 'own';
  /** Undefined: the thread's id has no time in it. */
  readonly startedAt: number | undefined;
  /** Threads whose first records were copied here, the nearest first. */
  ancestors: string[];
  depth: number;
  /** The oldest ancestor known; keys of what may be its own begin with it. */
  origin: string;
  hasTold: boolean;
}

interface Compaction {
  readonly event: CompactionEvent;
  /** Which of the two records of it were seen. */
  seen: string[];
}

interface Call {
  call: ToolCall;
  /** A search is billed; opening a page it found, or looking for a word in it, is not. */
  readonly isSearch: boolean;
  /** The turn it was told with; absent while it waits for its response, and in `isLoose` calls, which have none. */
  turn: string | undefined;
  isLoose: boolean;
}

interface SeenLimit {
  readonly window: string;
  readonly usedPct: number | undefined;
  readonly resetsAt: number | undefined;
  readonly reached: boolean;
  readonly at: number;
}

type Context = RecordContext<Notes>;

const readRollout: LogReader = jsonLines({ plan, start: startNotes, restore: restoreNotes, parse });

function startNotes(file: LogFile): Notes {
  const stem = (file.relativePath.split('/').at(-1) ?? '').replace(/\.jsonl(\.zst)?$/, '');
  return {
    thread: /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.exec(stem)?.[0] ?? stem,
    isKnown: false,
    isSubagent: false,
    modes: {},
    epoch: 0,
    since: nothingSince(),
    hasUsage: false,
    hasRecords: false,
    prompts: [],
    isFresh: true,
    answerItems: 0,
    calls: [],
    limits: [],
  };
}

function nothingSince(): Notes['since'] {
  return { lasts: 0, prompts: 0, compactions: 0, changes: 0 };
}

function restoreNotes(kept: unknown): Notes | undefined {
  const notes = kept as Notes | null; // our own JSON, from our own table
  return typeof notes === 'object' && notes !== null && typeof notes.thread === 'string' ? notes : undefined;
}

// ---- records --------------------------------------------------------------------------------------------------------

/** Types that hold nothing we take. Whatever is in no list is counted as unknown. */
const silentTypes = setOf('world_state inter_agent_communication inter_agent_communication_metadata');
const silentItems = setOf(`agent_message additional_tools compaction compaction_summary context_compaction
  ghost_snapshot other tool_search_output`);
const silentEvents = setOf(`agent_message agent_reasoning agent_reasoning_raw_content agent_reasoning_section_break
  background_event collab_agent_interaction_end collab_close_end collab_resume_end collab_waiting_end deprecation_notice
  dynamic_tool_call_request dynamic_tool_call_response entered_review_mode error exited_review_mode guardian_assessment
  guardian_warning image_generation_end item_started model_reroute model_verification plan_update session_configured
  stream_error thread_goal_updated thread_rolled_back turn_diff undo_completed view_image_tool_call warning web_search_end`);

function setOf(names: string): ReadonlySet<string> {
  return new Set(names.split(/\s+/));
}

function parse(row: Row, context: Context): void {
  const { payload } = row;
  if (payload === undefined) return takeBare(row, context);
  const at = timeOf(row.timestamp);
  switch (row.type) {
    case 'session_meta':
      return takeMeta(payload, at, context);
    case 'turn_context':
      startTurn(payload.turn_id, context);
      takeModel(payload.model, at, context);
      return takeModes(modesOf(payload), at, context);
    case 'event_msg':
      return takeEvent(payload, at, context);
    case 'response_item':
      return takeItem(payload, at, context);
    case 'token_usage_record':
      return takeRecord(payload, at, context);
    case 'compacted':
      return takeCompaction('compacted', at, context);
    default:
      if (row.type === undefined || !silentTypes.has(row.type)) context.unknownType();
  }
}

/** Records of August 2025 and before: no envelope, no times, no usage. That there was a session is all they tell. */
function takeBare(row: Row, context: Context): void {
  const notes = context.state;
  if (row.type === undefined && row.id !== undefined && !notes.isKnown) {
    notes.thread = row.id;
    notes.branch = row.git?.branch || undefined;
    return introduce(context, { at: timeOf(row.timestamp) });
  }
  const isItem = row.type === 'message' || row.type === 'reasoning' || /_call(_output)?$/.test(row.type ?? '');
  if (row.record_type === undefined && !isItem) context.unknownType();
}

function takeMeta(meta: Payload, at: number | undefined, context: Context): void {
  const notes = context.state;
  const id = meta.id ?? meta.session_id;
  if (!notes.isKnown) return takeOwnMeta(meta, id ?? notes.thread, at, context);
  if (id === undefined || id === notes.thread) {
    if (meta.cli_version === undefined || meta.cli_version === notes.version) return;
    notes.version = meta.cli_version; // resumed by another version
    return introduce(context, { at });
  }
  if (!notes.hasUsage && notes.fork?.part !== 'own') takeAncestor(id, meta.forked_from_id, notes);
}

function takeOwnMeta(meta: Payload, id: string, at: number | undefined, context: Context): void {
  const notes = context.state;
  const agent = meta.source?.fields?.subagent;
  const spawn = agent?.fields?.thread_spawn;
  const isSubagent = agent !== undefined || meta.thread_source === 'subagent';
  const root = isSubagent && meta.session_id !== id ? meta.session_id : undefined;
  const copiedFrom = meta.forked_from_id ?? spawn?.parent_thread_id;
  notes.thread = id;
  notes.isSubagent = isSubagent;
  notes.parent = spawn?.parent_thread_id ?? meta.parent_thread_id ?? root;
  notes.fork = copiedFrom === undefined ? undefined : forkOf(id, copiedFrom);
  notes.branch = meta.git?.branch || undefined;
  notes.version = meta.cli_version;
  introduce(context, {
    cwd: meta.cwd,
    agentType: isSubagent
      ? (spawn?.agent_role ?? meta.agent_role ?? agent?.fields?.other ?? agentNameOf(agent, context))
      : undefined,
    at: timeOf(meta.timestamp) ?? at,
  });
}

/** `{subagent: "review"}`: the kind is a bare word. Anything else is none. */
function agentNameOf(agent: Parameters<Context['peek']>[0] | undefined, context: Context): string | undefined {
  return agent === undefined ? undefined : /^[a-z][a-z_-]{0,39}$/.exec(context.peek(agent))?.[0];
}

function forkOf(thread: string, origin: string): Fork {
  return { part: 'open', startedAt: timeOfId(thread), ancestors: [], depth: 1, origin, hasTold: false };
}

/** The first record of an ancestor, copied: so this is a fork, whatever its own first record says. */
function takeAncestor(id: string, from: string | undefined, notes: Notes): void {
  notes.fork ??= forkOf(notes.thread, id);
  const { fork } = notes;
  if (fork.ancestors.includes(id) || fork.ancestors.length >= mostAncestors) return;
  fork.ancestors.push(id);
  fork.origin = from ?? id;
  fork.depth = fork.ancestors.length + (from === undefined ? 0 : 1);
}

const mostAncestors = 64;

function introduce(
  context: Context,
  facts: {
    readonly cwd?: string | undefined;
    readonly agentType?: string | undefined;
    readonly contextWindow?: number | undefined;
    readonly at: number | undefined;
  },
): void {
  const { state: notes } = context;
  context.emit({
    kind: 'session',
    session: notes.thread,
    parent: notes.parent,
    branch: notes.branch,
    version: notes.version,
    rank: 'own',
    ...facts,
  });
  notes.isKnown = true;
}

/** A UUIDv7 begins with the time it was made at, in milliseconds. */
function timeOfId(id: string): number | undefined {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-/i.test(id)
    ? Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16)
    : undefined;
}

/** Turns made before the thread were copied into it, and so was everything before the first that was not. */
function startTurn(id: string | undefined, context: Context): void {
  const notes = context.state;
  const { fork } = notes;
  const madeAt = id === undefined ? undefined : timeOfId(id);
  if (fork?.startedAt !== undefined && fork.part !== 'own' && madeAt !== undefined) {
    if (fork.part === 'open' && fork.hasTold) context.emit({ kind: 'copied', session: notes.thread });
    fork.part = madeAt < fork.startedAt ? 'copied' : 'own';
    forgetWaiting(notes);
  }
  if (id !== undefined && id === notes.turn) return;
  notes.isFresh = true;
  notes.answerItems = 0;
  if (id === undefined) return; // until the end of 2025: told before every request
  notes.turn = id;
  notes.compaction = undefined;
  letGo(context);
}

/** What waits for its response was a copy. */
function forgetWaiting(notes: Notes): void {
  notes.prompts = [];
  notes.calls = [];
  notes.compaction = undefined;
  notes.lastTurn = undefined;
  notes.answerItems = 0;
}

/** Hands on what is of this thread; what may be a copy is marked, what is one is dropped. */
function tell(event: TurnEvent | PromptEvent | CompactionEvent | ActivityEvent, context: Context): void {
  const { fork } = context.state;
  if (fork?.part === 'copied') return;
  if (fork?.part === 'open') fork.hasTold = true;
  const told = fork?.part === 'open' ? { ...event, forkDepth: fork.depth } : event;
  if (told.kind === 'turn') context.emitTurn(told);
  else context.emit(told);
}

function isCopied(notes: Notes): boolean {
  return notes.fork?.part === 'copied';
}

/** Begins keys of records without an id of their own: the same in every copy, another in every family of threads. */
function scopeOf({ fork, thread }: Notes): string {
  return fork?.part === 'open' ? fork.origin : thread;
}

/** Where in the thread we are, by its counters: the same in every copy. */
function placeOf(notes: Notes): string {
  return `${scopeOf(notes)}:${notes.epoch}:${notes.total?.join(',') ?? ''}`;
}

// ---- settings -------------------------------------------------------------------------------------------------------

function takeModel(model: string | undefined, at: number | undefined, context: Context): void {
  const notes = context.state;
  if (model === undefined || model === '' || model === notes.model) return;
  if (notes.model !== undefined) tellChange('model_change', model, model, at, context);
  notes.model = model;
}

type Modes = Notes['modes'];

function modesOf(settings: Settings): Modes {
  return {
    collaboration: settings.collaboration_mode?.mode,
    approval: settings.approval_policy,
    sandbox: settings.sandbox_policy?.type,
  };
}

function takeModes(told: Modes, at: number | undefined, context: Context): void {
  const { modes } = context.state;
  for (const kind of ['collaboration', 'approval', 'sandbox'] as const) {
    const value = told[kind];
    if (value === undefined || value === modes[kind]) continue;
    if (modes[kind] !== undefined) tellChange('mode_change', value, undefined, at, context);
    modes[kind] = value;
  }
}

function tellChange(
  type: 'model_change' | 'mode_change',
  name: string,
  model: string | undefined,
  at: number | undefined,
  context: Context,
): void {
  const notes = context.state;
  if (notes.answeredBy === undefined) return; // how a thread, or a fork's own part of it, begins is no change
  const key = `${placeOf(notes)}:change${notes.since.changes++}:${name}`;
  tell({ kind: 'activity', key, session: notes.thread, at, type, phase: 'changed', name, model }, context);
}

function takeWindow(window: number | undefined, at: number | undefined, context: Context): void {
  const notes = context.state;
  const known = knownCount(window);
  if (known === undefined || known === 0 || known === notes.window || isCopied(notes)) return;
  notes.window = known;
  introduce(context, { contextWindow: known, at });
}

// ---- events ---------------------------------------------------------------------------------------------------------

function takeEvent(event: Payload, at: number | undefined, context: Context): void {
  const notes = context.state;
  switch (event.type) {
    case 'token_count':
      takeTokenCount(event.info, at, context);
      return takeLimits(event.rate_limits, at, context);
    case 'task_started':
    case 'turn_started':
      startTurn(event.turn_id, context);
      takeWindow(event.model_context_window, at, context);
      return takeModes({ collaboration: event.collaboration_mode_kind }, at, context);
    case 'thread_settings_applied': {
      const settings = event.thread_settings ?? event;
      notes.tier = settings.service_tier;
      takeModel(settings.model, at, context);
      return takeModes(modesOf(settings), at, context);
    }
    case 'turn_aborted':
      letGo(context);
      if (notes.answeredBy !== undefined && notes.fork?.part !== 'open') notes.prompts = []; // told, and not answered
      return tell(
        {
          kind: 'activity',
          key: `${event.turn_id === undefined ? placeOf(notes) : `${scopeOf(notes)}:${event.turn_id}`}:aborted`,
          session: notes.thread,
          at,
          type: 'notification',
          phase: 'single',
          name: 'turn_aborted',
          status: event.reason,
          success: false,
        },
        context,
      );
    case 'user_message':
      return takePrompt('user_message', at, context);
    case 'item_completed':
      return event.item?.type === 'UserMessage' ? takePrompt('item_completed', at, context) : undefined;
    case 'context_compacted':
      return takeCompaction('context_compacted', at, context);
    case 'task_complete':
    case 'turn_complete':
      return letGo(context);
    case 'exec_command_end':
      return takeEnd(event, { isError: event.exit_code !== undefined && event.exit_code !== 0 }, context);
    case 'patch_apply_end':
      return takeEnd(event, { isError: event.success === false }, context);
    case 'mcp_tool_call_end':
      return takeMcpEnd(event, at, context);
    case 'collab_agent_spawn_end': {
      const { new_thread_id: childSession, new_agent_role: childAgentType, model: resolvedModel } = event;
      return takeEnd(event, { childSession, childAgentType, resolvedModel }, context);
    }
    case 'sub_agent_activity':
      return takeAgentActivity(event, at, context);
    default:
      if (event.type === undefined || !silentEvents.has(event.type)) context.unknownType();
  }
}

/**
 * One of two kinds of record tells the prompts of a thread; where both do, the one seen first. Told at once with the
 * model that answered last. It waits for its answer where there is none yet, or where only that can tell whose it is.
 */
function takePrompt(kind: string, at: number | undefined, context: Context): void {
  const notes = context.state;
  notes.promptKind ??= kind;
  if (kind !== notes.promptKind || notes.isSubagent || isCopied(notes)) return;
  const { thread: session, branch, answeredBy: model } = notes;
  const scope = notes.fork?.part === 'open' ? session : '';
  const key = `${scope}${placeOf(notes)}:prompt${notes.since.prompts++}`;
  const prompt: PromptEvent = { kind: 'prompt', key, session, at, model, branch, rank: 'own' };
  if (model !== undefined && scope === '') tell(prompt, context);
  if (notes.prompts.length < mostWaiting) notes.prompts.push(prompt);
}

/** Windows and prompts beyond this number, and calls beyond that one, are no use to anybody. */
const mostWaiting = 32;
const mostCalls = 128;

/** Now it is known which model answered, and with which response. */
function answerPrompts(turn: TurnEvent, context: Context): void {
  const { fork, prompts } = context.state;
  const key = fork?.part === 'open' ? turn.key : undefined;
  for (const prompt of prompts.splice(0)) tell({ ...prompt, model: turn.model, turn: key }, context);
  context.state.answeredBy = turn.model;
}

/** Two records tell of a compaction, in this order or the other. */
function takeCompaction(record: string, at: number | undefined, context: Context): void {
  const notes = context.state;
  if (isCopied(notes)) return;
  const { compaction } = notes;
  if (compaction !== undefined && !compaction.seen.includes(record)) {
    compaction.seen.push(record);
    return;
  }
  const key = `${placeOf(notes)}:compaction${notes.since.compactions++}`;
  const event: CompactionEvent = {
    kind: 'compaction',
    key,
    session: notes.thread,
    at,
    preTokens: notes.context,
    micro: false,
  };
  notes.compaction = { event, seen: [record] };
  notes.context = undefined;
  tell(event, context);
}

function takeAgentActivity(event: Payload, at: number | undefined, context: Context): void {
  const notes = context.state;
  const child = event.agent_thread_id;
  const call = callOf(event.event_id, notes);
  if (call !== undefined) answer(call, { childSession: child }, context);
  const phase = event.kind === 'started' ? 'start' : event.kind === 'completed' ? 'complete' : 'single';
  tell(
    {
      kind: 'activity',
      key: `${scopeOf(notes)}:agent:${child ?? ''}:${event.event_id ?? at ?? context.offset}:${event.kind ?? ''}`,
      session: notes.thread,
      at,
      type: 'subagent',
      phase,
      name: 'sub_agent_activity',
      status: event.kind,
      correlation: child,
    },
    context,
  );
}

// ---- usage ----------------------------------------------------------------------------------------------------------

function takeTokenCount(info: Payload['info'], at: number | undefined, context: Context): void {
  if (info === undefined) return; // limits alone
  const notes = context.state;
  takeWindow(info.model_context_window, at, context);
  const badBefore = context.badCounts;
  const total = countersOf(info.total_token_usage, context);
  const last = countersOf(info.last_token_usage, context);
  const step = stepOf(total, last, notes);
  move(total, notes);
  takeEstimate(info, total, last, context);
  if (step === undefined || !isUsage(step)) return;
  const lasts = total === undefined ? `+${notes.since.lasts++}` : '';
  notes.hasUsage = true;
  if (notes.hasRecords) return;
  takeResponse(`${placeOf(notes)}${lasts}:${last?.join(',') ?? ''}`, step, last ?? step, at, context, {
    isSuspect: context.badCounts > badBefore,
    tellsReasoning:
      info.total_token_usage?.reasoning_output_tokens !== undefined ||
      info.last_token_usage?.reasoning_output_tokens !== undefined,
  });
}

/**
 * What a `token_count` adds. The same sums come again and again without a new response (one per turn, per limit, per
 * compaction); they restart when a thread is resumed, rolled back or full.
 */
function stepOf(total: Counters | undefined, last: Counters | undefined, notes: Notes): Counters | undefined {
  const before = notes.total;
  if (total === undefined) return last;
  if (before === undefined) return last ?? (notes.fork === undefined ? total : undefined); // a fork's begin with its ancestors'
  if (total.every((count, i) => count === before[i])) return undefined;
  return isGrown(total, before) ? minus(total, before) : (last ?? total);
}

/** The counters stand here now. */
function move(total: Counters | undefined, notes: Notes): void {
  if (total === undefined || total.every((count, i) => count === notes.total?.[i])) return;
  if (notes.total !== undefined && !isGrown(total, notes.total)) notes.epoch++;
  notes.total = total;
  notes.since = nothingSince();
}

/**
 * Counts of zero with a sum are no usage: after a compaction an estimate of the new context, else the mark that the
 * context is full.
 */
function takeEstimate(
  info: NonNullable<Payload['info']>,
  total: Counters | undefined,
  last: Counters | undefined,
  context: Context,
): void {
  const notes = context.state;
  if (last === undefined || isUsage(last)) return;
  const estimate = knownCount(info.last_token_usage?.total_tokens);
  if (notes.compaction !== undefined && notes.compaction.event.postTokens === undefined) {
    if (estimate === undefined || estimate === 0) return;
    notes.compaction = { ...notes.compaction, event: { ...notes.compaction.event, postTokens: estimate } };
    notes.context = estimate;
    tell(notes.compaction.event, context);
  } else if (total !== undefined && !isUsage(total)) {
    notes.context = knownCount(info.total_token_usage?.total_tokens) || notes.context;
  }
}

/** One completed response, with its own id. The history a fork copies does not hold these. */
function takeRecord(record: Payload, at: number | undefined, context: Context): void {
  const notes = context.state;
  if (record.thread_id === undefined ? isCopied(notes) : record.thread_id !== notes.thread) return;
  if (notes.fork !== undefined && record.thread_id !== undefined) notes.fork.part = 'own';
  const badBefore = context.badCounts;
  const used = countersOf(record.usage, context);
  if (used === undefined) return context.unknownType();
  notes.hasRecords = true;
  notes.hasUsage = true;
  if (!isUsage(used)) return;
  const thread = countersOf(record.thread_token_usage, context)?.join(',');
  const key = record.response_id ?? (thread === undefined ? `at ${context.offset}` : `sum ${thread}`);
  takeResponse(`${notes.thread}\0${key}`, used, used, at, context, {
    isSuspect: context.badCounts > badBefore,
    tellsReasoning: record.usage?.reasoning_output_tokens !== undefined,
  });
}

/** `step`: what the response used; `last`: what the log says of the last request alone, by which prices and fill go. */
function takeResponse(
  key: string,
  step: Counters,
  last: Counters,
  at: number | undefined,
  context: Context,
  told: { readonly isSuspect: boolean; readonly tellsReasoning: boolean },
): void {
  const notes = context.state;
  const [input, cached, written, output, reasoning] = step;
  const cacheRead = Math.min(cached, input);
  const cacheWrite = Math.min(written, input - cacheRead);
  const isOdd = cacheRead < cached || cacheWrite < written || reasoning > output;
  if (isOdd) context.bad();
  if (notes.isFresh) notes.order = notes.answerItems > 0 ? 'before' : 'after';
  notes.isFresh = false;
  notes.answerItems = 0;
  notes.context = last[0] + last[3];
  if (isCopied(notes)) return;
  if (!notes.isKnown) introduce(context, { at });
  const model = notes.model ?? 'unknown';
  const waiting = notes.calls.filter((each) => each.turn === undefined && !each.isLoose);
  const turn: TurnEvent = {
    kind: 'turn',
    key,
    session: notes.thread,
    at,
    model,
    usage: {
      uncachedInputTokens: input - cacheRead - cacheWrite,
      cacheReadInputTokens: cacheRead,
      cacheCreation5mInputTokens: cacheWrite,
      cacheCreation1hInputTokens: 0,
      outputTokens: output,
      reasoningOutputTokens: told.tellsReasoning ? Math.min(reasoning, output) : undefined,
    },
    fast: notes.tier === 'fast' || notes.tier === 'priority',
    serviceTier: notes.tier,
    webSearchRequests: waiting.filter((each) => each.isSearch).length,
    promptTokens: last[0],
    contextTokens: last[0] + last[3],
    sidechain: notes.parent !== undefined,
    rank: 'own',
    branch: notes.branch,
    suspect: told.isSuspect || isOdd,
    quality: 'measured',
    tools: waiting.map((each) => ({ ...each.call })),
  };
  for (const each of waiting) each.turn = key;
  notes.lastTurn = { ...turn, tools: [] };
  tell(turn, context);
  answerPrompts(turn, context);
}

function countersOf(counts: Counts | undefined, context: Context): Counters | undefined {
  if (counts === undefined) return undefined;
  return [
    countOf(counts.input_tokens, context),
    countOf(counts.cached_input_tokens, context),
    countOf(counts.cache_write_input_tokens, context),
    countOf(counts.output_tokens, context),
    countOf(counts.reasoning_output_tokens, context),
  ];
}

function isUsage(counters: Counters): boolean {
  return counters.some((count) => count > 0);
}

function isGrown(total: Counters, before: Counters): boolean {
  return total.every((count, i) => count >= (before[i] as number)); // both have five
}

function minus(total: Counters, before: Counters): Counters {
  return total.map((count, i) => count - (before[i] as number)) as unknown as Counters; // both have five
}

// ---- tools ----------------------------------------------------------------------------------------------------------

function takeItem(item: Payload, at: number | undefined, context: Context): void {
  const notes = context.state;
  switch (item.type) {
    case 'message':
      if (item.role === 'assistant') noteAnswer(notes);
      return;
    case 'reasoning':
      return noteAnswer(notes);
    case 'function_call':
    case 'custom_tool_call':
      return takeCall(functionCall(item, at, context), context);
    case 'local_shell_call':
      return takeCall(plainCall(item, 'local_shell', 'tool', at, context), context);
    case 'web_search_call': {
      const action = item.action?.fields?.type;
      const isSearch = action === undefined || action === 'search';
      return takeCall(plainCall(item, 'web_search', 'server_tool', at, context), context, isSearch);
    }
    case 'image_generation_call':
      return takeCall(plainCall(item, 'image_generation', 'server_tool', at, context), context);
    case 'tool_search_call': {
      const type = item.execution === 'client' ? 'tool' : 'server_tool';
      return takeCall(plainCall(item, 'tool_search', type, at, context), context);
    }
    case 'function_call_output':
    case 'custom_tool_call_output':
    case 'local_shell_call_output':
      return takeOutput(item.call_id, item.output?.sizeBytes ?? 0, at, context);
    default:
      if (item.type === undefined || !silentItems.has(item.type)) context.unknownType();
  }
}

/** A part of an answer: what comes next is no longer of the compaction before it. */
function noteAnswer(notes: Notes): void {
  notes.answerItems++;
  notes.compaction = undefined;
}

function functionCall(item: Payload, at: number | undefined, context: Context): ToolCall {
  const name = item.name ?? 'unknown';
  const [mcpServer, mcpTool] = mcpOf(name, item.namespace);
  const isAgent = name === 'spawn_agent';
  const type = mcpServer !== undefined ? 'mcp' : isAgent ? 'subagent' : 'tool';
  const executionMode = isAgent ? 'background' : undefined; // it returns at once
  return { ...plainCall(item, name, type, at, context), mcpServer, mcpTool, executionMode };
}

/** `mcp__server__tool`, in 2025 `server__tool`, later the first part as a namespace. No tool of Codex's own has two underscores. */
function mcpOf(name: string, namespace: string | undefined): readonly (string | undefined)[] {
  const whole = namespace === undefined ? name : `${namespace.replace(/_+$/, '')}__${name}`;
  if (namespace !== undefined && !namespace.startsWith('mcp__')) return [];
  const [, server, tool] = /^(?:mcp__)?(.+?)__(.+)$/s.exec(whole.slice(0, 512)) ?? [];
  return [server, tool];
}

function plainCall(
  item: Payload,
  name: string,
  type: ToolCall['type'],
  at: number | undefined,
  context: Context,
): ToolCall {
  const input = item.arguments ?? item.input ?? item.action;
  return {
    key:
      item.call_id ?? item.id ?? `${placeOf(context.state)}:call${context.state.calls.length}:${at ?? context.offset}`,
    at,
    name,
    type,
    inputSizeBytes: input?.sizeBytes ?? 0,
    inputDigest: input === undefined ? undefined : context.digest(input),
  };
}

function takeCall(call: ToolCall, context: Context, isSearch = false): void {
  const notes = context.state;
  noteAnswer(notes);
  if (isCopied(notes)) return;
  const mine: Call = { call, isSearch, turn: undefined, isLoose: false };
  remember(mine, notes);
  const { lastTurn } = notes;
  if (notes.isFresh || notes.order !== 'after' || lastTurn === undefined) return;
  // The usage of its response is already told: say the response again with it.
  mine.turn = lastTurn.key;
  notes.lastTurn = { ...lastTurn, webSearchRequests: lastTurn.webSearchRequests + (isSearch ? 1 : 0) };
  tell({ ...notes.lastTurn, tools: [{ ...call }] }, context);
}

function remember(mine: Call, notes: Notes): void {
  if (notes.calls.length >= mostCalls) {
    const answered = notes.calls.findIndex((each) => each.call.result !== undefined);
    notes.calls.splice(Math.max(0, answered), 1);
  }
  notes.calls.push(mine);
}

/** The usage of the response that made these calls will not come: they count by themselves. */
function letGo(context: Context): void {
  const notes = context.state;
  const waiting = notes.calls.filter((each) => each.turn === undefined && !each.isLoose);
  // Of a copy nobody could say whose it is.
  if (notes.fork?.part === 'open') notes.calls = notes.calls.filter((each) => !waiting.includes(each));
  else
    for (const each of waiting) {
      each.isLoose = true;
      tellLoose(each.call, context);
    }
}

function tellLoose(call: ToolCall, context: Context): void {
  const { thread, model, branch, parent } = context.state;
  context.emit({ kind: 'tool', session: thread, call: { ...call }, model, branch, sidechain: parent !== undefined });
}

function takeOutput(id: string | undefined, size: number, at: number | undefined, context: Context): void {
  const call = callOf(id, context.state);
  if (call !== undefined) answer(call, { at, outputSizeBytes: size }, context);
}

/** The end of an act, which may come before or after its output. */
function takeEnd(event: Payload, result: Partial<ToolResult>, context: Context): void {
  const call = callOf(event.call_id, context.state);
  if (call !== undefined) answer(call, { ...result, durationMs: durationOf(event.duration) }, context);
}

/** A call of an MCP server; in some modes this is the only record of it. */
function takeMcpEnd(event: Payload, at: number | undefined, context: Context): void {
  const notes = context.state;
  const { server, tool, arguments: input } = event.invocation ?? {};
  const came = event.result?.fields;
  const durationMs = durationOf(event.duration);
  const result: ToolResult = {
    at,
    isError: came?.Err !== undefined || came?.Ok?.isError === true,
    outputSizeBytes: event.result?.sizeBytes ?? 0,
    durationMs,
  };
  const known = callOf(event.call_id, notes);
  if (known !== undefined) {
    if (known.turn === undefined) known.call = { ...known.call, type: 'mcp', mcpServer: server, mcpTool: tool };
    return answer(known, result, context);
  }
  if (notes.fork !== undefined && notes.fork.part !== 'own') return;
  const call: ToolCall = {
    key: event.call_id ?? `${placeOf(notes)}:mcp:${at ?? context.offset}`,
    at: at === undefined || durationMs === undefined ? undefined : at - durationMs,
    name: tool ?? 'unknown',
    mcpServer: server,
    mcpTool: tool,
    type: 'mcp',
    inputSizeBytes: input?.sizeBytes ?? 0,
    inputDigest: input === undefined ? undefined : context.digest(input),
    result,
  };
  tellLoose(call, context);
}

function callOf(id: string | undefined, notes: Notes): Call | undefined {
  return id === undefined ? undefined : notes.calls.findLast((each) => each.call.key === id);
}

/** What came back for a call, part by part. */
function answer(mine: Call, part: Partial<ToolResult>, context: Context): void {
  const told = Object.fromEntries(Object.entries(part).filter(([, value]) => value !== undefined));
  const before: ToolResult = mine.call.result ?? { at: undefined, isError: false, outputSizeBytes: 0 };
  const result: ToolResult = { ...before, ...told };
  mine.call = { ...mine.call, result };
  if (mine.isLoose) return tellLoose(mine.call, context);
  // In a fork that may be all copies, the origin's answer must not be overwritten by one that was stamped anew.
  if (mine.turn === undefined || context.state.fork?.part === 'open') return;
  if (!context.answer(mine.call.key, result))
    context.emit({
      kind: 'tool_result',
      key: mine.call.key,
      turn: mine.turn,
      session: context.state.thread,
      result,
    });
}

function durationOf(duration: Payload['duration']): number | undefined {
  const seconds = knownCount(duration?.secs);
  return seconds === undefined ? undefined : seconds * 1000 + Math.round((knownCount(duration?.nanos) ?? 0) / 1e6);
}

// ---- limits ---------------------------------------------------------------------------------------------------------

/** As often as a limit that does not change is told again. */
const sameLimitEveryMs = 5 * 60_000;

function takeLimits(limits: Payload['rate_limits'], at: number | undefined, context: Context): void {
  const notes = context.state;
  if (limits === undefined || (notes.fork !== undefined && notes.fork.part !== 'own')) return;
  const { limit_id: id, plan_type: plan } = limits;
  const windows = [
    ['primary', limits.primary],
    ['secondary', limits.secondary],
  ] as const;
  for (const [name, window] of windows) {
    if (window === undefined) continue;
    const usedPct = window.used_percent;
    const isKnown = usedPct !== undefined && usedPct >= 0;
    tellLimit(
      {
        window: windowName(name, window.window_minutes, id),
        windowMinutes: knownCount(window.window_minutes),
        usedPct: isKnown ? Math.min(usedPct, 100) : undefined,
        resetsAt: resetOf(window, at),
        reached: isKnown && usedPct >= 100,
        plan,
      },
      at,
      context,
    );
  }
  const isToldAlone = limits.primary === undefined && limits.secondary === undefined;
  if (isToldAlone && limits.rate_limit_reached_type !== undefined)
    tellLimit({ window: windowName('unknown', undefined, id), reached: true, plan }, at, context);
}

/** By its length, for what is primary differs from plan to plan. Some versions tell a minute less. */
function windowName(name: string, minutes: number | undefined, limitId: string | undefined): string {
  const known =
    minutes === undefined
      ? name
      : Math.abs(minutes - 300) <= 1
        ? 'five_hour'
        : Math.abs(minutes - 10_080) <= 1
          ? 'weekly'
          : `${minutes}_minutes`;
  return limitId === undefined || limitId === 'codex' ? known : `${known}:${limitId}`;
}

function resetOf(
  window: { readonly resets_at: number | undefined; readonly resets_in_seconds: number | undefined },
  at: number | undefined,
): number | undefined {
  const resetsAt = knownCount(window.resets_at);
  if (resetsAt !== undefined) return resetsAt * 1000;
  const seconds = knownCount(window.resets_in_seconds);
  return seconds === undefined || at === undefined ? undefined : at + seconds * 1000;
}

function tellLimit(
  limit: Omit<LimitEvent, 'kind' | 'key' | 'session' | 'at'>,
  at: number | undefined,
  context: Context,
): void {
  const notes = context.state;
  const known = notes.limits.find((each) => each.window === limit.window);
  const { window, usedPct, resetsAt, reached } = limit;
  const isSame =
    known !== undefined &&
    known.usedPct === usedPct &&
    known.reached === reached &&
    Math.abs((known.resetsAt ?? 0) - (resetsAt ?? 0)) <= 60_000 &&
    at !== undefined &&
    at - known.at < sameLimitEveryMs;
  if (isSame) return;
  const key = `${notes.thread}:${window}:${at ?? context.offset}`;
  context.emit({ kind: 'limit', key, session: notes.thread, at, ...limit });
  const others = notes.limits.filter((each) => each.window !== window).slice(1 - mostWaiting);
  if (at !== undefined) notes.limits = [...others, { window, usedPct, resetsAt, reached, at }];
}
