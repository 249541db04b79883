import type { ToolCall, ToolResult, TurnEvent } from './events.ts';

/**
 * Responses as readers/wasm/usual-rows.ts tells them: rows of numbers for them and for their calls, and texts by where
 * they lie. Between threads they go as they are, and become events with whoever takes them.
 */
export interface ToldRun {
  readonly numbers: Float64Array;
  /** Where the rows of the responses begin among the numbers, and how many there are. */
  readonly turns: number;
  readonly turnCount: number;
  /** Likewise of their calls. */
  readonly calls: number;
  readonly callCount: number;
  /** Keys and hashes. */
  readonly texts: string;
  /** By their numbers, of which 0 stands for none. */
  readonly names: readonly ToldName[];
  readonly facts: ToldFacts;
}

/** A name of a model, a tier, a tool or a hook. */
export interface ToldName {
  readonly name: string;
  /** What it says when it is a tool's. */
  readonly mcpServer: string | undefined;
  readonly mcpTool: string | undefined;
}

/** What holds for every response of a run. */
export interface ToldFacts {
  readonly session: string;
  readonly branch: string | undefined;
  readonly sidechain: boolean;
  readonly compaction: boolean | undefined;
}

/** Values in the row of a response, and of a call. */
export const turnWidth = 20;
export const callWidth = 10;

/** Takes runs of a log one after another, and keeps nothing of what it is handed. */
export interface ToldSink {
  /**
   * In the place of a row that says what it is ({@link placeOf}) stands how many events of its batch go before that
   * response, or -1: it is not to be taken. The list of names may grow; another one begins its numbers anew.
   */
  take(run: ToldRun): void;
}

/** The index among a run's numbers of the value that says what a row is: 0 a response. */
export function placeOf(row: number): number {
  return row + 18;
}

const noTools: readonly ToolCall[] = [];
const noKeys: readonly string[] = [];

/**
 * The response in a row.
 * V8 has to make code of this in every run, so it is kept from work: no calls for single numbers, and `| 0` behind those
 * that are integers, which it then takes for such throughout.
 */
export function turnOf(run: ToldRun, row: number): TurnEvent {
  const { numbers, texts, names, facts } = run;
  const keyAt = (numbers[row] as number) | 0;
  const tier = (numbers[row + 3] as number) | 0;
  const reasoning = (numbers[row + 14] as number) | 0;
  const callCount = (numbers[row + 7] as number) | 0;
  return {
    kind: 'turn',
    key: texts.slice(keyAt, keyAt + ((numbers[row + 1] as number) | 0)),
    session: facts.session,
    at: numbers[row + 8],
    model: nameAt(names, (numbers[row + 2] as number) | 0),
    usage: {
      uncachedInputTokens: (numbers[row + 9] as number) | 0,
      cacheReadInputTokens: (numbers[row + 10] as number) | 0,
      cacheCreation5mInputTokens: (numbers[row + 11] as number) | 0,
      cacheCreation1hInputTokens: (numbers[row + 12] as number) | 0,
      outputTokens: (numbers[row + 13] as number) | 0,
      reasoningOutputTokens: reasoning < 0 ? undefined : reasoning,
    },
    fast: numbers[row + 5] === 1,
    serviceTier: tier === 0 ? undefined : nameAt(names, tier),
    costNanoUsd: undefined,
    webSearchRequests: (numbers[row + 15] as number) | 0,
    promptTokens: numbers[row + 16] as number,
    contextTokens: numbers[row + 17] as number,
    sidechain: facts.sidechain,
    rank: 'own',
    branch: numbers[row + 4] === 1 ? facts.branch : undefined,
    compaction: facts.compaction,
    suspect: false,
    quality: 'measured',
    tools: callCount === 0 ? noTools : callsOf(run, (numbers[row + 6] as number) | 0, callCount),
  };
}

/** Have all calls of the response in a row been answered? */
export function isAnswered({ numbers, calls }: ToldRun, row: number): boolean {
  const first = calls + callWidth * ((numbers[row + 6] as number) | 0);
  const end = first + callWidth * ((numbers[row + 7] as number) | 0);
  for (let call = first; call < end; call += callWidth) if (numbers[call + 6] === 1) return false;
  return true;
}

/** The keys of the calls of the response in a row. */
export function callKeys({ numbers, calls, texts }: ToldRun, row: number): readonly string[] {
  const count = (numbers[row + 7] as number) | 0;
  if (count === 0) return noKeys;
  const keys: string[] = [];
  const first = calls + callWidth * ((numbers[row + 6] as number) | 0);
  for (let call = first; call < first + count * callWidth; call += callWidth) {
    const keyAt = (numbers[call] as number) | 0;
    keys.push(texts.slice(keyAt, keyAt + ((numbers[call + 1] as number) | 0)));
  }
  return keys;
}

/** Of a run, by the number it is told under. */
export function nameAt(names: readonly ToldName[], number: number): string {
  return (names[number] as ToldName).name; // as it was told
}

function callsOf(run: ToldRun, first: number, count: number): readonly ToolCall[] {
  const calls: ToolCall[] = [];
  for (let i = first; i < first + count; i++) calls.push(callOf(run, run.calls + i * callWidth));
  return calls;
}

function callOf({ numbers, texts, names }: ToldRun, row: number): ToolCall {
  const keyAt = (numbers[row] as number) | 0;
  const hashAt = (numbers[row + 5] as number) | 0;
  const { name, mcpServer, mcpTool } = names[(numbers[row + 2] as number) | 0] as ToldName; // as it was told
  return {
    key: texts.slice(keyAt, keyAt + ((numbers[row + 1] as number) | 0)),
    at: numbers[row + 3],
    name,
    mcpServer,
    mcpTool,
    target: undefined,
    type: mcpServer === undefined ? 'tool' : 'mcp',
    inputSizeBytes: (numbers[row + 4] as number) | 0,
    inputDigest: texts.slice(hashAt, hashAt + 16),
    result:
      numbers[row + 6] === 1
        ? undefined
        : plainAnswer(numbers[row + 7] as number, (numbers[row + 8] as number) | 0, numbers[row + 9] === 1),
  };
}

/** An answer of which nothing more is told. */
export function plainAnswer(at: number, outputSizeBytes: number, isError: boolean): ToolResult {
  return {
    at,
    isError,
    outputSizeBytes,
    durationMs: undefined,
    childSession: undefined,
    childAgentType: undefined,
    resolvedModel: undefined,
    status: undefined,
    toolCalls: undefined,
  };
}
