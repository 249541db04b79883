/**
 * What a log can tell us. Every provider translates its agent's records into these and nothing else crosses that line:
 * no field here could hold a prompt, an answer, a tool's arguments or a file's content.
 * Times are UTC milliseconds; money is integer nano-USD (1e-9 USD); tokens are whole and >= 0.
 */
export type LogEvent =
  | SessionEvent
  | TurnEvent
  | PromptEvent
  | ToolEvent
  | ToolResultEvent
  | CompactionEvent
  | ActivityEvent
  | LimitEvent
  | StretchEvent
  | CopiedEvent;

/** Disjoint token kinds by OpenTelemetry's names, except `reasoningOutputTokens`, which is a part of `outputTokens`. */
export interface TokenUsage {
  readonly uncachedInputTokens: number;
  readonly cacheReadInputTokens: number;
  /** Written to the cache for five minutes. */
  readonly cacheCreation5mInputTokens: number;
  /** Written to the cache for one hour. */
  readonly cacheCreation1hInputTokens: number;
  /** All output, reasoning included. */
  readonly outputTokens: number;
  /** Absent: the log does not say. */
  readonly reasoningOutputTokens?: number | undefined;
}

/**
 * How near a record is to the response's origin: the lowest rank seen owns the response.
 * `own`: written where it happened. `progress`: a copy embedded in another conversation's progress record.
 */
export type CopyRank = 'own' | 'progress';

/** Facts of one conversation. Sent whenever they are known or change; absent fields leave the stored ones alone. */
export interface SessionEvent {
  readonly kind: 'session';
  /** The conversation's id, unique within its provider. */
  readonly session: string;
  /** Set on a subagent: the conversation that started it. */
  readonly parent?: string | undefined;
  /** Absolute working directory; the project is resolved from it. */
  readonly cwd?: string | undefined;
  /** What the provider's directory name says, for logs without a `cwd`. */
  readonly projectHint?: string | undefined;
  readonly branch?: string | undefined;
  /** The agent's own version. */
  readonly version?: string | undefined;
  /** A subagent's kind, such as `Explore`. */
  readonly agentType?: string | undefined;
  /** The window the log itself reports, in tokens. */
  readonly contextWindow?: number | undefined;
  /** How full the log says the context is now, in tokens, where that stands beside its turns; it is believed over them. */
  readonly contextTokens?: number | undefined;
  /** `progress` facts never replace `own` ones. */
  readonly rank: CopyRank;
  readonly at?: number | undefined;
}

/**
 * Whichever it is, neither the order of copies nor where reading paused shows in the result.
 * `fields`: the maximum of each count.
 * `prompt`: the same, but the uncached input is what the prompt (`promptTokens`) leaves beside the cache; for logs that
 * count the cache within the prompt, where a later copy may tell a larger share of the same prompt as cached.
 * `largest`: the counts of the copy with the most tokens and of no other; for ids that a log gives to unlike records.
 * With these three, copies of the main chain leave those of side chains out of account.
 * `chains`: as `fields`, but over all copies, and a side chain's when one of them says so; for logs of which only some
 * tell who started a conversation.
 */
export type CopyRule = 'fields' | 'prompt' | 'largest' | 'chains';

/** One model response: one API call, the billed unit. Copies of it share `key` and become one by `copies`. */
export interface TurnEvent {
  readonly kind: 'turn';
  /** Natural key: unique within the provider, the same wherever a copy of the response lies. */
  readonly key: string;
  readonly session: string;
  /** Undefined: the record has no usable time; the file's is taken and the row marked approximate. */
  readonly at: number | undefined;
  readonly model: string;
  readonly usage: TokenUsage;
  readonly fast: boolean;
  readonly serviceTier?: string | undefined;
  /** What the log itself says this response cost, in nano-USD. */
  readonly costNanoUsd?: number | undefined;
  readonly webSearchRequests: number;
  /** Prompt of the (last) request in tokens: fill before the answer, and what price tiers go by. */
  readonly promptTokens: number;
  /** Tokens the next request starts from: prompt plus answer of the last request. */
  readonly contextTokens: number;
  /** Not of the main chain: a subagent's or a side conversation's. */
  readonly sidechain: boolean;
  readonly rank: CopyRank;
  readonly branch?: string | undefined;
  /** Writes a compaction summary. */
  readonly compaction?: boolean | undefined;
  /** A count was absurd and taken as 0. */
  readonly suspect?: boolean | undefined;
  /** `partial`: the log tells the output and not what went in, so that nobody can price it. */
  readonly quality: 'measured' | 'logged' | 'estimated' | 'imported' | 'partial';
  /** How copies become one; every copy of a response says the same. Default: `fields`. */
  readonly copies?: CopyRule | undefined;
  /** How many responses it stands for, where the log tells but their sum. Default: 1. */
  readonly responses?: number | undefined;
  /** Set where several sources tell of the same responses: which of them this is. Such a turn has no `tools`. */
  readonly source?: TurnSource | undefined;
  /** See {@link ForkDepth}. */
  readonly forkDepth?: ForkDepth | undefined;
  /** What the model asked for in this response. Copies of it add to each other, by their keys. */
  readonly tools: readonly ToolCall[];
}

