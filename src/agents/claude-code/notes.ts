import type { CopyRank } from '../../events.ts';
import type { LogFile } from '../../provider.ts';
import type { RecordContext } from '../../readers/json-lines.ts';
import type { Row } from './plan.ts';

/** What must be remembered of a file between two readings. Ids, names and times only. */
export interface Notes {
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

/** What the parts of the reader are handed beside a row. */
export type Context = RecordContext<Notes>;

/** Notes of a log of which nothing has been read. */
export function startNotes(file: LogFile): Notes {
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

/** Notes as they were kept; undefined when they are not of this shape. */
export function restoreNotes(kept: unknown): Notes | undefined {
  const notes = kept as Notes | null; // our own JSON, from our own table
  return typeof notes === 'object' && notes !== null && typeof notes.session === 'string' ? notes : undefined;
}

/** The id of a subagent’s session. */
export function childSession(parent: string, agentId: string): string {
  return `${parent}-agent-${agentId}`;
}

/** Chains kept of a file; beyond, the one that began first is forgotten, but never the main one. */
const mostChains = 256;

/** The last row of the user’s in a chain. */
export function rememberUser(notes: Notes, chain: string, uuid: string): void {
  if (notes.lastUser[chain] === undefined) {
    const chains = Object.keys(notes.lastUser);
    const oldest = chains.length < mostChains ? undefined : chains.find((name) => name !== '');
    if (oldest !== undefined) delete notes.lastUser[oldest];
  }
  notes.lastUser[chain] = uuid;
}

/** Calls that never answer must not pile up. */
const mostOpenCalls = 64;

/** A call that waits for its answer. */
export function rememberCall(notes: Notes, call: OpenCall): void {
  if (notes.calls.length >= mostOpenCalls) notes.calls.shift();
  notes.calls.push(call);
}

/** Makes room for so many calls at once, as if they had been remembered one after another. */
export function forgetCalls({ calls }: Notes, atOnce: number): void {
  calls.splice(0, Math.max(0, calls.length + atOnce - mostOpenCalls));
}

/** The open call of this id, which is thereby answered. */
export function answerCall(notes: Notes, id: string): OpenCall | undefined {
  const { calls } = notes;
  let index = calls.length - 1;
  while (index >= 0 && calls[index]?.id !== id) index--;
  if (index === calls.length - 1) return calls.pop(); // as it nearly always is
  return index < 0 ? undefined : calls.splice(index, 1)[0];
}

/** A row of no id is known by its place in the file. */
export function rowKeyOf(row: Row, context: Context): string {
  return row.uuid ?? `${context.file.scope}:${context.offset}`;
}

/** Where, when and within what a message stands. */
export interface Place {
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
