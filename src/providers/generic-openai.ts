import type { TokenUsage, ToolCall } from '../events.ts';
import { absolutePath, defineProvider, pathsOf } from '../provider.ts';
import { fields, list, type Picked, type PickedShape, sized, textOr } from '../readers/fields.ts';
import { jsonLines, type RecordContext } from '../readers/json-lines.ts';
import { countOf, isWeakId, nanoUsdOf, outputOf, timeOf } from '../readers/values.ts';

/**
 * Answers of OpenAI-compatible servers that somebody logs as JSON lines: chat completions and their chunks, responses and
 * their events, batch output, and what servers and proxies make of them, OpenRouter, DeepSeek, Kimi, Ollama and Anthropic's
 * own among them. Shapes as documented in November 2026. The user says where they are.
 */
export default defineProvider({
  title: (host) => host.generic.name,
  parserVersion: 1,
  capabilities: {
    skills: 'unsupported',
    hooks: 'unsupported',
    mcpIdentity: 'estimated',
    taskHistory: 'unsupported',
    interactionTokens: 'estimated',
  },
  capabilityNotes: {
    mcpIdentity: 'From calls of MCP servers by name, or of tools called mcp__server__tool.',
    interactionTokens: 'Exact by response; by tool only from sizes.',
  },
  roots: (host) => {
    const { resolve } = pathsOf(host);
    const paths = host.generic.paths.filter((path) => path.trim() !== '');
    return [...new Set(paths.map((path) => absolutePath(host, path) ?? resolve(host.home, path.trim())))];
  },
  // Also when rotated: `a.jsonl.1`, `a.jsonl-20260401`.
  accepts: (path) => /\.(?:jsonl|ndjson)(?:[.-]\d{1,10})?$/i.test(path),
  read: (file, from) => readLog(file, from),
});

// ---- what is taken --------------------------------------------------------------------------------------------------

const usageFields = {
  // chat completions
  prompt_tokens: 'number',
  completion_tokens: 'number',
  total_tokens: 'number',
  prompt_tokens_details: { cached_tokens: 'number', cache_write_tokens: 'number', cache_creation_tokens: 'number' },
  completion_tokens_details: { reasoning_tokens: 'number' },
  // responses
  input_tokens: 'number',
  output_tokens: 'number',
  input_tokens_details: { cached_tokens: 'number', cache_write_tokens: 'number' },
  output_tokens_details: { reasoning_tokens: 'number' },
  // DeepSeek, Kimi
  prompt_cache_hit_tokens: 'number',
  cached_tokens: 'number',
  // OpenRouter
  cost: 'number',
  is_byok: 'flag',
  cost_details: { upstream_inference_cost: 'number' },
  // Anthropic
  cache_read_input_tokens: 'number',
  cache_creation_input_tokens: 'number',
  cache_creation: { ephemeral_1h_input_tokens: 'number' },
  server_tool_use: { web_search_requests: 'number' },
} as const;

const answerFields = {
  id: 'text',
  type: 'text',
  object: 'text',
  created: 'scalar',
  created_at: 'scalar',
  model: 'text',
  service_tier: 'text',
  usage: usageFields,
  choices: list({
    message: { tool_calls: list({ id: 'text', function: { name: 'text', arguments: sized({}) } }) },
  }),
  output: list({ type: 'text', id: 'text', call_id: 'text', name: 'text', server_label: 'text', arguments: sized({}) }),
  content: list({ type: 'text', id: 'text', name: 'text', input: sized({}) }),
  // Ollama's own
  prompt_eval_count: 'number',
  eval_count: 'number',
  session_id: 'text',
  conversation: textOr({ id: 'text' }),
  metadata: { session_id: 'text' },
} as const;

const plan = fields({
  ...answerFields,
  timestamp: 'scalar',
  time: 'scalar',
  response: { ...answerFields, body: answerFields },
  body: answerFields,
  data: { ...answerFields, response: answerFields },
  result: answerFields,
});

type Row = Picked<typeof plan>;
type Answer = PickedShape<typeof answerFields>;
type Usage = PickedShape<typeof usageFields>;
type Context = RecordContext<null>;

const readLog = jsonLines({ plan, start: () => null, restore: () => null, parse });

// ---- records --------------------------------------------------------------------------------------------------------

/** Parts of an answer, whose usage comes with another record. */
const parts = /^(?:chat\.completion\.chunk|response\.[a-z_.]+)$/;

function parse(row: Row, context: Context): void {
  const answer = answerIn(row);
  const counts = answer === undefined ? undefined : countsOf(answer, context);
  if (answer !== undefined && counts !== undefined) return takeAnswer(answer, counts, row, context);
  if (!parts.test(row.object ?? row.type ?? '')) context.unknownType();
}

