import type { CopyRank, TokenUsage } from '../../events.ts';
import type { RecordContext } from '../../readers/json-lines.ts';
import type { Row } from './plan.ts';

export type Context = RecordContext<Notes>;

/** What must be remembered of a file between two readings. Ids, names, times and counts only. */
export interface Notes {
  session: string;
  projectHint: string | undefined;
  facts: SessionFacts | undefined;
  model: string | undefined;
  mode: string | undefined;
  /** Prompts nothing has answered yet. */
  prompts: { key: string; at: number | undefined; branch: string | undefined; rank: CopyRank }[];
  /** The last responses, as events told of them. */
  responses: Response[];
  /** The last responses that only an assistant record told of. */
  answers: Response[];
  calls: OpenCall[];
}

export interface SessionFacts {
  readonly cwd: string | undefined;
  readonly branch: string | undefined;
  readonly version: string | undefined;
  readonly contextWindow: number | undefined;
}

/** One call of the API: all of its turn but the tools it asked for. */
export interface Response {
  readonly key: string;
  readonly session: string;
  readonly at: number | undefined;
  readonly model: string;
  readonly usage: TokenUsage;
  readonly prompt: number;
  readonly sidechain: boolean;
  readonly rank: CopyRank;
  readonly branch: string | undefined;
  readonly suspect: boolean;
  /** The log's own id of it. */
  readonly id: string | undefined;
  /** Its assistant record has been read. */
  isAnswered: boolean;
}

/** A tool call without a result yet. `turn`: undefined where no usage of its response is told. */
interface OpenCall {
  readonly key: string;
  readonly name: string;
  readonly turn: string | undefined;
  /** The log's own id of the response. */
  readonly response: string | undefined;
  readonly at: number | undefined;
  durationMs: number | undefined;
}

/** An event and its record stand close together; what is further back is answered by nothing any more. */
export const mostResponses = 32;
export const mostAnswers = 4;
export const mostCalls = 128;

/** A record's own id, else its place in the file. */
export function keyOfRecord(row: Row, context: Context): string {
  return row.uuid ?? `${context.file.scope}:${context.offset}`;
}

/** Adds to a list that never grows longer than `most`. */
export function keepLast<T>(kept: T[], item: T, most: number): void {
  kept.push(item);
  if (kept.length > most) kept.shift();
}
