import { posix, win32 } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TokenUsage, ToolCall } from '../events.ts';
import { defineProvider, type Host, type LogFile, type LogReader } from '../provider.ts';
import { fields, list, type Picked, sized } from '../readers/fields.ts';
import type { RecordContext } from '../readers/json-lines.ts';
import { countOf, timeOf } from '../readers/values.ts';
import { elements, wholeJson } from '../readers/whole-json.ts';

/**
 * Amp's threads, a JSON document each, as it kept them until the end of March 2026; since then they are on its server
 * only. Older ones tell the calls in a ledger and what the cache had of them with the messages, newer ones all of it with
 * the messages. Its credits are no money, so a thread tells no cost.
 * @see https://github.com/ccusage/ccusage/issues/1138 https://github.com/0xSero/alleycat/issues/21
 */
export default defineProvider({
  title: 'Amp',
  parserVersion: 1,
  capabilities: {
    skills: 'unsupported',
    hooks: 'unsupported',
    mcpIdentity: 'unsupported',
    taskHistory: 'unsupported',
    interactionTokens: 'estimated',
  },
  capabilityNotes: { interactionTokens: 'Exact by response; by tool only from sizes.' },
  unrecorded: 'Threads since April 2026: Amp keeps them on its server only.',
  roots: (host) => [threadsOf(host)],
  accepts: (path) => /^T-[^/]+\.json$/.test(path),
  rewrites: () => true,
  read: (file, from) => readThread(file, from),
});

function threadsOf({ env, home, platform }: Host): string {
  const { join } = platform === 'win32' ? win32 : posix;
  const data = env.AMP_DATA_DIR || join(env.XDG_DATA_HOME || join(home, '.local', 'share'), 'amp');
  return join(data, 'threads');
}

// ---- what is taken --------------------------------------------------------------------------------------------------

const threadPlan = fields({ id: 'text', created: 'number', env: { initial: { trees: list({ uri: 'text' }) } } });

const messagePlan = fields({
  role: 'text',
  messageId: 'scalar',
  meta: { sentAt: 'number' },
  content: list({
    type: 'text',
    id: 'text',
    name: 'text',
    input: sized({}),
    toolUseID: 'text',
    run: { status: 'text', result: sized({}) },
  }),
  usage: {
    model: 'text',
    timestamp: 'text',
    inputTokens: 'number',
    outputTokens: 'number',
    cacheReadInputTokens: 'number',
    cacheCreationInputTokens: 'number',
  },
});

const eventPlan = fields({
  id: 'scalar',
  timestamp: 'text',
  model: 'text',
  toMessageId: 'scalar',
  tokens: {
    input: 'number',
    output: 'number',
    cacheReadInputTokens: 'number',
    cacheCreationInputTokens: 'number',
  },
});

type Message = Picked<typeof messagePlan>;
type LedgerEvent = Picked<typeof eventPlan>;

/** One call of a model, as a message or the ledger tells it. */
interface Told {
  readonly model: string | undefined;
  readonly at: number | undefined;
  readonly usage: TokenUsage;
  readonly suspect: boolean;
}

interface Answer {
  /** Undefined: the message does not say what it took. */
  readonly told: Told | undefined;
  readonly tools: readonly ToolCall[];
}

interface Prompt {
  readonly key: string;
  readonly at: number | undefined;
  /** The message that followed. */
  answer: string | undefined;
}

/** A thread while it is read: its calls can be told only when the messages and the ledger are known. */
interface Notes {
  session: string;
  cwd: string | undefined;
  createdAt: number | undefined;
  /** By message. */
  readonly answers: Map<string, Answer>;
  /** By the message they led to, in the order of the ledger. */
  readonly calls: Map<string, Told[]>;
  /** Calls of which the ledger names no message. */
  readonly others: { readonly key: string; readonly told: Told }[];
  readonly prompts: Prompt[];
  /** How many of them something followed. */
  answered: number;
  /** By their ids, for what comes back. */
  readonly tools: Map<string, ToolCall>;
  messageCount: number;
  eventCount: number;
}

type Context = RecordContext<Notes>;

const readThread: LogReader = wholeJson({
  plan: threadPlan,
  start: startNotes,
  parse: takeThread,
  lists: [elements('messages', messagePlan, takeMessage), elements('usageLedger.events', eventPlan, takeEvent)],
  finish: tellThread,
});

