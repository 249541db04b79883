import type { LogFile } from '../../provider.ts';
import type { PickedSized, Shape } from '../../readers/fields.ts';
import type { RecordContext } from '../../readers/json-lines.ts';

/** What must be remembered of a file between two readings. Ids, names, counts and times only. */
export interface Notes {
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

/** What one model was used for, in a leg or in the whole session. */
export interface Sum {
  readonly requests: number;
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  readonly reasoning: number | undefined;
  readonly nanoAiu: number | undefined;
}

/** A stretch from a start, or from being resumed, to the program’s end. */
export interface Leg {
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

/** What the parts of the reader are handed beside a record. */
export type Context = RecordContext<Notes>;

/** Notes of a session of which nothing has been read. */
export function startNotes(file: LogFile): Notes {
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

/** Notes as they were kept; undefined when they are not of this shape. */
export function restoreNotes(kept: unknown): Notes | undefined {
  const notes = kept as Notes | null; // our own JSON, from our own table
  return typeof notes === 'object' && notes !== null && typeof notes.session === 'string' ? notes : undefined;
}

/** More of a kind are not remembered: the oldest goes. */
const mostRemembered = 64;

/** Adds to a list that is kept; the oldest of many goes. */
export function remember<T>(list: T[], item: T): void {
  if (list.push(item) > mostRemembered) list.shift();
}

/** A map whose keys no plan can name. Undefined: it is none. */
export function membersOf(
  value: PickedSized<Shape>,
  context: Context,
): readonly (readonly [string, unknown])[] | undefined {
  const whole = context.parsed(value);
  return typeof whole === 'object' && whole !== null && !Array.isArray(whole) ? Object.entries(whole) : undefined;
}