/** The answer in a record, which may be wrapped together with its request. */
function answerIn(row: Row): Answer | undefined {
  // Anthropic's stream tells the counts of one message in two records that do not name it.
  if (row.type?.startsWith('message_')) return undefined;
  const places = [row, row.response, row.response?.body, row.body, row.data, row.data?.response, row.result];
  const answers = places.filter((place) => place !== undefined && familyOf(place) !== undefined);
  return answers.find((place) => place?.object !== undefined) ?? answers[0];
}

function takeAnswer(answer: Answer, counts: Counts, row: Row, context: Context): void {
  const at = momentOf(answer.created) ?? momentOf(answer.created_at) ?? momentOf(row.timestamp) ?? momentOf(row.time);
  const model = answer.model || row.model || 'unknown';
  context.emitTurn({
    kind: 'turn',
    key: keyOf(answer, model, at, counts, context),
    session: sessionOf(answer, row, context),
    at,
    model,
    usage: counts.usage,
    fast: false,
    serviceTier: answer.service_tier,
    costNanoUsd: costOf(answer.usage),
    webSearchRequests: counts.webSearches,
    promptTokens: counts.prompt,
    contextTokens: counts.prompt + counts.usage.outputTokens,
    sidechain: false,
    rank: 'own',
    suspect: counts.suspect,
    quality: 'measured',
    copies: 'prompt',
    tools: toolsOf(answer, at, context),
  });
}

/**
 * By the response's id, across files; a weak one names it only together with time and model. Without an id: the place in
 * the file and what is told there.
 */
function keyOf(answer: Answer, model: string, at: number | undefined, counts: Counts, context: Context): string {
  if (answer.id === undefined || answer.id === '') {
    const { uncachedInputTokens, outputTokens } = counts.usage;
    return JSON.stringify([context.file.number, context.offset, at, model, uncachedInputTokens, outputTokens]);
  }
  return isWeakId(answer.id) ? JSON.stringify([answer.id, at, model]) : answer.id;
}

/** What the log calls it; else the file is the session, by its name and its folder's. */
function sessionOf(answer: Answer, row: Row, { file }: Context): string {
  for (const place of [answer, row]) {
    const { conversation } = place;
    const named =
      place.session_id ||
      (typeof conversation === 'string' ? conversation : conversation?.id) ||
      place.metadata?.session_id;
    if (named) return named;
  }
  return file.relativePath.includes('/') ? file.relativePath : file.path.split(/[/\\]/).slice(-2).join('/');
}

/** Seconds or milliseconds since 1970, or RFC 3339. A time without a zone is no moment. */
function momentOf(value: string | number | undefined): number | undefined {
  const number = typeof value === 'string' && /^\d{9,13}(?:\.\d+)?$/.test(value) ? Number(value) : value;
  if (typeof number === 'string' || number === undefined) return timeOf(number);
  if (!(number > 0 && number < 1e14)) return undefined;
  return Math.round(number < 1e11 ? number * 1000 : number);
}

/** What OpenRouter charged and, where the user's own key was charged by the vendor, that too. */
function costOf(usage: Usage | undefined): number | undefined {
  const upstream = usage?.is_byok === true ? usage.cost_details?.upstream_inference_cost : 0;
  return usage?.cost === undefined || upstream === undefined ? undefined : nanoUsdOf(usage.cost + upstream);
}

// ---- counts ---------------------------------------------------------------------------------------------------------

interface Counts {
  readonly usage: TokenUsage;
  /** Tokens of the whole prompt, cached or not. */
  readonly prompt: number;
  readonly webSearches: number;
  readonly suspect: boolean;
}

/** Undefined: nothing was measured, or all of it is zero. */
function countsOf(answer: Answer, context: Context): Counts | undefined {
  const bad = context.badCounts;
  const count = (value: number | undefined): number => countOf(value, context);
  const told = familyOf(answer);
  if (told === undefined) return undefined;
  const [input, plainOutput, read, write] = [
    count(told.input),
    count(told.output),
    count(told.read),
    count(told.write),
  ];
  const beside = (told.total ?? 0) - input - plainOutput;
  const isCacheApart = told.isCacheApart || (read + write > 0 && [0, told.reasoning].includes(beside - read - write));
  const prompt = isCacheApart ? input + read + write : input;
  const { output, reasoning } = outputOf({ ...told, prompt, output: plainOutput }, context);
  if (read + write > prompt) context.bad();
  const cacheRead = Math.min(read, prompt);
  const cacheWrite = Math.min(write, prompt - cacheRead);
  const write1h = Math.min(cacheWrite, count(told.write1h));
  const webSearches = count(told.webSearches);
  const suspect = context.badCounts > bad;
  if (prompt + output === 0 && !suspect) return undefined;
  const usage = {
    uncachedInputTokens: prompt - cacheRead - cacheWrite,
    cacheReadInputTokens: cacheRead,
    cacheCreation5mInputTokens: cacheWrite - write1h,
    cacheCreation1hInputTokens: write1h,
    outputTokens: output,
    reasoningOutputTokens: reasoning,
  };
  return { usage, prompt, webSearches, suspect };
}