function startNotes(file: LogFile): Notes {
  return {
    session: file.relativePath.replace(/\.json$/, ''),
    cwd: undefined,
    createdAt: undefined,
    answers: new Map(),
    calls: new Map(),
    others: [],
    prompts: [],
    answered: 0,
    tools: new Map(),
    messageCount: 0,
    eventCount: 0,
  };
}

// ---- records --------------------------------------------------------------------------------------------------------

/** Messages, or calls, of one thread that are kept until it is told; those beyond are counted as bad. */
const mostRecords = 50_000;

function takeThread(thread: Picked<typeof threadPlan>, context: Context): void {
  const notes = context.state;
  notes.session = thread.id || notes.session;
  notes.cwd = pathOf(thread.env?.initial?.trees?.items[0]?.uri);
  notes.createdAt = momentOf(thread.created);
}

/** Milliseconds since 1970 as they stand in the log; whether they can be is judged where they are stored. */
function momentOf(milliseconds: number | undefined): number | undefined {
  return Number.isSafeInteger(milliseconds) ? milliseconds : undefined;
}

/** The folder a thread was begun in stands there as a `file:` URL. */
function pathOf(uri: string | undefined): string | undefined {
  try {
    return uri === undefined ? undefined : fileURLToPath(uri);
  } catch {
    return undefined; // of another kind, or of another system
  }
}

function takeMessage(message: Message, context: Context): void {
  const notes = context.state;
  if (notes.messageCount++ >= mostRecords) return context.bad();
  const id = String(message.messageId ?? `#${notes.messageCount}`); // messages are only ever added
  if (message.role === 'assistant') return takeAnswer(id, message, context);
  if (message.role === 'user') return takeUser(id, message, context);
  context.unknownType();
}

function takeAnswer(id: string, { content, usage }: Message, context: Context): void {
  const notes = context.state;
  const told = usage === undefined ? undefined : toldBy({ ...usage, at: timeOf(usage.timestamp) }, context);
  const blocks = (content?.items ?? []).filter((block) => block.type === 'tool_use');
  const tools = blocks.map(
    (block, index): ToolCall => ({
      key: block.id ?? `${id}#${index}`,
      at: told?.at,
      name: block.name ?? 'unknown',
      type: 'tool',
      inputSizeBytes: block.input?.sizeBytes ?? 0,
      inputDigest: block.input === undefined ? undefined : context.digest(block.input),
    }),
  );
  for (const call of tools) notes.tools.set(call.key, call);
  notes.answers.set(id, { told, tools });
  for (const prompt of notes.prompts.slice(notes.answered)) prompt.answer = id;
  notes.answered = notes.prompts.length;
}

/** What comes back from tools is written as the user's too. */
function takeUser(id: string, { content, meta }: Message, context: Context): void {
  const notes = context.state;
  const results = (content?.items ?? []).filter((block) => block.type === 'tool_result');
  for (const { toolUseID, run } of results) {
    const call = notes.tools.get(toolUseID ?? '');
    if (call === undefined || !endings.has(run?.status ?? '')) continue;
    call.result = { at: undefined, isError: run?.status === 'error', outputSizeBytes: run?.result?.sizeBytes ?? 0 };
  }
  const speaks = content?.isText === true || content?.items.some((block) => block.type === 'text') === true;
  if (speaks && results.length === 0)
    notes.prompts.push({ key: `${notes.session}\0${id}`, at: momentOf(meta?.sentAt), answer: undefined });
}

const endings: ReadonlySet<string> = new Set(['done', 'error', 'cancelled', 'rejected-by-user']);

function takeEvent({ id, model, timestamp, toMessageId, tokens }: LedgerEvent, context: Context): void {
  const notes = context.state;
  if (notes.eventCount++ >= mostRecords) return context.bad();
  if (tokens === undefined) return;
  const told = toldBy(
    { ...tokens, inputTokens: tokens.input, outputTokens: tokens.output, model, at: timeOf(timestamp) },
    context,
  );
  const calls = notes.calls.get(String(toMessageId));
  if (toMessageId === undefined) notes.others.push({ key: `event ${id ?? timestamp ?? notes.eventCount}`, told });
  else if (calls === undefined) notes.calls.set(String(toMessageId), [told]);
  else calls.push(told);
}

