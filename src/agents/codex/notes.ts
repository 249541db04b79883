import type { CompactionEvent, PromptEvent, ToolCall, TurnEvent } from '../../events.ts';
import type { LogFile } from '../../provider.ts';
import type { RecordContext } from '../../readers/json-lines.ts';

/** Input, cached input, cache writes, output, reasoning, as Codex counts them: the middle two within the first, the last within the fourth. */
export type Counters = readonly [number, number, number, number, number];

/** What must be remembered of a file between two readings. Ids, names, numbers and times only. */
export interface Notes {
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
export interface Fork {
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

/** A tool call that waits for its turn or its answer. */
export interface Call {
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

/** What the parts of the reader are handed beside a line. */
export type Context = RecordContext<Notes>;

/** Notes of a rollout of which nothing has been read. */
export function startNotes(file: LogFile): Notes {
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

/** Nothing was told since. */
export function nothingSince(): Notes['since'] {
  return { lasts: 0, prompts: 0, compactions: 0, changes: 0 };
}

/** Notes as they were kept; undefined when they are not of this shape. */
export function restoreNotes(kept: unknown): Notes | undefined {
  const notes = kept as Notes | null; // our own JSON, from our own table
  return typeof notes === 'object' && notes !== null && typeof notes.thread === 'string' ? notes : undefined;
}

/** Windows and prompts beyond this number, and calls beyond that one, are no use to anybody. */
export const mostWaiting = 32;

/** More calls are not open at once. */
export const mostCalls = 128;