/**
 * Where the same responses are told of more than once (by a database, by each record, by a sum at the end), only the
 * best telling is counted, stretch by stretch: in every stretch of a session the turns of the least rank. The others
 * are kept, for which is best shows only when all has been read. Stretches are parted by `StretchEvent`s.
 */
export interface TurnSource {
  /** The less, the better. */
  readonly rank: number;
  /** The session whose stretches count: for a subagent's turn that of the conversation it belongs to. */
  readonly session: string;
  /** It stands for all responses from then (UTC ms, the beginning of a stretch) to its own time. Absent: for itself. */
  readonly from?: number | undefined;
  /** One response that its source tells apart from the rest: it gives way to a better rank and never makes another give way. */
  readonly isExtra?: boolean | undefined;
}

/** Parts a session's time, so that which source tells best is asked on either side anew. */
export interface StretchEvent {
  readonly kind: 'stretch';
  readonly session: string;
  /** Undefined: without a usable time it parts nothing. */
  readonly at: number | undefined;
  /** Absent: a stretch begins at `at`. Else one ends with it, and this rank has told all there was since `from`, be it nothing. */
  readonly told?: { readonly rank: number; readonly from: number } | undefined;
}

/**
 * Set on a record that stands in a fork of a conversation, where nothing but its likeness in other files can tell whether
 * it was copied there: 1 in a fork, 2 in a fork of a fork, and so on. Its key is then the same in every file that may hold
 * it. It counts where this is least (absent: at its origin); where two forks of equal depth hold it and no nearer
 * file does, it was copied into both from one that is gone, and counts in neither.
 */
export type ForkDepth = number;

/** All records with a `forkDepth` that were told of this session so far turn out to be copies. */
export interface CopiedEvent {
  readonly kind: 'copied';
  readonly session: string;
}

/** One message of the user. Only that it happened. */
export interface PromptEvent {
  readonly kind: 'prompt';
  readonly key: string;
  readonly session: string;
  readonly at: number | undefined;
  /** The model of the response it caused; sent again with the same key once known. */
  readonly model?: string | undefined;
  readonly branch?: string | undefined;
  readonly rank: CopyRank;
  /** See {@link ForkDepth}. */
  readonly forkDepth?: ForkDepth | undefined;
  /** Natural key of a response with a `forkDepth`, told before: this is a copy if that is one, and needs no key in common. */
  readonly turn?: string | undefined;
}

/**
 * A tool that ran where the log does not say which response asked for it. Told again with the same session and key, it
 * is the same call: the later report fills what the earlier left out.
 */
export interface ToolEvent {
  readonly kind: 'tool';
  readonly session: string;
  readonly call: ToolCall;
  /** The model at that time, where known: the call counts there. */
  readonly model?: string | undefined;
  readonly branch?: string | undefined;
  readonly sidechain: boolean;
}

/** A tool the model asked for, as a part of a turn or, in a `ToolEvent`, of a session. */
export interface ToolCall {
  /** Unique within its turn, or its session. */
  readonly key: string;
  readonly at: number | undefined;
  readonly name: string;
  readonly mcpServer?: string | undefined;
  readonly mcpTool?: string | undefined;
  /** For a subagent call the agent's type, for a skill its name. */
  readonly target?: string | undefined;
  readonly type: 'tool' | 'mcp' | 'skill' | 'subagent' | 'server_tool';
  /** Bytes of the serialised arguments as they stand in the log. */
  readonly inputSizeBytes: number;
  /** Keyed hash of the arguments, 16 bytes as the characters of a text; absent where the log keeps none. */
  readonly inputDigest?: string | undefined;
  /** Of a subagent call: `sync`, `background`, or what the log calls it. */
  readonly executionMode?: string | undefined;
  /** Of a subagent call: the model it was asked to run on. */
  readonly requestedModel?: string | undefined;
  /** Key of the call, or the task, within which this one ran. */
  readonly parent?: string | undefined;
  /** What came back, when the log told it soon after. */
  result?: ToolResult | undefined;
}