/** Counts as one vendor tells them. */
interface Family {
  readonly input: number | undefined;
  readonly output: number | undefined;
  readonly reasoning?: number | undefined;
  readonly total?: number | undefined;
  readonly read?: number | undefined;
  readonly write?: number | undefined;
  readonly write1h?: number | undefined;
  /** The cache is not counted within the input. */
  readonly isCacheApart: boolean;
  readonly webSearches?: number | undefined;
}

/** Proxies may send two families: the same twice, or one of zeros. They are never added. */
function familyOf(answer: Answer): Family | undefined {
  const { usage, prompt_eval_count: input, eval_count: output } = answer;
  const isChat = usage?.prompt_tokens !== undefined || usage?.completion_tokens !== undefined;
  const isInput = usage?.input_tokens !== undefined || usage?.output_tokens !== undefined;
  const chatIsZero = (usage?.prompt_tokens ?? 0) === 0 && (usage?.completion_tokens ?? 0) === 0;
  if (usage !== undefined && isChat && !(chatIsZero && isInput)) return chatFamily(usage);
  if (usage !== undefined && isInput) return inputFamily(usage, answer);
  // Ollama's own
  return input === undefined && output === undefined ? undefined : { input, output, isCacheApart: false };
}

function chatFamily(usage: Usage): Family {
  const details = usage.prompt_tokens_details;
  return {
    input: usage.prompt_tokens,
    output: usage.completion_tokens,
    reasoning: usage.completion_tokens_details?.reasoning_tokens,
    total: usage.total_tokens,
    read: largest(
      details?.cached_tokens,
      usage.prompt_cache_hit_tokens,
      usage.cached_tokens,
      usage.cache_read_input_tokens,
    ),
    write: largest(details?.cache_write_tokens, details?.cache_creation_tokens, usage.cache_creation_input_tokens),
    write1h: usage.cache_creation?.ephemeral_1h_input_tokens,
    isCacheApart: false,
  };
}

/** OpenAI's responses count the cache within the input and tell of it in details; Anthropic's messages count it apart. */
function inputFamily(usage: Usage, answer: Answer): Family {
  const details = usage.input_tokens_details;
  const counts = {
    input: usage.input_tokens,
    output: usage.output_tokens,
    reasoning: usage.output_tokens_details?.reasoning_tokens,
    total: usage.total_tokens,
  };
  if (details === undefined) {
    return {
      ...counts,
      read: usage.cache_read_input_tokens,
      write: usage.cache_creation_input_tokens,
      write1h: usage.cache_creation?.ephemeral_1h_input_tokens,
      isCacheApart: true,
      webSearches: usage.server_tool_use?.web_search_requests,
    };
  }
  return {
    ...counts,
    read: details.cached_tokens,
    write: details.cache_write_tokens,
    isCacheApart: false,
    webSearches: answer.output?.items.filter((item) => item.type === 'web_search_call').length,
  };
}

/** The same count under several names. NaN wins, to be told as bad. */
function largest(...values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
}

// ---- tools ----------------------------------------------------------------------------------------------------------

function toolsOf(answer: Answer, at: number | undefined, context: Context): readonly ToolCall[] {
  const calls: ToolCall[] = [];
  const add = (
    id: string | undefined,
    name: string | undefined,
    input: Parameters<Context['digest']>[0] | undefined,
    more: Partial<ToolCall> = {},
  ): void => {
    const [, server, tool] = /^mcp__(.+?)__(.+)$/.exec(name ?? '') ?? [];
    calls.push({
      key: id ?? String(calls.length),
      at,
      name: name ?? 'unknown',
      mcpServer: server,
      mcpTool: tool,
      type: server === undefined ? 'tool' : 'mcp',
      inputSizeBytes: input?.sizeBytes ?? 0,
      inputDigest: input === undefined ? undefined : context.digest(input),
      ...more,
    });
  };
  for (const choice of answer.choices?.items ?? [])
    for (const call of choice.message?.tool_calls?.items ?? [])
      add(call.id, call.function?.name, call.function?.arguments);
  for (const item of answer.output?.items ?? []) {
    if (item.type === 'function_call') add(item.call_id ?? item.id, item.name, item.arguments);
    if (item.type === 'mcp_call')
      add(item.id, item.name, item.arguments, { type: 'mcp', mcpServer: item.server_label, mcpTool: item.name });
    if (item.type === 'web_search_call') add(item.id, 'web_search', undefined, { type: 'server_tool' });
  }
  for (const block of answer.content?.items ?? [])
    if (block.type === 'tool_use') add(block.id, block.name, block.input);
  return calls;
}
