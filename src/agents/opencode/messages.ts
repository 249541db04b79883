import type { TokenUsage, ToolCall, TurnEvent } from '../../events.ts';
import type { RowContext } from '../../readers/sqlite-rows.ts';
import { countOf, nanoUsdOf } from '../../readers/values.ts';

/** Tokens as a message or a part tells them: the cache is not in `input`, the reasoning not in `output`. */
export interface Tokens {
  readonly input: number | undefined;
  readonly output: number | undefined;
  readonly reasoning: number | undefined;
  readonly cacheRead: number | undefined;
  readonly cacheWrite: number | undefined;
}

export interface Message extends Tokens {
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

export type Context = Pick<RowContext<unknown>, 'emit' | 'bad' | 'badCounts' | 'unknownType'>;

/** For what is counted where it stands. */
export const silently = { bad: () => undefined };

export function usageOf(tokens: Tokens, record: { bad(): void }): TokenUsage {
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

export function isNothing(usage: TokenUsage): boolean {
  return promptOf(usage) + usage.outputTokens === 0;
}

/** What the message itself tells of a response. Nothing while there are no tokens: it has only begun, or failed. */
export function takeMessage(message: Message, context: Context): void {
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

export function turnOf(
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
export function isCopy({ id, createdAt }: Message): boolean {
  const [, head] = /^msg_([0-9a-f]{12})[0-9A-Za-z]{14}$/.exec(id) ?? [];
  if (head === undefined || createdAt === undefined || createdAt < 0) return false;
  const round = 2 ** 36;
  const lateMs = (Math.floor(Number.parseInt(head, 16) / 4096) - (createdAt % round) + round) % round;
  return lateMs > minuteMs && lateMs < round / 2;
}

export function msOf(value: number | undefined): number | undefined {
  return value !== undefined && Number.isFinite(value) ? Math.trunc(value) : undefined;
}