/** What came back for a tool call that was sent before. */
export interface ToolResultEvent {
  readonly kind: 'tool_result';
  /** The call's. */
  readonly key: string;
  /** Natural key of the turn that asked. */
  readonly turn: string;
  readonly session: string;
  readonly result: ToolResult;
}

export interface ToolResult {
  readonly at: number | undefined;
  readonly isError: boolean;
  readonly outputSizeBytes: number;
  readonly durationMs?: number | undefined;
  /** The subagent this call started. */
  readonly childSession?: string | undefined;
  readonly childAgentType?: string | undefined;
  readonly resolvedModel?: string | undefined;
  readonly status?: string | undefined;
  readonly toolCalls?: number | undefined;
  /** Tokens the log says the subagent used in all. Shown, never added: its responses are counted where they stand. */
  readonly totalTokens?: number | undefined;
}

/** The conversation was summarised; the fill before it is void. */
export interface CompactionEvent {
  readonly kind: 'compaction';
  readonly key: string;
  readonly session: string;
  readonly at: number | undefined;
  readonly trigger?: string | undefined;
  readonly preTokens?: number | undefined;
  readonly postTokens?: number | undefined;
  readonly micro: boolean;
  /** See {@link ForkDepth}. */
  readonly forkDepth?: ForkDepth | undefined;
}

/** Something that happened beside the tokens: a hook ran, a mode or model changed, a request was retried. */
export interface ActivityEvent {
  readonly kind: 'activity';
  readonly key: string;
  readonly session: string;
  readonly at: number | undefined;
  readonly type:
    | 'hook'
    | 'mode_change'
    | 'model_change'
    | 'notification'
    | 'plan'
    | 'skill'
    | 'subagent'
    | 'retry'
    | 'pr';
  readonly phase: 'single' | 'start' | 'complete' | 'invoked' | 'changed' | 'emitted';
  readonly name: string;
  readonly hookType?: string | undefined;
  readonly status?: string | undefined;
  readonly success?: boolean | undefined;
  readonly durationMs?: number | undefined;
  /** How many, where the record tells a number only (hooks run, skills listed). */
  readonly count?: number | undefined;
  /** Shared by the records of one act: a start and its end, a hook and the tool call it was run for. */
  readonly correlation?: string | undefined;
  /** Key of the call within which it happened. */
  readonly parent?: string | undefined;
  readonly agentType?: string | undefined;
  readonly executionMode?: string | undefined;
  /** The model it ran on or, of a model change, the new one. */
  readonly model?: string | undefined;
  /** Bytes of what went in and came out, as serialised in the log. */
  readonly inputSizeBytes?: number | undefined;
  readonly outputSizeBytes?: number | undefined;
  /** Keyed hash of what went in, 16 bytes as the characters of a text. */
  readonly inputDigest?: string | undefined;
  /** Tokens and tool calls of the whole act as the log sums them up. Shown, never added. */
  readonly totalTokens?: number | undefined;
  readonly toolCalls?: number | undefined;
  /** See {@link ForkDepth}. */
  readonly forkDepth?: ForkDepth | undefined;
}

/** A usage limit as the log reports it. */
export interface LimitEvent {
  readonly kind: 'limit';
  readonly key: string;
  readonly session?: string | undefined;
  readonly at: number | undefined;
  /** `five_hour`, `weekly`, or what the log calls it. */
  readonly window: string;
  readonly windowMinutes?: number | undefined;
  /** 0–100. */
  readonly usedPct?: number | undefined;
  /** How much was used and how much there is, in the window's own unit (requests, credits): no money. */
  readonly used?: number | undefined;
  readonly entitlement?: number | undefined;
  readonly resetsAt?: number | undefined;
  readonly reached: boolean;
  readonly plan?: string | undefined;
}