/** The cache stands beside the input. */
function toldBy(
  counts: {
    readonly model: string | undefined;
    readonly at: number | undefined;
    readonly inputTokens?: number | undefined;
    readonly outputTokens?: number | undefined;
    readonly cacheReadInputTokens?: number | undefined;
    readonly cacheCreationInputTokens?: number | undefined;
  },
  context: Context,
): Told {
  const badBefore = context.badCounts;
  const usage = {
    uncachedInputTokens: countOf(counts.inputTokens, context),
    cacheReadInputTokens: countOf(counts.cacheReadInputTokens, context),
    cacheCreation5mInputTokens: countOf(counts.cacheCreationInputTokens, context),
    cacheCreation1hInputTokens: 0,
    outputTokens: countOf(counts.outputTokens, context),
  };
  return { model: counts.model, at: counts.at, usage, suspect: context.badCounts > badBefore };
}

// ---- the whole ------------------------------------------------------------------------------------------------------

function tellThread(context: Context): void {
  const notes = context.state;
  if (notes.messageCount + notes.eventCount === 0) return;
  context.emit({ kind: 'session', session: notes.session, cwd: notes.cwd, rank: 'own', at: notes.createdAt });
  const alone = callsOfNoMessage(notes);
  for (const [id, calls] of notes.calls) {
    const answer = notes.answers.get(id);
    const own = calls.find((call) => call.model === answer?.told?.model) ?? calls[0];
    // Whatever else led to the same message (a title, say) is a call of its own.
    calls.forEach((call, index) =>
      call === own
        ? tellCall(id, joined(call, answer?.told), answer, context)
        : tellCall(`${id}#${index}`, call, undefined, context),
    );
  }
  for (const { key, told } of alone) tellCall(key, told, undefined, context);
  // Where the ledger names no message, what messages tell may be the same calls.
  const more = alone.length > 0 ? [] : [...notes.answers].filter(([id]) => !notes.calls.has(id));
  for (const [id, answer] of more) if (answer.told !== undefined) tellCall(id, answer.told, answer, context);
  for (const { key, at, answer } of notes.prompts) {
    const model = answer === undefined ? undefined : modelOf(answer, notes);
    context.emit({ kind: 'prompt', session: notes.session, key, at, model, rank: 'own' });
  }
}

/** Finds the messages of calls that name none by what they tell, and gives back those that fit none. */
function callsOfNoMessage({ others, calls, answers }: Notes): Notes['others'] {
  const free = new Map<string, string[]>();
  for (const [id, { told }] of answers) {
    if (told === undefined || calls.has(id)) continue;
    const alike = free.get(fitOf(told));
    if (alike === undefined) free.set(fitOf(told), [id]);
    else alike.push(id);
  }
  return others.filter(({ told }) => {
    const id = free.get(fitOf(told))?.shift();
    if (id !== undefined) calls.set(id, [told]);
    return id === undefined;
  });
}

function fitOf({ model, usage }: Told): string {
  return `${model}\0${usage.uncachedInputTokens}\0${usage.outputTokens}`;
}

/** The ledger's call with what the cache had of it. */
function joined(call: Told, message: Told | undefined): Told {
  if (message === undefined) return call;
  const larger = (kind: keyof Told['usage']): number => Math.max(call.usage[kind] ?? 0, message.usage[kind] ?? 0);
  return {
    model: call.model ?? message.model,
    at: call.at ?? message.at,
    usage: {
      uncachedInputTokens: larger('uncachedInputTokens'),
      cacheReadInputTokens: larger('cacheReadInputTokens'),
      cacheCreation5mInputTokens: larger('cacheCreation5mInputTokens'),
      cacheCreation1hInputTokens: 0,
      outputTokens: larger('outputTokens'),
    },
    suspect: call.suspect || message.suspect,
  };
}

function tellCall(
  key: string,
  { model, at, usage, suspect }: Told,
  answer: Answer | undefined,
  context: Context,
): void {
  const { session } = context.state;
  const prompt = usage.uncachedInputTokens + usage.cacheReadInputTokens + usage.cacheCreation5mInputTokens;
  context.emitTurn({
    kind: 'turn',
    key: `${session}\0${key}`,
    session,
    at,
    model: model || 'unknown',
    usage,
    fast: false,
    webSearchRequests: 0,
    promptTokens: prompt,
    contextTokens: prompt + usage.outputTokens,
    sidechain: false,
    rank: 'own',
    suspect,
    quality: 'measured',
    tools: (answer?.tools ?? []).map((call) => ({ ...call, at: call.at ?? at })),
  });
}

function modelOf(id: string, { answers, calls }: Notes): string | undefined {
  return answers.get(id)?.told?.model ?? calls.get(id)?.[0]?.model;
}
